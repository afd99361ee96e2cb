package consensus

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/primitives/substrate"
)

// errBadSnapshot marks a snapshot that whoever made it must not have made.
var errBadSnapshot = errors.New("bad snapshot")

// errOtherGenesis is returned when a snapshot is of a chain that began with
// another state than the chain spec gives.
var errOtherGenesis = errors.New("the chain began with another genesis than the chain spec gives; get the spec that the other nodes use")

// restoring takes a snapshot's stream and puts it into the store. It is for one
// goroutine.
type restoring struct {
	store  *state.Store
	chain  *chain.Chain
	height uint32
	// confirm checks the anchor against what is known from elsewhere.
	confirm func(*anchor) error

	prefix  []byte // of the stream, until the anchor is complete
	anchor  *anchor
	record  record
	restore *state.Restore // from then on
}

func lengthPrefix(n int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n)) }

// write takes the next bytes.
func (r *restoring) write(b []byte) error {
	if r.anchor == nil {
		r.prefix = append(r.prefix, b...)
		var err error
		if b, err = r.begin(); err != nil || r.anchor == nil {
			return err
		}
	}
	_, err := r.restore.Write(b)
	if errors.Is(err, state.ErrInvalidChanges) {
		return fmt.Errorf("%w: %w", errBadSnapshot, err)
	}
	return err
}

// begin opens the restore once the anchor is complete. It returns what follows.
func (r *restoring) begin() (rest []byte, err error) {
	if len(r.prefix) < 4 {
		return nil, nil
	}
	size := binary.LittleEndian.Uint32(r.prefix)
	if size > maxAnchor {
		return nil, fmt.Errorf("%w: anchor of %d bytes", errBadSnapshot, size)
	}
	if uint32(len(r.prefix)-4) < size {
		return nil, nil
	}
	end := 4 + int(size)
	a, err := decodeAnchor(r.prefix[4:end])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBadSnapshot, err)
	}
	if r.height == 0 {
		r.height = a.Header.Number
	}
	if a.Header.Number != r.height {
		return nil, fmt.Errorf("%w: of block %d, not %d", errBadSnapshot, a.Header.Number, r.height)
	}
	if r.record, err = a.check(); err == nil {
		err = r.confirm(a)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBadSnapshot, err)
	}
	if r.restore, err = r.store.Restore(uint64(r.height)); err != nil {
		return nil, err
	}
	rest, r.anchor, r.prefix = r.prefix[end:], a, nil
	return rest, nil
}

// finish ends the stream and makes the snapshot's block the best one.
func (r *restoring) finish() (*chain.Block, error) {
	if r.anchor == nil {
		return nil, fmt.Errorf("%w: it ends within the anchor", errBadSnapshot)
	}
	root, err := r.restore.Root()
	switch {
	case errors.Is(err, state.ErrInvalidChanges):
		return nil, fmt.Errorf("%w: %w", errBadSnapshot, err)
	case err != nil:
		return nil, err
	case root != r.anchor.Header.StateRoot:
		return nil, fmt.Errorf("%w: %w: %x, want %x", errBadSnapshot, state.ErrOtherState, root, r.anchor.Header.StateRoot)
	}
	if err := r.sameGenesis(); err != nil {
		return nil, err
	}
	block, err := r.anchor.block()
	if err != nil {
		return nil, err
	}
	kv := state.KV{Key: recordKey, Value: r.anchor.Record}
	return block, r.chain.Join(r.restore, block, r.anchor.Ancestors, []state.KV{kv})
}

// sameGenesis compares block 0 as the restored state remembers it with ours.
func (r *restoring) sameGenesis() error {
	b, err := r.restore.Get(system.BlockHashes.Key(0))
	if err != nil {
		return err
	}
	if genesis := r.chain.Genesis(); len(b) != len(genesis) || substrate.H256(b) != genesis {
		return fmt.Errorf("%w (genesis %x, ours %x)", errOtherGenesis, b, genesis)
	}
	return nil
}

// abort removes what has been written. It may be called at any time.
func (r *restoring) abort() error {
	if r.restore == nil {
		return nil
	}
	return r.restore.Abort()
}
