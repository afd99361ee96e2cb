package bench

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

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
	o := genesis.DevOptions{
		GenesisTimeMs: uint64(time.Now().UnixMilli()), BlockTimeMs: uint64(blockTime.Milliseconds()),
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
	port, err := FreePorts(2)
	if err != nil {
		return nil, err
	}
	address := func(p int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p)) }
	child, err := StartChild(binary, "node", "--spec", path, "--home", filepath.Join(dir, "node"), "--keys", "//Alice",
		"--rpc", address(port), "--p2p", address(port+1), "--log-level", "warn")
	if err != nil {
		return nil, err
	}
	v := &Validator{child, "ws://" + address(port)}
	if err := v.WaitPort(ctx, address(port)); err != nil {
		return nil, errors.Join(err, v.Stop())
	}
	return v, nil
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
