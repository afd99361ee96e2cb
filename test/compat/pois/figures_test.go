//go:build unix

package pois_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/CESSProject/cess_pois/acc"
	"github.com/CESSProject/cess_pois/expanders"
	up "github.com/CESSProject/cess_pois/pois"
	"github.com/CESSProject/cess_pois/tree"

	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/accumulator"
	"github.com/gocess/gocess/storage/pois/wire"
)

// cpu is the processor time that work takes, all threads together: what means something on a shared machine.
func cpu(t *testing.T, work func()) time.Duration {
	t.Helper()
	used := func() time.Duration {
		var u syscall.Rusage
		must(t, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	began := used()
	work()
	return used() - began
}

// row prints what both sides take.
func row(what string, theirs, ours time.Duration, note string) {
	text := func(d time.Duration) string {
		if d < time.Second {
			return fmt.Sprintf("%.1f ms", d.Seconds()*1000)
		}
		return fmt.Sprintf("%.2f s", d.Seconds())
	}
	fmt.Printf("| %s | %s | %s | %.1f | %s |\n", what, text(theirs), text(ours), theirs.Seconds()/ours.Seconds(), note)
}

// TestFigures runs every operation of a set's life on both sides, in turn, and prints the processor time of each as rows
// of a table. It takes some minutes, so it runs only with POIS_FIGURES=1, or POIS_FIGURES=operations to leave upstream's
// generation out.
func TestFigures(t *testing.T) {
	if os.Getenv("POIS_FIGURES") == "" {
		t.Skip("set POIS_FIGURES=1 to measure")
	}
	p := pois.Params{K: 8, N: 16384, D: 64}
	ctx, id, dir := context.Background(), minerID(), t.TempDir()
	tree.InitMhtPool(p.N)
	var theirs time.Duration
	generated := func() {
		e := expanders.ConstructStackedExpanders(int64(p.K), int64(p.N), int64(p.D))
		must(t, e.GenerateIdleFileSet(id[:], 1, 32, filepath.Join(dir, "theirs")))
	}
	if os.Getenv("POIS_FIGURES") != "operations" {
		theirs = cpu(t, generated)
		must(t, os.RemoveAll(filepath.Join(dir, "theirs")))
	}
	space := filepath.Join(dir, "space")
	var set *pois.Set
	ours := cpu(t, func() { set = generate(t, p, space, 1) })
	fmt.Println("| operation, one set of 256 files of 1 MiB | upstream, CPU | gocess, CPU | ratio | remark |")
	fmt.Println("|---|---|---|---|---|")
	if theirs > 0 {
		row("generate", theirs, ours, "written to disk")
	}

	key, err := accumulator.GenerateKey(rand.Reader)
	must(t, err)
	verifier, err := pois.NewVerifier(p)
	must(t, err)
	theirVerifier := up.NewVerifier(int64(p.K), int64(p.N), int64(p.D))
	miner, err := up.NewProver(int64(p.K), int64(p.N), int64(p.D), id[:], 1<<20, 32)
	must(t, err)
	must(t, miner.Recovery(upKey(key), 0, 0, up.Config{AccPath: filepath.Join(dir, "acc"), ChallAccPath: filepath.Join(dir, "chall"), IdleFilePath: space}))
	theirCommits, err := miner.GetIdleFileSetCommits()
	must(t, err)
	commits, err := set.Commits()
	must(t, err)
	node := up.NewProverNode(id[:], upKey(key), key.G.Bytes(), 0, 0)
	if !theirVerifier.ReceiveCommits(&node, theirCommits) {
		t.Fatal("they refuse the commitment")
	}
	rows, err := verifier.Challenge(rand.Reader, commits)
	must(t, err)

	// The two halves of ProveCommitAndAcc are not exported; the second is one call of the accumulator.
	labels, err := set.Elements()
	must(t, err)
	manager, err := acc.NewMutiLevelAcc(filepath.Join(dir, "acc-alone"), upKey(key))
	must(t, err)
	theirInsert := cpu(t, func() {
		_, _, err := manager.AddElementsAndProof(labels)
		must(t, err)
	})
	var theirGroup [][]up.CommitProof
	var theirAcc *up.AccProof
	theirCommit := cpu(t, func() {
		theirGroup, theirAcc, err = miner.ProveCommitAndAcc(upRows(rows))
		must(t, err)
	}) - theirInsert
	ours = cpu(t, func() {
		_, err := set.ProveCommit(ctx, rows, pois.SomePaths)
		must(t, err)
	})
	row("prove commitment", theirCommit, ours, "512 nodes, the same bytes")
	all := cpu(t, func() {
		_, err := set.ProveCommit(ctx, rows, pois.AllPaths)
		must(t, err)
	})
	row("prove commitment, all paths", theirCommit, all, "four to five times as many paths as upstream's")

	sets := kept{}
	empty := accumulator.New(key, sets)
	var full *accumulator.Accumulator
	ours = cpu(t, func() {
		sets[1], err = accumulator.NewElements(labels)
		must(t, err)
		full, _, err = empty.Insert(sets[1])
		must(t, err)
	})
	row("prove insertion", theirInsert, ours, "upstream computes all witnesses too")
	var chains []wire.AccWitnessNode
	witnesses := cpu(t, func() {
		chains, err = full.Witnesses(1, 257)
		must(t, err)
	})
	row("prove insertion, and all witnesses", theirInsert, ours+witnesses, "the same work")

	group := ourGroup(theirGroup)
	const runs = 10 // it is short
	theirs = cpu(t, func() {
		for range runs {
			must(t, theirVerifier.VerifyCommitProofs(node, upRows(rows), theirGroup))
		}
	}) / runs
	ours = cpu(t, func() {
		for range runs {
			must(t, verifier.VerifyCommit(id, commits, rows, group))
		}
	}) / runs
	row("verify commitment", theirs, ours, "upstream checks the graph of 4 nodes in another call, gocess of all 512")
	insertion := &wire.AccProof{Indexs: theirAcc.Indexs, Labels: theirAcc.Labels, WitChains: ourChain(theirAcc.WitChains), AccPath: theirAcc.AccPath}
	var status pois.Status
	ours = cpu(t, func() {
		status, err = verifier.VerifyInsertion(id, key, pois.Status{Acc: key.G.Bytes()}, commits, insertion)
		must(t, err)
	})
	theirs = cpu(t, func() { must(t, theirVerifier.VerifyAcc(&node, upRows(rows), theirAcc)) })
	row("verify insertion", theirs, ours, "")
	must(t, miner.UpdateStatus(256, false))

	chals := []int64{1048576, 1050000, 1051111, 1052222, 1053333, 1054444, 1055555, 1064959}
	must(t, miner.SetChallengeState(upKey(key), status.Acc, 0, 256))
	var theirProof *up.SpaceProof
	theirs = cpu(t, func() {
		theirProof, err = miner.ProveSpace(chals, 1, 257)
		must(t, err)
	})
	ours = cpu(t, func() {
		_, err := set.ProveSpace(ctx, chals, 1, 257, chains)
		must(t, err)
	})
	row("prove space", theirs, ours, "witnesses at hand, as upstream has them")
	proof := ourSpace(theirProof)
	ours = cpu(t, func() { must(t, verifier.VerifySpace(id, key, status, chals, proof)) })
	theirs = cpu(t, func() { must(t, theirVerifier.VerifySpace(node, chals, theirProof)) })
	row("verify space", theirs, ours, "upstream checks one link in five at random, gocess all")
	theirs = cpu(t, func() {
		k := upKey(key)
		for i := range theirProof.WitChains {
			if c := theirProof.WitChains[i]; !acc.VerifyAcc(k, c.Acc.Elem, c.Elem, c.Wit) {
				t.Fatal("they refuse a link")
			}
		}
	})
	row("verify all links of the space proof", theirs, cpu(t, func() {
		must(t, accumulator.VerifyWitnesses(key, status.Acc, labels, proof.WitChains))
	}), "the same work")

	var theirDeletion *up.DeletionProof
	theirs = cpu(t, func() {
		theirDeletion, err = miner.ProveDeletion(8)
		must(t, err)
	})
	ours = cpu(t, func() {
		_, _, err := full.Delete(8)
		must(t, err)
		for file := int64(1); file <= 8; file++ {
			_, err := set.FileRoot(file)
			must(t, err)
		}
	})
	row("prove deletion of 8", theirs, ours, "upstream computes 248 witnesses anew")
	change := &accumulator.Change{Chain: ourChain(theirDeletion.WitChain), Path: theirDeletion.AccPath}
	ours = cpu(t, func() {
		_, err := verifier.VerifyDeletion(id, key, status, theirDeletion.Roots, change)
		must(t, err)
	})
	theirs = cpu(t, func() { must(t, theirVerifier.VerifyDeletion(&node, theirDeletion)) })
	row("verify deletion of 8", theirs, ours, "")
}

// kept holds elements in memory.
type kept map[int64]*accumulator.Elements

func (m kept) Elements(set int64) (*accumulator.Elements, error) { return m[set], nil }
