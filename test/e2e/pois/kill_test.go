//go:build e2e && unix

// Package pois kills processes that work on idle space, and looks at what they leave behind.
package pois

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/accumulator"
	"github.com/gocess/gocess/storage/pois/disk"
	"github.com/gocess/gocess/storage/pois/store"
)

const childFolder = "POIS_KILL_FOLDER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		fmt.Fprintln(os.Stderr, life(dir))
		os.Exit(1) // it only ends by an error
	}
	os.Exit(m.Run())
}

// phases are what a miner does with its idle space, with about the time that each takes.
var phases = map[string]time.Duration{
	"generate": 900 * time.Millisecond,
	"insert":   250 * time.Millisecond,
	"prove":    800 * time.Millisecond,
	"delete":   120 * time.Millisecond,
	"clean":    25 * time.Millisecond,
}

// TestTwoHundredKills kills a miner's process in the middle of every kind of work. Each time the folder opens, agrees
// with the chain, has every live file whole, and proves its space.
func TestTwoHundredKills(t *testing.T) {
	kills := 200
	if testing.Short() {
		kills = 10
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	dir := t.TempDir()
	names := []string{"generate", "insert", "prove", "delete", "clean"}
	hit := map[string]int{}
	for i := range kills {
		phase := names[i%len(names)]
		in := killIn(t, dir, phase, time.Duration(rng.Int64N(int64(phases[phase]))))
		hit[in]++
		inspect(t, dir)
		if t.Failed() {
			t.Fatalf("after kill %d, in phase %s", i+1, in)
		}
	}
	t.Logf("%d kills: %v; the chain is at %+v", kills, hit, read(t, dir))
}

// killIn starts a child, waits until it enters a phase, waits a little longer and kills it. It says in which phase the
// child then was.
func killIn(t *testing.T, dir, phase string, delay time.Duration) string {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), childFolder+"="+dir)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	limit := time.AfterFunc(3*time.Minute, func() { _ = c.Process.Kill() })
	defer limit.Stop()
	entered, last := false, ""
	for lines := bufio.NewScanner(out); lines.Scan(); {
		last = lines.Text()
		if last == phase && !entered {
			entered = true
			time.AfterFunc(delay, func() { _ = c.Process.Kill() })
		}
	}
	_ = c.Wait()
	if !entered {
		t.Fatalf("the child ended before it came to %s, in %q", phase, last)
	}
	return last
}

// inspect opens the folder like a miner that starts again, and checks everything.
func inspect(t *testing.T, dir string) {
	t.Helper()
	ctx := context.Background()
	s, chain, err := open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, pending := s.Pending(); pending || s.Status().Front != chain.Front || s.Status().Rear != chain.Rear {
		t.Errorf("at %+v, the chain at %+v", s.Status(), chain)
	}
	damages, err := s.Check(ctx, nil)
	if err != nil || len(damages) > 0 {
		t.Errorf("damaged files: %v %v", damages, err)
	}
	for file := chain.Front + 1; file <= chain.Rear; file = pois.SetOf(file)*pois.SetFiles + 1 {
		if err := prove(ctx, s, chain, file, file+1); err != nil {
			t.Errorf("file %d: %v", file, err)
		}
	}
}

func config() (store.Config, error) {
	n := new(big.Int).Lsh(big.NewInt(1), 2048)
	key, err := accumulator.ParseKey(n.Sub(n, big.NewInt(1942289)).Bytes(), []byte{3})
	return store.Config{Params: pois.Dev, ID: pois.ID{7}, Key: key}, err
}

// open opens the store and settles what was under way by what the chain says.
func open(dir string) (*store.Store, pois.Status, error) {
	c, err := config()
	if err != nil {
		return nil, pois.Status{}, err
	}
	s, err := store.Open(filepath.Join(dir, "miner"), c)
	if err != nil {
		return nil, pois.Status{}, err
	}
	chain, err := readChain(dir)
	if errors.Is(err, fs.ErrNotExist) {
		chain, err = s.Status(), nil
	}
	if err != nil {
		return nil, chain, err
	}
	return s, chain, s.Reconcile(chain)
}

// The chain is a file that is replaced in one step.
func chainFile(dir string) string { return filepath.Join(dir, "chain.json") }

func readChain(dir string) (status pois.Status, err error) {
	b, err := os.ReadFile(chainFile(dir))
	if err != nil {
		return status, err
	}
	return status, json.Unmarshal(b, &status)
}

func read(t *testing.T, dir string) pois.Status {
	t.Helper()
	status, err := readChain(dir)
	if err != nil {
		t.Fatal(err)
	}
	status.Acc = nil
	return status
}

// submit gives the chain the change under way. It refuses one in six.
func submit(dir string, s *store.Store) error {
	next, _ := s.Pending()
	if rand.IntN(6) == 0 {
		return s.Rollback()
	}
	b, err := json.Marshal(next)
	if err != nil {
		return err
	}
	if err := disk.OS.Write(chainFile(dir), true, b); err != nil {
		return err
	}
	return s.Confirm()
}

// prove answers a challenge for files of one set and verifies the links to the accumulator; a whole set is verified
// completely.
func prove(ctx context.Context, s *store.Store, status pois.Status, left, right int64) error {
	acc, err := s.At(ctx, status)
	if err != nil {
		return err
	}
	chains, err := acc.Witnesses(left, right)
	if err != nil {
		return err
	}
	set, err := s.Set(pois.SetOf(left))
	if err != nil {
		return err
	}
	c, err := config()
	if err != nil {
		return err
	}
	var chals []int64
	for range pois.SpaceChallenges {
		chals = append(chals, int64(c.Params.N*c.Params.D+rand.IntN(c.Params.N)))
	}
	proof, err := set.ProveSpace(ctx, chals, left, right, chains)
	if err != nil {
		return err
	}
	if right == left+1 {
		element := pois.Element(c.ID, left, pois.Hash(proof.Roots[0]))
		return accumulator.VerifyWitnesses(c.Key, status.Acc, [][]byte{element[:]}, proof.WitChains)
	}
	v, err := pois.NewVerifier(c.Params)
	if err != nil {
		return err
	}
	return v.VerifySpace(c.ID, c.Key, status, chals, proof)
}

// life is a miner's: it certifies a set, proves its space, gives some or all files of its first set up, and so on for
// ever. It says what it begins on standard output.
func life(dir string) error {
	ctx := context.Background()
	s, _, err := open(dir)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	for {
		status := s.Status()
		if status.Rear-status.Front < 2*pois.SetFiles {
			fmt.Println("generate")
			if _, err := s.Generate(ctx, status.Rear/pois.SetFiles+1, pois.GenerateOptions{Workers: 1 + rand.IntN(2)}); err != nil {
				return fmt.Errorf("generate: %w", err)
			}
			fmt.Println("insert")
			if _, err := s.Insertion(ctx); err != nil {
				return fmt.Errorf("insert: %w", err)
			}
			if err := submit(dir, s); err != nil {
				return fmt.Errorf("submit: %w", err)
			}
		}
		if err := clean(ctx, s); err != nil {
			return err
		}
		status = s.Status()
		if status.Rear == status.Front {
			continue
		}
		fmt.Println("prove")
		left := status.Rear - pois.SetFiles + 1
		if left <= status.Front {
			left = status.Front + 1
		}
		if err := prove(ctx, s, status, left, status.Rear+1); err != nil {
			return fmt.Errorf("prove: %w", err)
		}
		fmt.Println("delete")
		num := int(pois.SetFiles - status.Front%pois.SetFiles)
		if rand.IntN(2) == 0 {
			num = 1 + rand.IntN(num)
		}
		if _, _, err := s.Deletion(ctx, num); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
		if err := submit(dir, s); err != nil {
			return fmt.Errorf("submit: %w", err)
		}
		if err := clean(ctx, s); err != nil {
			return err
		}
	}
}

func clean(ctx context.Context, s *store.Store) error {
	fmt.Println("clean")
	if err := s.Clean(ctx); err != nil {
		return fmt.Errorf("clean: %w", err)
	}
	return nil
}
