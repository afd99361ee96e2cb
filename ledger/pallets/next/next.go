// Package next is a version of the runtime that no network runs: tests upgrade to
// it, and a program built with the tag nextruntime knows it. It differs from 137
// by a pallet, by the value of a constant and by a migration, and so shows what a
// release is made of (docs/protocol/upgrade.md).
package next

import (
	"slices"

	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/ledger/pallets/cacher"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// SpecVersion is the version's number.
const SpecVersion = 138

// BillsLimit is the new value of Cacher.BillsLimit.
const BillsLimit = 20

// Release is the version as pallets.Releases lists it.
func Release() runtime.Config {
	c := pallets.Config(nil)
	c.Version.SpecVersion = SpecVersion
	c.Pallets = slices.Concat(c.Pallets, []*runtime.Pallet{Pallet})
	c.Values = []runtime.ConstantValue{cacher.BillsLimit.Is(BillsLimit)}
	c.Migrate = migrate
	return c
}

const (
	name  = "Almanac"
	index = 250
)

// OldNote is where a note stands before the migration; root writes it.
var OldNote = []byte(":gocess:note")

// Note is where the migration moves it.
var Note = runtime.NewOptionalValue[[]byte](name, "Note")

// Pallet keeps a note that anybody may change.
var Pallet = &runtime.Pallet{
	Name:    name,
	Index:   index,
	Storage: []runtime.StorageItem{Note},
	Calls: runtime.Calls("pallet_almanac::pallet::Call",
		runtime.NewCall[Write](0, "write", runtime.Work(0, 1)),
	),
	Events: runtime.Events("pallet_almanac::pallet::Event",
		runtime.Event[WrittenEvent](0, "Written"),
	),
}

func migrate(ctx *runtime.Context) error {
	if note := ctx.Get(OldNote); note != nil {
		Note.Put(ctx, note)
		ctx.Delete(OldNote)
	}
	return nil
}

// Write replaces the note.
type Write struct {
	Text []byte `type:"Vec<u8>"`
}

// Dispatch emits Written.
func (c Write) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	Note.Put(ctx, c.Text)
	ctx.Emit(WrittenEvent{Who: who})
	return nil
}

// WrittenEvent reports a new note.
type WrittenEvent struct {
	Who substrate.AccountID `type:"T::AccountId"`
}
