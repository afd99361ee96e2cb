package pois_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/CESSProject/cess_pois/expanders"
	up "github.com/CESSProject/cess_pois/pois"
	"github.com/CESSProject/cess_pois/tree"

	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/accumulator"
	"github.com/gocess/gocess/storage/pois/wire"
)

// alone runs the test function in a process of its own: upstream keeps the size of layers in globals that the first use
// fixes. It returns true in the parent, which has nothing left to do.
func alone(t *testing.T) bool {
	t.Helper()
	if os.Getenv("POIS_COMPAT_CHILD") != "" {
		return false
	}
	c := exec.Command(os.Args[0], "-test.run=^"+strings.ReplaceAll(t.Name(), "/", "$/^")+"$", "-test.v", "-test.timeout=60m")
	c.Env = append(os.Environ(), "POIS_COMPAT_CHILD=1")
	out, err := c.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
	return true
}

func minerID() (id pois.ID) {
	h := sha256.Sum256([]byte("compat miner"))
	return pois.ID(h)
}

// TestFilesAreEqual lets both generators make the second set and compares every byte.
func TestFilesAreEqual(t *testing.T) {
	for _, p := range []pois.Params{{K: 8, N: 256, D: 1}, {K: 8, N: 1024, D: 3}, {K: 8, N: 2048, D: 8}} {
		t.Run(fmt.Sprint(p.N), func(t *testing.T) { compareFiles(t, p) })
	}
}

func compareFiles(t *testing.T, p pois.Params) {
	if alone(t) {
		return
	}
	theirs, ours := t.TempDir(), t.TempDir()
	id := minerID()
	tree.InitMhtPool(p.N)
	e := expanders.ConstructStackedExpanders(int64(p.K), int64(p.N), int64(p.D))
	if err := e.GenerateIdleFileSet(id[:], 33, 32, theirs); err != nil {
		t.Fatal(err)
	}
	generate(t, p, ours, 2)
	count := 0
	err := filepath.WalkDir(theirs, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(theirs, path)
		want, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		got, err := os.ReadFile(filepath.Join(ours, rel))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%+v: %s differs: %v", p, rel, err)
		}
		count++
		return nil
	})
	if err != nil || count != 32*16*2+1 {
		t.Errorf("%d files compared: %v", count, err)
	}
}

func generate(t *testing.T, p pois.Params, space string, number int64) *pois.Set {
	t.Helper()
	s, err := pois.OpenSet(p, minerID(), number, filepath.Join(space, "idle-files-"+string(rune('0'+number))))
	if err != nil {
		t.Fatal(err)
	}
	if err := pois.Generate(context.Background(), s, pois.GenerateOptions{}); err != nil {
		t.Fatal(err)
	}
	return s
}

// source reads the elements of the sets on disk.
type source map[int64]*pois.Set

func (m source) Elements(set int64) (*accumulator.Elements, error) {
	values, err := m[set].Elements()
	if err != nil {
		return nil, err
	}
	return accumulator.NewElements(values)
}

// TestProversAndVerifiers takes one set of 256 MiB through its life on both sides. About a minute and a half of CPU.
func TestProversAndVerifiers(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	if alone(t) {
		return
	}
	p := pois.Params{K: 8, N: 16384, D: 64}
	dir := t.TempDir()
	space := filepath.Join(dir, "space")
	set := generate(t, p, space, 1)
	id := minerID()
	key, err := accumulator.GenerateKey(rand.Reader)
	must(t, err)
	ours, err := pois.NewVerifier(p)
	must(t, err)
	theirs := up.NewVerifier(int64(p.K), int64(p.N), int64(p.D))

	// commitment and challenge
	miner, err := up.NewProver(int64(p.K), int64(p.N), int64(p.D), id[:], 1<<20, 32)
	must(t, err)
	must(t, miner.Recovery(upKey(key), 0, 0, up.Config{AccPath: filepath.Join(dir, "acc"), ChallAccPath: filepath.Join(dir, "chall"), IdleFilePath: space}))
	theirCommits, err := miner.GetIdleFileSetCommits()
	must(t, err)
	commits, err := set.Commits()
	must(t, err)
	if !bytes.Equal(wire.Marshal(commits), wire.Marshal(&wire.Commits{FileIndexs: theirCommits.FileIndexs, Roots: theirCommits.Roots})) {
		t.Fatal("commitments differ")
	}
	node := up.NewProverNode(id[:], upKey(key), key.G.Bytes(), 0, 0)
	if !theirs.ReceiveCommits(&node, theirCommits) {
		t.Fatal("they refuse the commitment")
	}
	rows, err := ours.Challenge(rand.Reader, commits)
	must(t, err)

	// commit proofs: equal bytes, except that upstream's stale entry for the first layer file is unspecified
	group, err := set.ProveCommit(context.Background(), rows, pois.SomePaths)
	must(t, err)
	theirGroup, theirAcc, err := miner.ProveCommitAndAcc(upRows(rows))
	must(t, err)
	if !bytes.Equal(wire.Marshal(group), wire.Marshal(ourGroup(theirGroup))) {
		t.Error("commit proofs differ")
	}
	must(t, ours.VerifyCommit(id, commits, rows, ourGroup(theirGroup)))
	must(t, theirs.VerifyCommitProofs(node, upRows(rows), upGroup(group)))
	all, err := set.ProveCommit(context.Background(), rows, pois.AllPaths)
	must(t, err)
	must(t, theirs.VerifyCommitProofs(node, upRows(rows), upGroup(all)))

	// insertion
	sets := source{1: set}
	elements, err := sets.Elements(1)
	must(t, err)
	empty := accumulator.New(key, sets)
	full, change, err := empty.Insert(elements)
	must(t, err)
	insertion := &wire.AccProof{Indexs: commits.FileIndexs, Labels: elements.Values, WitChains: change.Chain, AccPath: change.Path}
	fromThem := &wire.AccProof{Indexs: theirAcc.Indexs, Labels: theirAcc.Labels, WitChains: ourChain(theirAcc.WitChains), AccPath: theirAcc.AccPath}
	if !bytes.Equal(wire.Marshal(insertion), wire.Marshal(fromThem)) {
		t.Error("insertion proofs differ")
	}
	status, err := ours.VerifyInsertion(id, key, pois.Status{Acc: key.G.Bytes()}, commits, fromThem)
	must(t, err)
	must(t, theirs.VerifyAcc(&node, upRows(rows), &up.AccProof{Indexs: insertion.Indexs, Labels: insertion.Labels, WitChains: upChain(insertion.WitChains), AccPath: insertion.AccPath}))
	if !bytes.Equal(node.Acc, status.Acc) || node.Rear != status.Rear {
		t.Error("states differ after insertion")
	}
	must(t, miner.UpdateStatus(256, false))

	// space challenge
	chals := []int64{1048576, 1050000, 1051111, 1052222, 1053333, 1054444, 1055555, 1064959}
	must(t, miner.SetChallengeState(upKey(key), status.Acc, 0, 256))
	walk, err := pois.NewBlocks(id, chals, 0, 256)
	must(t, err)
	left, right, _ := walk.Next([32]byte{})
	if l, r := miner.NewChallengeHandle(make([]byte, 32), chals)(nil); l != left || r != right {
		t.Errorf("they are asked for [%d, %d), we for [%d, %d)", l, r, left, right)
	}
	chains, err := full.Witnesses(left, right)
	must(t, err)
	proof, err := set.ProveSpace(context.Background(), chals, left, right, chains)
	must(t, err)
	theirProof, err := miner.ProveSpace(chals, left, right)
	must(t, err)
	if !bytes.Equal(wire.Marshal(proof), wire.Marshal(ourSpace(theirProof))) {
		t.Error("space proofs differ")
	}
	must(t, ours.VerifySpace(id, key, status, chals, ourSpace(theirProof)))
	must(t, theirs.VerifySpace(node, chals, upSpace(proof)))

	// deletion
	theirDeletion, err := miner.ProveDeletion(8)
	must(t, err)
	_, change, err = full.Delete(8)
	must(t, err)
	deletion := &wire.RequestVerifyDeletionProof{Roots: proof.Roots[:8], WitChain: change.Chain, AccPath: change.Path}
	theirs8 := &wire.RequestVerifyDeletionProof{Roots: theirDeletion.Roots, WitChain: ourChain(theirDeletion.WitChain), AccPath: theirDeletion.AccPath}
	if !bytes.Equal(wire.Marshal(deletion), wire.Marshal(theirs8)) {
		t.Error("deletion proofs differ")
	}
	after, err := ours.VerifyDeletion(id, key, status, theirs8.Roots, &accumulator.Change{Chain: theirs8.WitChain, Path: theirs8.AccPath})
	must(t, err)
	must(t, theirs.VerifyDeletion(&node, &up.DeletionProof{Roots: deletion.Roots, WitChain: upChain(deletion.WitChain), AccPath: deletion.AccPath}))
	if !bytes.Equal(node.Acc, after.Acc) || node.Front != after.Front {
		t.Error("states differ after deletion")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
