package runtime

import (
	"encoding/binary"
	"fmt"

	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Context is what a pallet sees of the chain while a block runs: storage, the
// block's facts and the event sink. It is used by one goroutine.
type Context struct {
	rt     *Runtime
	state  *overlay
	block  BlockInfo
	phase  substrate.Phase
	events eventLog
	usage  Usage
	post   substrate.PostDispatchInfo // what the running call reports of itself
	salts  uint32
	depth  int
}

// BlockInfo is what consensus decided about a block before it runs.
type BlockInfo struct {
	// Number and ParentHash follow from the parent; NewBlock sets them.
	Number     uint32
	ParentHash substrate.H256
	// TimeMs is the Unix time in milliseconds; strictly increasing.
	TimeMs uint64
	// Digest holds the pre-runtime items of the header.
	Digest []substrate.DigestItem
	// AuthorIndex is the author's place in Session.Validators of the parent
	// state; meaningful when HasAuthor is set.
	AuthorIndex uint32
	// Author is the author's stash; the zero account if consensus gives only the
	// index. In the first block of a session the author need not be among the
	// validators of the parent state.
	Author    substrate.AccountID
	HasAuthor bool
	// Randomness is the block's verifiable randomness; nil in blocks that have
	// none (spec/consensus.md §9.4).
	Randomness *[32]byte
	// Voted are the stashes of the validators whose vote for the parent block, or
	// against it, is in this block's last commit, in the order of the validator
	// set; none in block 1 (spec/consensus.md §9.3).
	Voted []substrate.AccountID
	// Misbehaviours are proven offences of validators that the block reports.
	Misbehaviours []Misbehaviour
}

// Misbehaviour is an offence that consensus has evidence of.
type Misbehaviour struct {
	Kind MisbehaviourKind
	// Address is the validator's consensus address: the first 20 bytes of the
	// SHA-256 hash of its grandpa key.
	Address [20]byte
	// Height is the block that it misbehaved at.
	Height uint32
}

// MisbehaviourKind is the kind of an offence.
type MisbehaviourKind uint8

// The kinds of offences.
const (
	// DoubleVote: two votes of one validator for one step of a round.
	DoubleVote MisbehaviourKind = iota
	// LightClientAttack: a commit that validators signed for light clients alone.
	LightClientAttack
)

// BlockNumber is the height of the block that runs; for reads outside a block,
// the height of the state that is read.
func (c *Context) BlockNumber() uint32 { return c.block.Number }

// Block is the consensus view of the block that runs.
func (c *Context) Block() BlockInfo { return c.block }

// Now is the block's Unix time in milliseconds.
func (c *Context) Now() uint64 { return c.block.TimeMs }

// Usage is what the block's extrinsics have used so far.
func (c *Context) Usage() Usage { return c.usage }

// Runtime is the runtime that executes the block.
func (c *Context) Runtime() *Runtime { return c.rt }

// Emit records an event of the phase that runs. The event must be declared by
// a pallet; an undeclared one is a programming error.
func (c *Context) Emit(event any) {
	if err := c.events.add(c.phase, event); err != nil {
		panic(fmt.Sprintf("runtime: emit %T: %v", event, err))
	}
}

// Transaction runs fn and rolls back its writes and events if it fails.
// Transactions nest.
func (c *Context) Transaction(fn func() error) error {
	mark := c.events
	c.state.begin()
	if err := fn(); err != nil {
		c.state.rollback()
		c.events = mark
		return err
	}
	c.state.commit()
	return nil
}

// maxDispatchDepth bounds calls inside calls, as the decoder bounds their
// encoding (spec/wire.md §1.1).
const maxDispatchDepth = 64

// Dispatch runs a call inside another one, in its own transaction. What the
// inner call reports of its own cost does not change that of the outer one.
func (c *Context) Dispatch(call Call, origin Origin) error {
	_, err := c.DispatchPost(call, origin)
	return err
}

// DispatchPost is Dispatch that also returns what the call reported of its
// cost; nothing if it failed.
func (c *Context) DispatchPost(call Call, origin Origin) (post substrate.PostDispatchInfo, err error) {
	if call == nil || c.depth >= maxDispatchDepth {
		return post, ErrOther
	}
	if !origin.allows(call) {
		return post, ErrCallFiltered
	}
	outer := c.post
	c.post = substrate.PostDispatchInfo{}
	c.depth++
	err = c.Transaction(func() error { return call.Dispatch(c, origin) })
	c.depth--
	if err == nil {
		post = c.post
	}
	c.post = outer
	return post, err
}

// WaiveFee makes the running call free if it succeeds: upstream's `Pays::No`
// in a post-dispatch result.
func (c *Context) WaiveFee() { c.post.PaysFee = substrate.PaysNo }

// ReportWeight says what the running call really weighed, if it succeeds; it
// pays for no more than that.
func (c *Context) ReportWeight(w substrate.Weight) { c.post.ActualWeight = scale.Some(w) }

// ActualInfo is the declared cost of a call, corrected by what the call
// reported. It only becomes less.
func ActualInfo(info substrate.DispatchInfo, post substrate.PostDispatchInfo) substrate.DispatchInfo {
	if w, ok := post.ActualWeight.Get(); ok {
		info.Weight = w.Min(info.Weight)
	}
	if post.PaysFee == substrate.PaysNo {
		info.PaysFee = substrate.PaysNo
	}
	return info
}

// Get reads a raw storage key; nil when absent.
func (c *Context) Get(key []byte) []byte {
	v, err := c.state.get(key)
	if err != nil {
		panic(stateError{fmt.Errorf("read state: %w", err)})
	}
	return v
}

// Put writes a raw storage key. The context keeps value.
func (c *Context) Put(key, value []byte) {
	if value == nil {
		value = []byte{}
	}
	c.state.put(key, value)
}

// Delete removes a raw storage key.
func (c *Context) Delete(key []byte) { c.state.put(key, nil) }

// Scan calls fn for every pair under prefix with a key greater than startAfter
// in ascending order until fn returns false.
func (c *Context) Scan(prefix, startAfter []byte, fn func(key, value []byte) bool) {
	if err := c.state.scan(prefix, startAfter, fn); err != nil {
		panic(stateError{fmt.Errorf("scan state: %w", err)})
	}
}

// stateError carries a failed read of the state store through pallet code,
// which cannot go on without it. It is recovered where execution was entered.
type stateError struct{ err error }

// catch turns a stateError panic into an error. Other panics pass.
func catch(err *error) {
	switch p := recover().(type) {
	case nil:
	case stateError:
		*err = p.err
	default:
		panic(p)
	}
}

// ExtrinsicIndex is the place of the running extrinsic in the block; 0 in a
// hook.
func (c *Context) ExtrinsicIndex() uint32 {
	i, _ := c.phase.Extrinsic()
	return i
}

// Salt differs between any two calls of it in one block: the position of the
// running extrinsic, or none in a hook, and a counter.
func (c *Context) Salt() []byte {
	c.salts++
	index := ^uint32(0)
	if i, ok := c.phase.Extrinsic(); ok {
		index = i
	}
	return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, index), c.salts)
}
