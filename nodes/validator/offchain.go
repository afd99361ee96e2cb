package validator

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/gocess/gocess/internal/durable"
	"github.com/gocess/gocess/ledger/rpc"
)

// maxOffchain bounds the off-chain storage, in bytes: the keys, the values and
// pairCost for each pair, so that many small ones do not make a file that is too
// large to be read again.
const (
	maxOffchain = 1 << 20
	pairCost    = 8
)

// offchain is the node's own storage beside the chain's, for the offchain
// methods of JSON-RPC: a small file that is replaced as a whole. Its lines are
// keys and values in hex.
type offchain struct {
	path string

	mu    sync.Mutex // guards everything below
	pairs map[string]string
	size  int
}

var _ rpc.Offchain = (*offchain)(nil)

// openOffchain reads what an earlier run of the node kept in its folder.
func openOffchain(home string) (*offchain, error) {
	o := &offchain{path: filepath.Join(home, "offchain.json"), pairs: make(map[string]string)}
	info, err := os.Stat(o.path)
	if errors.Is(err, fs.ErrNotExist) {
		return o, nil
	}
	if err != nil {
		return nil, err
	}
	if info.Size() > 3*maxOffchain {
		return nil, fmt.Errorf("%s: %d bytes are too many; move the file away to go on without it", o.path, info.Size())
	}
	text, err := os.ReadFile(o.path)
	if err != nil {
		return nil, err
	}
	var lines map[string]string
	if err := json.Unmarshal(text, &lines); err != nil {
		return nil, fmt.Errorf("%s: %w; move the file away to go on without it", o.path, err)
	}
	for k, v := range lines {
		key, err := hex.DecodeString(k)
		value, bad := hex.DecodeString(v)
		if err = errors.Join(err, bad); err != nil {
			return nil, fmt.Errorf("%s: %w; move the file away to go on without it", o.path, err)
		}
		o.pairs[string(key)] = string(value)
		o.size += len(key) + len(value) + pairCost
	}
	return o, nil
}

// Get returns nil when there is no such key.
func (o *offchain) Get(key []byte) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	value, ok := o.pairs[string(key)]
	if !ok {
		return nil, nil
	}
	return append([]byte{}, value...), nil
}

// Set is durable when it returns. It returns rpc.ErrOffchainFull when there is
// no room; what was there stays.
func (o *offchain) Set(key, value []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	before, had := o.pairs[string(key)]
	size := o.size + len(key) + len(value) + pairCost
	if had {
		size -= len(key) + len(before) + pairCost
	}
	if size > maxOffchain {
		return fmt.Errorf("%w: it holds at most %d bytes", rpc.ErrOffchainFull, maxOffchain)
	}
	o.pairs[string(key)] = string(value)
	if err := o.write(); err != nil {
		if delete(o.pairs, string(key)); had {
			o.pairs[string(key)] = before
		}
		return err
	}
	o.size = size
	return nil
}

func (o *offchain) write() error {
	lines := make(map[string]string, len(o.pairs))
	for k, v := range o.pairs {
		lines[hex.EncodeToString([]byte(k))] = hex.EncodeToString([]byte(v))
	}
	text, err := json.MarshalIndent(lines, "", " ")
	if err != nil {
		return err
	}
	return durable.WriteFile(o.path, text, 0o600)
}
