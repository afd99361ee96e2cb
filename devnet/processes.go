package devnet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gocess/gocess/internal/child"
	"github.com/gocess/gocess/ledger/genesis"
)

// processes runs each node as a process of its own.
type processes struct {
	cfg  *Config
	info *Info
}

func (l *processes) validator(ctx context.Context, index int, peers []string) (*node, error) {
	rpc, p2p := l.cfg.validatorAddresses(index)
	args := []string{"--spec", l.cfg.specPath(), "--keys", "//" + genesis.DevName(index), "--rpc", rpc, "--p2p", p2p}
	if list := others(peers, index); len(list) > 0 {
		args = append(args, "--peers", strings.Join(list, ","))
	}
	n, err := l.start(validatorName(index), "node", args...)
	if err != nil {
		return nil, err
	}
	return n, n.waitPort(ctx, rpc)
}

func (l *processes) tee(_ context.Context) (*node, error) {
	return l.start("tee-1", "tee run",
		"--node", l.info.RPCWS, "--key", TEESURI, "--identity", TEESURI, "--stash-key", stashSURI,
		"--listen", l.cfg.address(teePort), "--every", teeEvery.String(), "--require-all-paths")
}

func (l *processes) miner(_ context.Context, index int) (*node, error) {
	return l.start("miner-"+strconv.Itoa(index+1), "miner run",
		"--node", l.info.RPCWS, "--key", MinerSURI(index+1), "--listen", l.cfg.address(minerPortOffset+index),
		"--reserve-mib", strconv.Itoa(reserveBytes>>20), "--max-space-mib", strconv.Itoa(minerSpace>>20), "--idle-goal-gib", strconv.Itoa(idleGoal>>30), "--allow-private",
		"--every", minerEvery.String(), "--space-every", spaceEvery.String(), "--restore-every", restoreEvery.String(),
		"--claim-every", claimEvery.String(), "--check-every", checkEvery.String(),
		"--collect-every", collectEvery.String(), "--drop-after", dropAfter.String(), "--max-retry", maxRetry.String())
}

func (l *processes) gateway(_ context.Context) (*node, error) {
	return l.start("gateway-1", "gateway",
		"--node", l.info.RPCWS, "--key", GatewaySURI, "--listen", l.cfg.address(gatewayPort),
		"--reserve-mib", strconv.Itoa(reserveBytes>>20), "--report-timeout", reportTimeout.String())
}

// start runs `cess <command> …` with its log beside its data.
func (l *processes) start(name, command string, args ...string) (*node, error) {
	home := filepath.Join(l.cfg.Dir, name)
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, err
	}
	cmd := exec.Command(l.cfg.Binary, append(append(strings.Fields(command), "--home", home), args...)...)
	log := filepath.Join(l.cfg.Dir, name+".log")
	c, err := child.StartLogged(cmd, log, syscall.SIGTERM)
	if err != nil {
		return nil, err
	}
	p := &process{child: c, log: log}
	return &node{info: NodeInfo{PID: c.PID()}, stop: p.stop, err: p.err}, nil
}

// process is a node.
type process struct {
	child    *child.Process
	log      string
	stopping atomic.Bool
}

// killAfter is how long a node may take to stop in order.
const killAfter = 15 * time.Second

func (p *process) stop() error {
	p.stopping.Store(true)
	return p.child.Stop(syscall.SIGTERM, killAfter)
}

// err reports a node that failed while starting up or running. One that was
// killed from outside is no failure: tests do that.
func (p *process) err() error {
	if p.child.Running() || p.stopping.Load() {
		return nil
	}
	state := p.child.Err()
	var exit *exec.ExitError
	if errors.As(state, &exit) && !exit.Exited() {
		return nil
	}
	return fmt.Errorf("the process ended (%v); see %s", state, p.log)
}

func (n *node) waitPort(ctx context.Context, address string) error {
	for {
		c, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			return c.Close()
		}
		if failure := n.err(); failure != nil {
			return failure
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}
