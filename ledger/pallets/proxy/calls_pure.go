package proxy

import (
	"encoding/binary"

	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

// CreatePure makes an account without a key, of which the signer is the only
// proxy. Index tells apart those that one extrinsic makes.
type CreatePure struct {
	Type  Type              `scale:"proxy_type" type:"T::ProxyType"`
	Delay types.BlockNumber `type:"BlockNumberFor<T>"`
	Index uint16            `type:"u16"`
}

// Dispatch emits PureCreated. The signer leaves the deposit for the first
// proxy.
func (c CreatePure) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	at := Birth{Height: ctx.BlockNumber(), Extrinsic: ctx.ExtrinsicIndex()}
	pure := PureAccount(who, c.Type, c.Index, at)
	if Proxies.Contains(ctx, pure) {
		return ErrDuplicate
	}
	deposit := depositFor(DepositBase.Get(ctx), DepositFactor.Get(ctx), 1)
	if err := currency.Reserve(ctx, who, deposit); err != nil {
		return err
	}
	Proxies.Put(ctx, pure, Delegation{List: []Definition{{Delegate: who, Type: c.Type, Delay: c.Delay}}, Deposit: deposit})
	spawned.Put(ctx, pure, spawn{Spawner: who, Deposit: deposit})
	ctx.Emit(PureCreatedEvent{Pure: pure, Who: who, ProxyType: c.Type, DisambiguationIndex: c.Index})
	return nil
}

// Birth is where in the chain a pure proxy was made.
type Birth struct {
	Height    types.BlockNumber
	Extrinsic uint32 // its place in the block
}

// PureAccount is the account of a pure proxy: blake2-256 of
// "modlpy/proxy____" ‖ spawner ‖ height ‖ extrinsic ‖ type ‖ index.
func PureAccount(spawner substrate.AccountID, t Type, i uint16, at Birth) substrate.AccountID {
	b := append([]byte("modlpy/proxy____"), spawner[:]...)
	b = binary.LittleEndian.AppendUint32(b, at.Height)
	b = binary.LittleEndian.AppendUint32(b, at.Extrinsic)
	b = binary.LittleEndian.AppendUint16(append(b, byte(t)), i)
	return crypto.Blake2b256(b)
}

// KillPure removes a pure proxy that has described itself. What is left on the
// account is lost.
type KillPure struct {
	Spawner   substrate.MultiAddress `type:"AccountIdLookupOf<T>"`
	Type      Type                   `scale:"proxy_type" type:"T::ProxyType"`
	Index     uint16                 `type:"u16"`
	Height    types.BlockNumber      `scale:"height,compact" type:"BlockNumberFor<T>"`
	Extrinsic uint32                 `scale:"ext_index,compact" type:"u32"`
}

// Dispatch emits no event. Every deposit goes back to who left it.
func (c KillPure) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, spawner, err := system.SignedFor(ctx, origin, c.Spawner)
	if err != nil {
		return err
	}
	if who != PureAccount(spawner, c.Type, c.Index, Birth{c.Height, c.Extrinsic}) {
		return ErrNoPermission
	}
	return keep(ctx, who, Proxies.Get(ctx, who), nil)
}
