//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/next"
	"github.com/gocess/gocess/ledger/pallets/sudo"
	"github.com/gocess/gocess/ledger/pallets/upgrade"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// nodeProcess is a `cess node` whose program can be replaced.
type nodeProcess struct {
	home, rpc string
	args      []string
	cmd       *exec.Cmd
	log       bytes.Buffer // of the last run; read it when the process has ended
}

func newNodeProcess(t *testing.T, spec string, args ...string) *nodeProcess {
	t.Helper()
	base := devkit.FreePorts(t, 2)
	at := func(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
	n := &nodeProcess{home: t.TempDir(), rpc: at(base)}
	n.args = append([]string{"node", "--spec", spec, "--home", n.home, "--rpc", n.rpc, "--p2p", at(base + 1)}, args...)
	t.Cleanup(func() {
		n.stop()
		if t.Failed() {
			t.Logf("the log of %s:\n%s", n.home, &n.log)
		}
	})
	return n
}

func (n *nodeProcess) run(t *testing.T, binary string) {
	t.Helper()
	n.log.Reset()
	n.cmd = exec.Command(binary, n.args...)
	n.cmd.Stdout, n.cmd.Stderr = &n.log, &n.log
	if err := n.cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

func (n *nodeProcess) stop() {
	if n.cmd != nil && n.cmd.ProcessState == nil {
		_ = n.cmd.Process.Kill()
		_ = n.cmd.Wait() // it was killed
	}
}

// ends waits until the process ends by itself and returns what it said.
func (n *nodeProcess) ends(t *testing.T, limit time.Duration) string {
	t.Helper()
	timer := time.AfterFunc(limit, func() { _ = n.cmd.Process.Kill() })
	defer timer.Stop()
	err := n.cmd.Wait()
	if err == nil || n.cmd.ProcessState.ExitCode() < 0 {
		t.Fatalf("the node does not end by itself with an error: %v", err)
	}
	return n.log.String()
}

func (n *nodeProcess) client(t *testing.T) *sdk.Client {
	t.Helper()
	var c *sdk.Client
	eventually(t, 2*time.Minute, "the node answers", func() string {
		var err error
		if c, err = sdk.Dial(within(t, 10*time.Second), "ws://"+n.rpc); err != nil {
			return err.Error()
		}
		return ""
	})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// nextBinary builds the program that knows the next runtime.
func nextBinary(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cess-next")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-tags", "nextruntime", "-o", path, "./cmd/cess")
	cmd.Dir = filepath.Join("..", "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build the next program: %v\n%s", err, out)
	}
	return path
}

// A chain changes runtimes while clients are connected. The node that was not
// updated stops with a message and goes on when it is; a new node executes the
// chain from its beginning (docs/protocol/upgrade.md).
func TestRuntimeUpgrade(t *testing.T) {
	older, err := devkit.Binary()
	if err != nil {
		t.Fatal(err)
	}
	newer := nextBinary(t)
	spec := filepath.Join(t.TempDir(), "chain.json")
	out, err := exec.CommandContext(t.Context(), older, "chain", "dev").Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(spec, out, 0o600); err != nil {
		t.Fatal(err)
	}
	validator := newNodeProcess(t, spec, "--keys", "//Alice")
	validator.run(t, newer)
	c := validator.client(t)
	follow := following(t, c)
	late := newNodeProcess(t, spec, follow...)
	late.run(t, older)
	late.client(t)

	ctx := within(t, 10*time.Minute)
	versions, err := c.RPC().Subscribe(ctx, "state_subscribeRuntimeVersion", "state_unsubscribeRuntimeVersion")
	if err != nil {
		t.Fatal(err)
	}
	defer versions.Close()
	version := func() uint32 {
		t.Helper()
		select {
		case raw := <-versions.C:
			var v substrate.RuntimeVersion
			if err := json.Unmarshal(raw, &v); err != nil {
				t.Fatalf("%v in %s", err, raw)
			}
			return v.SpecVersion
		case <-ctx.Done():
			t.Fatal("no version is announced")
			return 0
		}
	}
	if got := version(); got != 137 {
		t.Fatalf("the chain begins with version %d", got)
	}
	alice, err := crypto.FromURI(crypto.Sr25519, "//Alice")
	if err != nil {
		t.Fatal(err)
	}
	now, _ := best(t, c)
	at := now + 12
	plan := upgrade.Schedule{SpecVersion: next.SpecVersion, Height: types.BlockNumber(at)}
	if _, err := c.Submit(ctx, alice, sudo.Sudo{Call: runtime.RuntimeCall{Call: plan}}); err != nil {
		t.Fatal(err)
	}
	if got := version(); got != next.SpecVersion {
		t.Fatalf("the chain goes on with version %d", got)
	}
	// The client that signed for the old version signs for the new one.
	to := substrate.AddressOf(substrate.AccountID{7})
	transfer := balances.TransferKeepAlive{Dest: to, Value: u128(1_000_000_000_000_000_000)}
	receipt, err := c.Submit(ctx, alice, transfer)
	if err != nil {
		t.Fatal(err)
	}
	if receipt.Number < at || c.Version().SpecVersion != next.SpecVersion {
		t.Errorf("included in block %d, signed for %d", receipt.Number, c.Version().SpecVersion)
	}
	if said := late.ends(t, 2*time.Minute); !strings.Contains(said, "replace it by a release that knows version 138") {
		t.Errorf("the old program says:\n%s", said)
	}
	late.run(t, older)
	if said := late.ends(t, time.Minute); !strings.Contains(said, fmt.Sprintf("runtime version 138 from block %d on", at)) {
		t.Errorf("started again, the old program says:\n%s", said)
	}
	late.run(t, newer)
	fresh := newNodeProcess(t, spec, follow...)
	fresh.run(t, newer)
	for _, n := range []*nodeProcess{late, fresh} {
		other := n.client(t)
		eventually(t, 3*time.Minute, "the node follows through the upgrade", func() string {
			if height, err := other.Height(ctx); err != nil || height < receipt.Number {
				return fmt.Sprintf("block %d of %d, %v", height, receipt.Number, err)
			}
			return ""
		})
		for number := at - 2; number <= receipt.Number; number++ {
			if want, got := header(t, c, number), header(t, other, number); got != want {
				t.Errorf("block %d: %s, the chain has %s", number, got, want)
			}
		}
	}
}

// following are the arguments of a node that follows the one asked.
func following(t *testing.T, c *sdk.Client) []string {
	t.Helper()
	var peers []string
	if err := c.RPC().Call(within(t, time.Minute), &peers, "system_localListenAddresses"); err != nil {
		t.Fatal(err)
	}
	return []string{"--peers", strings.Join(peers, ",")}
}
