package imonline

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

// HeartbeatCall is the sign of life of upstream's validators.
type HeartbeatCall struct {
	Heartbeat Heartbeat `type:"Heartbeat<BlockNumberFor<T>>"`
	Signature Signature `type:"<T::AuthorityId as RuntimeAppPublic>::Signature"`
}

// Dispatch fails: whoever has a right to send heartbeats has voted, which counts.
func (HeartbeatCall) Dispatch(_ *runtime.Context, origin runtime.Origin) error {
	if err := origin.None(); err != nil {
		return err
	}
	return ErrDuplicatedHeartbeat
}

// rules refuse heartbeats as Stale: votes have told before.
type rules struct{}

func (rules) Verify(*runtime.Runtime, runtime.Call) ([]byte, error) {
	return nil, substrate.InvalidStale
}

func (rules) Validate(*runtime.Context, runtime.Call) (runtime.ValidUnsigned, error) {
	return runtime.ValidUnsigned{}, substrate.InvalidStale
}
