// Package state keeps the ledger's key-value state: every version of every key
// that is still retained, the Substrate-compatible state root over them, and
// the side records (headers, bodies, indices) that belong to each block.
//
// A block becomes durable in two steps. [Store.Stage] takes the block's sorted
// changes and computes the new state root in memory, writing nothing, so that
// several candidate blocks of one height may exist at once. [Store.Commit]
// makes one of them durable in a single atomic, synced batch; the other
// candidates are stale from then on. Genesis is committed as height 0.
//
//	store, err := state.Open(dir, state.WithRetention(50_000))
//	staged, err := store.Stage(height, changes)
//	root := staged.Root()
//	err = store.Commit(staged, aux)
//	view, err := store.At(height)
//	defer view.Close()
//	value, err := view.Get(key)
//
// What it promises:
//
//   - A crash at any instant leaves the last committed height, whole.
//   - A [View] answers as of its height for as long as it is open, whatever is
//     committed or pruned meanwhile.
//   - The root is that of Substrate's base-16 Patricia trie with blake2b-256,
//     state version 1, and [View.Prove] gives the proof of state_getReadProof.
//   - The first failed disk write stops the store: nothing is written after it
//     and every later call answers [ErrFailed].
//
// A state can also arrive as a whole, from a snapshot or a file: [View.Stream]
// gives it as bytes, [Store.Restore] takes them and replaces what the store
// held, in one step at the end.
//
// # Layout
//
// Values and trie nodes are stored flat in Pebble under key ∥ inverted height,
// so that the version of a key as of a height is the first entry at or after
// that height's suffix. A trie node's key is its path, not its hash: a path is
// rewritten in place, version by version, and a version is superseded exactly
// when its path is written again. Each block writes the list of the versions it
// superseded, and pruning deletes by these lists without scanning.
package state

import "errors"

// KV is a change or a record. A nil Value deletes the key; an empty non-nil
// Value is a value of length 0.
type KV struct{ Key, Value []byte }

// Limits of one change. Stage refuses what exceeds them.
const (
	// MaxKeySize is the longest key in bytes. It bounds the depth of the trie.
	MaxKeySize = 4096
	// MaxValueSize is the longest value in bytes.
	MaxValueSize = 64 << 20
)

var (
	// ErrPruned is returned for a height whose state is no longer retained.
	ErrPruned = errors.New("state pruned")
	// ErrFuture is returned for a height that is not committed yet.
	ErrFuture = errors.New("state not committed yet")
	// ErrStale is returned by Commit when another block has been committed at
	// the height of the staged one.
	ErrStale = errors.New("staged block is stale")
	// ErrClosed is returned after Close of the store, view or iterator.
	ErrClosed = errors.New("state closed")
	// ErrFailed is returned by every call after a disk write failed. The data on
	// disk is that of the last committed height, or of the one being committed
	// when the disk failed; opening the store again tells which. Memory and files
	// of the failed store are freed when the process ends.
	ErrFailed = errors.New("state store failed")
	// ErrCorrupt is returned when stored data contradicts itself.
	ErrCorrupt = errors.New("state corrupt")
	// ErrRestoring is returned by Commit and Restore while another state is being
	// restored.
	ErrRestoring = errors.New("state is being restored")
	// ErrOtherState is returned when restored values do not have the root that
	// was expected.
	ErrOtherState = errors.New("restored state has another root")
	// ErrInvalidChanges is returned by Stage for changes that are not sorted,
	// not unique or over the limits.
	ErrInvalidChanges = errors.New("invalid changes")
)
