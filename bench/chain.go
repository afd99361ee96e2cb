package bench

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gocess/gocess/ledger/consensus"
	"github.com/gocess/gocess/ledger/genesis"
)

// Validator is a chain with one validator, in a process of its own, on which
// the benchmark's accounts have tokens.
type Validator struct {
	*Child
	// URL is where its JSON-RPC answers.
	URL string
}

// StartValidator makes a chain in dir and runs it with `cess node`.
func StartValidator(ctx context.Context, binary, dir string, blockTime time.Duration, accounts int) (*Validator, error) {
	list, err := StartValidators(ctx, binary, dir, blockTime, accounts, 1)
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// StartValidators makes a chain in dir with count validators and runs it with as
// many `cess node`, each connected with all others.
func StartValidators(ctx context.Context, binary, dir string, blockTime time.Duration, accounts, count int) (list []*Validator, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, StopValidators(list))
		}
	}()
	o := genesis.DevOptions{
		GenesisTimeMs: uint64(time.Now().UnixMilli()), BlockTimeMs: uint64(blockTime.Milliseconds()), Validators: count,
	}
	for i := range accounts {
		o.Endowed = append(o.Endowed, SecretOf(i))
	}
	spec, err := genesis.Dev(o)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "chain.json")
	if err := spec.Write(path); err != nil {
		return nil, err
	}
	port, err := FreePorts(2 * count)
	if err != nil {
		return nil, err
	}
	address := func(p int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p)) }
	homes, peers := make([]string, count), make([]string, count)
	for i := range count {
		homes[i] = filepath.Join(dir, "node")
		if i > 0 {
			homes[i] += "-" + strconv.Itoa(i+1)
		}
		id, err := consensus.NodeID(homes[i])
		if err != nil {
			return nil, err
		}
		peers[i] = id + "@" + address(port+2*i+1)
	}
	for i := range count {
		args := []string{
			"node", "--spec", path, "--home", homes[i], "--keys", "//" + genesis.DevName(i),
			"--rpc", address(port + 2*i), "--p2p", address(port + 2*i + 1), "--log-level", "warn",
		}
		if others := slices.Delete(slices.Clone(peers), i, i+1); len(others) > 0 {
			args = append(args, "--peers", strings.Join(others, ","))
		}
		child, err := StartChild(binary, args...)
		if err != nil {
			return list, err
		}
		list = append(list, &Validator{child, "ws://" + address(port+2*i)})
	}
	for i, v := range list {
		if err := v.WaitPort(ctx, address(port+2*i)); err != nil {
			return list, err
		}
	}
	return list, nil
}

// StopValidators ends the processes.
func StopValidators(list []*Validator) error {
	var errs []error
	for _, v := range list {
		errs = append(errs, v.Stop())
	}
	return errors.Join(errs...)
}

// DevnetReady measures how long `cess devnet` takes until it can store files.
// A network that is in dir already goes on.
func DevnetReady(ctx context.Context, binary, dir string, miners int) (ready time.Duration, err error) {
	base, err := FreePorts(10 + miners)
	if err != nil {
		return 0, err
	}
	file := filepath.Join(dir, "ready.json")
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, err
	}
	began := time.Now()
	child, err := StartChild(binary, "devnet", "--data", filepath.Join(dir, "net"), "--ready-file", file,
		"--port-base", strconv.Itoa(base), "--miners", strconv.Itoa(miners))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, child.Stop()) }()
	if err := child.WaitFile(ctx, file); err != nil {
		return 0, err
	}
	return time.Since(began), nil
}
