package runtime

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/gocess/gocess/primitives/substrate"
)

// Versions are the runtimes that a program knows, of one chain. The state after a
// block says which of them runs the next one, so that every node changes runtimes
// at the same block, and old blocks are run and read by their own. It is safe for
// concurrent use.
type Versions struct {
	list  []*Runtime // ascending spec versions
	first *Runtime   // runs block 1

	ahead atomic.Pointer[ahead] // of the block that was asked about last
}

// migration is what a version does to the state of the one before.
type migration struct {
	spec uint32
	run  func(ctx *Context) error
}

// NewVersions builds the runtimes of a chain that began with the spec version
// first; 0 is the oldest in list, which goes from older to newer versions.
// constants are those of the chain's spec (Config.Constants of each version must
// be unset); one that only some versions declare is a constant of those.
func NewVersions(first uint32, constants map[string]json.RawMessage, list ...Config) (*Versions, error) {
	v := new(Versions)
	undeclared := make(map[string]bool)
	for _, name := range sortedKeys(constants) {
		undeclared[name] = true
	}
	for i, cfg := range list {
		bare, err := New(cfg)
		if err != nil {
			return nil, err
		}
		known := bare.declared()
		cfg.Constants = make(map[string]json.RawMessage)
		for _, name := range sortedKeys(constants) {
			if _, ok := known[name]; ok {
				cfg.Constants[name] = constants[name]
				delete(undeclared, name)
			}
		}
		rt, err := New(cfg)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			if err := follows(rt, v.list[i-1]); err != nil {
				return nil, err
			}
			rt.upgrades = slices.Concat(v.list[i-1].upgrades, rt.upgrades)
		}
		v.list = append(v.list, rt)
	}
	if len(v.list) == 0 {
		return nil, errors.New("runtime: no versions")
	}
	if names := sortedKeys(undeclared); len(names) > 0 {
		// The newest version says which ones there are.
		return nil, v.Newest().setConstants(map[string]json.RawMessage{names[0]: constants[names[0]]})
	}
	v.first = v.list[0]
	if first != 0 {
		var err error
		if v.first, err = v.Version(first); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// follows checks that a version can come after another.
func follows(next, last *Runtime) error {
	a, b := last.version, next.version
	switch {
	case b.SpecName != a.SpecName:
		return fmt.Errorf("runtime: version %d is of %q, version %d of %q", b.SpecVersion, b.SpecName, a.SpecVersion, a.SpecName)
	case b.SpecVersion <= a.SpecVersion:
		return fmt.Errorf("runtime: version %d is listed after %d", b.SpecVersion, a.SpecVersion)
	case next.InherentCount() != last.InherentCount():
		// Extrinsics are counted from the inherents on wherever a block is
		// taken apart without its state.
		return fmt.Errorf("runtime: version %d has %d inherents, version %d has %d",
			b.SpecVersion, next.InherentCount(), a.SpecVersion, last.InherentCount())
	}
	return nil
}

// Only is the Versions of a chain that has one runtime.
func Only(rt *Runtime) *Versions { return &Versions{list: []*Runtime{rt}, first: rt} }

// First is the runtime that the chain began with.
func (v *Versions) First() *Runtime { return v.first }

// Newest is the newest runtime that the program knows.
func (v *Versions) Newest() *Runtime { return v.list[len(v.list)-1] }

// Known lists the spec versions that the program knows, ascending.
func (v *Versions) Known() []uint32 {
	known := make([]uint32, len(v.list))
	for i, rt := range v.list {
		known[i] = rt.version.SpecVersion
	}
	return known
}

// InherentCount is how many extrinsics every block starts with that nobody sent,
// in all versions.
func (v *Versions) InherentCount() int { return v.first.InherentCount() }

// UnknownVersionError says that the chain has gone on to a runtime that this
// program does not contain.
type UnknownVersionError struct {
	Needs uint32 // spec version
	Known []uint32
	// Block is the first one that this program cannot run, 0 if it is not known
	// which.
	Block uint32
}

// Error tells the operator what to do.
func (e *UnknownVersionError) Error() string {
	at := ""
	if e.Block > 0 {
		at = fmt.Sprintf(" from block %d on", e.Block)
	}
	return fmt.Sprintf("the chain runs runtime version %d%s, and this program knows %s: "+
		"replace it by a release that knows version %d and start it again on the same data, which is complete up to there",
		e.Needs, at, listOf(e.Known), e.Needs)
}

func listOf(versions []uint32) string {
	if len(versions) == 1 {
		return fmt.Sprintf("only %d", versions[0])
	}
	return fmt.Sprintf("%d to %d", versions[0], versions[len(versions)-1])
}

// Version is the runtime of a spec version, or *UnknownVersionError.
func (v *Versions) Version(spec uint32) (*Runtime, error) {
	i, ok := slices.BinarySearchFunc(v.list, spec, func(rt *Runtime, spec uint32) int {
		return int(int64(rt.version.SpecVersion) - int64(spec))
	})
	if !ok {
		return nil, &UnknownVersionError{Needs: spec, Known: v.Known()}
	}
	return v.list[i], nil
}

// Next is the runtime that runs the block after parent: the one whose version
// clients see in parent's state. It returns *UnknownVersionError when the program
// does not have it.
func (v *Versions) Next(parent Parent) (*Runtime, error) {
	b, err := parent.State.Get(CodeKey)
	if err != nil {
		return nil, fmt.Errorf("read the chain's runtime version: %w", err)
	}
	if b == nil {
		return v.first, nil // a state without System, in tests
	}
	code, err := DecodeCode(b)
	if err != nil {
		return nil, err
	}
	rt, err := v.Version(code.SpecVersion)
	if unknown, ok := errors.AsType[*UnknownVersionError](err); ok {
		unknown.Block = parent.Number + 1
	}
	return rt, err
}

// Last is the runtime whose layout the state after a block has: it ran the block,
// and reads its state.
func (v *Versions) Last(at Parent) (rt *Runtime, err error) {
	defer catch(&err)
	spec := v.first.system.LastUpgrade(v.first.ReadContext(at))
	if spec == 0 {
		return v.first, nil
	}
	return v.Version(spec)
}

// Read runs fn over the state after a committed block, by the runtime of that
// state.
func (v *Versions) Read(at Parent, fn func(ctx *Context)) error {
	rt, err := v.Last(at)
	if err != nil {
		return err
	}
	return rt.Read(at, fn)
}

// Successor is the runtime of the block after the one with the given number, which
// is best or one of its ancestors: the version that clients see at that block. It
// does not need the block's own state, which may be gone.
func (v *Versions) Successor(best Parent, number uint32) (rt *Runtime, err error) {
	defer catch(&err)
	spec, ok := v.first.system.RanBy(v.first.ReadContext(best), number+1)
	if !ok {
		return v.first, nil
	}
	return v.Version(spec)
}

// ahead is what the block after a parent begins with.
type ahead struct {
	number uint32
	hash   substrate.H256
	rt     *Runtime
	// migrated are the changes of the migrations that the block begins with.
	migrated []Change
}

// Ahead is the runtime that judges extrinsics for the block after parent, and
// parent as it finds it: after the migrations, if the block is its first.
func (v *Versions) Ahead(parent Parent) (*Runtime, Parent, error) {
	a := v.ahead.Load()
	if a == nil || a.number != parent.Number || a.hash != parent.Hash {
		var err error
		if a, err = v.lookAhead(parent); err != nil {
			return nil, parent, err
		}
		if kept := v.ahead.Load(); kept == nil || kept.number <= a.number {
			v.ahead.Store(a) // questions about old blocks do not displace the best one
		}
	}
	if len(a.migrated) > 0 {
		parent.State = &Layer{Base: parent.State, Top: a.migrated}
	}
	return a.rt, parent, nil
}

func (v *Versions) lookAhead(parent Parent) (_ *ahead, err error) {
	defer catch(&err)
	rt, err := v.Next(parent)
	if err != nil {
		return nil, err
	}
	a := &ahead{number: parent.Number, hash: parent.Hash, rt: rt}
	ctx := rt.next(parent)
	if from := rt.system.LastUpgrade(ctx); from != rt.version.SpecVersion {
		if err := rt.upgrade(ctx, from); err != nil {
			return nil, err
		}
		a.migrated = ctx.state.changes()
	}
	return a, nil
}

// upgrade runs the migrations that lie between the state's layout and this
// runtime's.
func (rt *Runtime) upgrade(ctx *Context, from uint32) error {
	for _, m := range rt.upgrades {
		if m.spec <= from {
			continue
		}
		if err := m.run(ctx); err != nil {
			return fmt.Errorf("migration to runtime version %d: %w", m.spec, err)
		}
	}
	if err := rt.putConstants(ctx); err != nil {
		return err
	}
	rt.system.NoteUpgrade(ctx)
	return nil
}

// Decode is Runtime.Decode by the runtime of the block after parent.
func (v *Versions) Decode(parent Parent, raw []byte) (*Checked, *SignatureCheck, error) {
	rt, parent, err := v.Ahead(parent)
	if err != nil {
		return nil, nil, err
	}
	return rt.Decode(parent, raw)
}

// Validate is Runtime.Validate by the runtime of the block after parent.
func (v *Versions) Validate(parent Parent, c *Checked) (ValidTransaction, error) {
	rt, parent, err := v.Ahead(parent)
	if err != nil {
		return ValidTransaction{}, err
	}
	return rt.Validate(parent, c)
}
