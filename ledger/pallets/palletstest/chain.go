// Package palletstest is a chain in memory for the tests of pallets: the real
// runtime with all its pallets over a state that lives in a slice, and blocks
// that consist of what the test says.
//
//	c := palletstest.New(t, palletstest.Genesis{})
//	err := c.Run(palletstest.Alice, storagehandler.MintTerritory{…})
//	c.NextBlocks(10)
//	territory, ok := storagehandler.Territories.Get(c.Ctx(), palletstest.Alice, name)
//
// Tests are in a package of their own (package x_test): the runtime imports
// every pallet.
package palletstest

import (
	"encoding/binary"
	"errors"
	"slices"

	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// TB is what a test hands in: *testing.T, *testing.B or *rapid.T.
type TB interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// Tx is a call and who signs it.
type Tx struct {
	Signer substrate.AccountID
	Call   runtime.Call
}

// blockTimeMs is the time between two blocks.
const blockTimeMs = 6000

// Chain is a chain in memory. It is used by one goroutine.
type Chain struct {
	t      TB
	rt     *runtime.Runtime
	state  state
	parent runtime.Parent
	events []any
	facts  func(*runtime.BlockInfo) // see Facts
	silent map[substrate.AccountID]bool

	live   *runtime.Context // of the block that runs
	result error            // of the extrinsic that ended last
}

// New starts a chain at block 0.
func New(t TB, g Genesis) *Chain {
	t.Helper()
	c := &Chain{t: t}
	cfg := pallets.Config(g.constants(t))
	cfg.System = observer{system.Hooks{}, c}
	rt, err := runtime.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c.rt = rt
	changes, err := rt.Genesis(g.config(t))
	if err != nil {
		t.Fatal(err)
	}
	c.state.apply(changes)
	c.parent = runtime.Parent{State: &c.state, Hash: crypto.Blake2b256([]byte("genesis"))}
	return c
}

// Number is the height of the last block.
func (c *Chain) Number() uint32 { return c.parent.Number }

// Runtime is the state machine that runs the chain.
func (c *Chain) Runtime() *runtime.Runtime { return c.rt }

// Ctx reads the state after the last block. What is written to it is lost.
func (c *Chain) Ctx() *runtime.Context { return c.rt.ReadContext(c.parent) }

// Run makes a block with one call and returns the call's error, comparable
// with errors.Is. The signer pays the fee.
func (c *Chain) Run(signer substrate.AccountID, call runtime.Call) error {
	c.t.Helper()
	return c.Block(Tx{signer, call})[0]
}

// Must is Run for calls that succeed.
func (c *Chain) Must(signer substrate.AccountID, call runtime.Call) {
	c.t.Helper()
	if err := c.Run(signer, call); err != nil {
		c.t.Fatalf("block %d: %s: %v", c.Number(), runtime.RuntimeCall{Call: call}.Name(), err)
	}
}

// Root makes a block in which the chain itself makes the call.
func (c *Chain) Root(call runtime.Call) error {
	c.t.Helper()
	call = c.recode(call)
	return c.Do(func(ctx *runtime.Context) error { return ctx.Dispatch(call, runtime.RootOrigin()) })
}

// Block makes a block with the given calls and returns an error for each. A
// call that could not be included has a validity error
// (runtime.IsValidityError).
func (c *Chain) Block(txs ...Tx) []error {
	c.t.Helper()
	errs := make([]error, len(txs))
	x := c.open()
	for i, tx := range txs {
		errs[i] = c.apply(x, tx)
	}
	c.close(x)
	return errs
}

// Do makes a block in which fn runs as a transaction: the way to use another
// pallet's API or to set state up.
func (c *Chain) Do(fn func(ctx *runtime.Context) error) error {
	c.t.Helper()
	x := c.open()
	err := c.live.Transaction(func() error { return fn(c.live) })
	c.close(x)
	return err
}

// NextBlocks makes n empty blocks.
func (c *Chain) NextBlocks(n uint32) {
	c.t.Helper()
	for range n {
		c.Block()
	}
}

// GoTo makes empty blocks up to and including the given one.
func (c *Chain) GoTo(number uint32) {
	c.t.Helper()
	if number < c.Number() {
		c.t.Fatalf("cannot go back to block %d: block %d was made", number, c.Number())
	}
	c.NextBlocks(number - c.Number())
}

// Events are the events of the last block: structs such as
// balances.TransferEvent.
func (c *Chain) Events() []any { return c.events }

// EventsOf are the last block's events of one kind.
func EventsOf[T any](c *Chain) []T {
	var list []T
	for _, e := range c.events {
		if e, ok := e.(T); ok {
			list = append(list, e)
		}
	}
	return list
}

// Facts lets fn change what consensus says about each block from now on: its
// author, who voted, who misbehaved. nil ends that.
func (c *Chain) Facts(fn func(info *runtime.BlockInfo)) { c.facts = fn }

// Silence says which validators do not vote from the next block on; all others
// do.
func (c *Chain) Silence(who ...substrate.AccountID) {
	c.silent = make(map[substrate.AccountID]bool)
	for _, stash := range who {
		c.silent[stash] = true
	}
}

// voted are the validators of the parent block that vote for it.
func (c *Chain) voted() []substrate.AccountID {
	if c.parent.Number == 0 {
		return nil
	}
	return slices.DeleteFunc(session.Validators.Get(c.Ctx()), func(stash substrate.AccountID) bool { return c.silent[stash] })
}

func (c *Chain) open() *runtime.Execution {
	c.t.Helper()
	number := c.parent.Number + 1
	seed := crypto.Blake2b256([]byte("randomness"), binary.LittleEndian.AppendUint32(nil, number))
	info := runtime.BlockInfo{
		Number: number, TimeMs: uint64(number) * blockTimeMs, HasAuthor: true, Randomness: &seed,
		Voted: c.voted(),
	}
	if c.facts != nil {
		c.facts(&info)
	}
	x, err := c.rt.NewBlock(c.parent, info)
	if err != nil {
		c.t.Fatal(err)
	}
	return x
}

func (c *Chain) apply(x *runtime.Execution, tx Tx) error {
	c.t.Helper()
	nonce, _ := system.Hooks{}.Nonce(c.live, tx.Signer)
	signature, err := substrate.NewSignature(substrate.Sr25519, make([]byte, 64))
	if err != nil {
		c.t.Fatal(err)
	}
	signed := runtime.Extrinsic{
		Signature: &runtime.ExtrinsicSignature{
			Address: substrate.AddressOf(tx.Signer), Signature: signature, Extra: runtime.Extra{Nonce: nonce},
		},
		Call: runtime.RuntimeCall{Call: tx.Call},
	}
	raw, err := signed.Encode()
	if err != nil {
		c.t.Fatal(err)
	}
	checked, _, err := c.rt.Decode(c.parent, raw)
	if err != nil {
		return err
	}
	c.result = errors.New("the extrinsic did not end")
	if err := x.Apply(checked); err != nil {
		return err
	}
	return c.result
}

// close ends the block; the number stands for its hash.
func (c *Chain) close(x *runtime.Execution) {
	c.t.Helper()
	out, err := x.Finish()
	if err != nil {
		c.t.Fatal(err)
	}
	c.live = nil
	c.state.apply(out.Changes)
	c.parent.Number++
	c.parent.Hash = crypto.Blake2b256(binary.LittleEndian.AppendUint32(nil, c.parent.Number))
	c.events = nil
	for _, record := range system.Events.Get(c.Ctx()) {
		c.events = append(c.events, record.Event.Event)
	}
}

// recode takes a call through its wire form, which only calls of the runtime
// have.
func (c *Chain) recode(call runtime.Call) runtime.Call {
	c.t.Helper()
	raw, err := scale.Marshal(runtime.RuntimeCall{Call: call})
	if err != nil {
		c.t.Fatal(err)
	}
	back, err := scale.Unmarshal[runtime.RuntimeCall](raw)
	if err != nil {
		c.t.Fatal(err)
	}
	return back.Call
}

// observer lets the chain see the context of the running block and the Go
// error of a call, of which blocks keep only the wire form.
type observer struct {
	runtime.System
	chain *Chain
}

func (o observer) InitializeBlock(ctx *runtime.Context) {
	o.chain.live = ctx
	o.System.InitializeBlock(ctx)
}

func (o observer) NoteApplied(ctx *runtime.Context, result error, info substrate.DispatchInfo) {
	o.chain.result = result
	o.System.NoteApplied(ctx, result, info)
}

// Keys are the storage keys of the last block's state, in ascending order.
func (c *Chain) Keys() [][]byte {
	keys := make([][]byte, len(c.state.pairs))
	for i, p := range c.state.pairs {
		keys[i] = p.Key
	}
	return keys
}
