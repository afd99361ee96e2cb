package consensus

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/gocess/gocess/primitives/substrate"
)

// crashHome tells the test binary to run a validator in a directory until it is
// killed.
const crashHome = "CONSENSUS_CRASH_HOME"

// A validator is killed at random instants. Every block that it announced is
// there afterwards, and it goes on.
func TestKilledValidator(t *testing.T) {
	if os.Getenv(crashHome) != "" {
		t.Skip("this is the process to be killed")
	}
	home := t.TempDir()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	announced := map[uint32]string{}
	for range 4 {
		runUntilKilled(t, home, announced, 3+rng.IntN(8), time.Duration(rng.Int64N(int64(testBlockTime))))
	}
	nw := newNetwork(t, 1, 1)
	n := start(t, nw.config(t, home, 0))
	for number, hash := range announced {
		got, err := n.Chain().HashAt(number)
		if err != nil || fmt.Sprintf("%x", got) != hash {
			t.Errorf("block %d is %x after the kills (%v), was announced as %s", number, got, err, hash)
		}
	}
	waitFor(t, n, n.Chain().Best().Number+2)
}

// runUntilKilled runs a validator in another process until it has announced so
// many blocks and a moment more.
func runUntilKilled(t *testing.T, home string, announced map[uint32]string, blocks int, then time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrashingNode$", "-test.v=false")
	cmd.Env = append(os.Environ(), crashHome+"="+home)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	killed := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var number uint32
		var hash string
		if _, err := fmt.Sscanf(lines.Text(), "block %d %s", &number, &hash); err != nil {
			continue
		}
		announced[number] = hash
		if blocks--; blocks == 0 {
			killed = true
			time.AfterFunc(then, func() { _ = cmd.Process.Kill() })
		}
	}
	_ = cmd.Wait()
	if !killed {
		t.Fatal("the validator ended by itself")
	}
}

// TestCrashingNode is the process that TestKilledValidator kills.
func TestCrashingNode(t *testing.T) {
	home := os.Getenv(crashHome)
	if home == "" {
		t.Skip("run by TestKilledValidator")
	}
	nw := newNetwork(t, 1, 1)
	n := start(t, nw.config(t, home, 0))
	go feedTransfers(t, nw, n)
	feed := n.Chain().Subscribe()
	for {
		b, err := feed.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("block %d %x\n", b.Number, b.Hash)
	}
}

// feedTransfers keeps transfers coming.
func feedTransfers(t *testing.T, nw *network, n *Node) {
	bob := substrate.AccountID{1}
	for nonce := uint32(0); t.Context().Err() == nil; nonce++ {
		_, _ = n.Pool().Submit(t.Context(), nw.transfer(t, n, nw.users[0], nonce, bob))
		time.Sleep(5 * time.Millisecond)
	}
}
