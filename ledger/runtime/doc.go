// Package runtime is what a pallet is made of: storage items, calls, events,
// errors, constants and hooks, and the machine that runs a block over them.
//
// A pallet declares its storage once, as typed values (NewValue, NewMap, …),
// and reads and writes it through a *Context. The same declarations give the
// storage keys that clients compute, the metadata that they download and the
// typed queries of the Go SDK.
//
// Everything here is deterministic: a block's outcome is a function of the
// parent state and of the block's own bytes. No clock, no randomness, no
// goroutine and no map iteration order reaches state.
package runtime
