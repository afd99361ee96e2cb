package system

import (
	"encoding/binary"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

// Remark stores nothing: its bytes are on chain as part of the block.
type Remark struct {
	Remark []byte `type:"Vec<u8>"`
}

// Dispatch does nothing, for any origin.
func (c Remark) Dispatch(*runtime.Context, runtime.Origin) error { return nil }

// SetHeapPages sets `:heappages`; root.
type SetHeapPages struct {
	Pages uint64 `type:"u64"`
}

// Dispatch stores the number; this runtime does not use it.
func (c SetHeapPages) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	ctx.Put([]byte(":heappages"), binary.LittleEndian.AppendUint64(nil, c.Pages))
	return nil
}

// SetCode replaces `:code`; root.
type SetCode struct {
	Code []byte `type:"Vec<u8>"`
}

// Dispatch fails: the runtime is part of the node, and no code on chain can
// replace it.
func (c SetCode) Dispatch(_ *runtime.Context, origin runtime.Origin) error { return refuseCode(origin) }

func refuseCode(origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	return ErrFailedToExtractRuntimeVersion
}

// SetCodeWithoutChecks replaces `:code` without comparing versions; root.
type SetCodeWithoutChecks struct {
	Code []byte `type:"Vec<u8>"`
}

// Dispatch fails as SetCode does.
func (c SetCodeWithoutChecks) Dispatch(_ *runtime.Context, origin runtime.Origin) error {
	return refuseCode(origin)
}

// SetStorage writes raw keys; root.
type SetStorage struct {
	Items []KeyValue `type:"Vec<KeyValue>"`
}

// Dispatch writes the pairs in order.
func (c SetStorage) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	for _, kv := range c.Items {
		ctx.Put(kv.Key, kv.Value)
	}
	return nil
}

// KillStorage removes raw keys; root.
type KillStorage struct {
	Keys [][]byte `type:"Vec<Key>"`
}

// Dispatch removes the keys.
func (c KillStorage) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	for _, key := range c.Keys {
		ctx.Delete(key)
	}
	return nil
}

// KillPrefix removes up to Subkeys keys under Prefix; root.
type KillPrefix struct {
	Prefix  []byte `type:"Key"`
	Subkeys uint32 `type:"u32"`
}

// Dispatch removes the first Subkeys keys in key order.
func (c KillPrefix) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	if c.Subkeys == 0 {
		return nil
	}
	var keys [][]byte
	ctx.Scan(c.Prefix, nil, func(key, _ []byte) bool {
		keys = append(keys, key)
		return uint64(len(keys)) < uint64(c.Subkeys)
	})
	for _, key := range keys {
		ctx.Delete(key)
	}
	return nil
}

// RemarkWithEvent is Remark with a Remarked event of the hash.
type RemarkWithEvent struct {
	Remark []byte `type:"Vec<u8>"`
}

// Dispatch emits Remarked with the blake2-256 of the remark.
func (c RemarkWithEvent) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	who, err := origin.Signed()
	if err != nil {
		return err
	}
	ctx.Emit(RemarkedEvent{Sender: who, Hash: crypto.Blake2b256(c.Remark)})
	return nil
}

// AuthorizeUpgrade names the hash of the next code; root.
type AuthorizeUpgrade struct {
	CodeHash substrate.H256 `type:"T::Hash"`
}

// Dispatch emits UpgradeAuthorized.
func (c AuthorizeUpgrade) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	return authorize(ctx, origin, c.CodeHash, true)
}

func authorize(ctx *runtime.Context, origin runtime.Origin, hash substrate.H256, check bool) error {
	if err := origin.Root(); err != nil {
		return err
	}
	AuthorizedUpgrade.Put(ctx, CodeUpgradeAuthorization{CodeHash: hash, CheckVersion: check})
	ctx.Emit(UpgradeAuthorizedEvent{CodeHash: hash, CheckVersion: check})
	return nil
}

// AuthorizeUpgradeWithoutChecks names the hash of the next code and skips the
// version check; root.
type AuthorizeUpgradeWithoutChecks struct {
	CodeHash substrate.H256 `type:"T::Hash"`
}

// Dispatch emits UpgradeAuthorized.
func (c AuthorizeUpgradeWithoutChecks) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	return authorize(ctx, origin, c.CodeHash, false)
}

// ApplyAuthorizedUpgrade applies the authorized code; anybody may send it.
type ApplyAuthorizedUpgrade struct {
	Code []byte `type:"Vec<u8>"`
}

// Dispatch checks the authorisation and then fails as SetCode does.
func (c ApplyAuthorizedUpgrade) Dispatch(ctx *runtime.Context, _ runtime.Origin) error {
	authorized, ok := AuthorizedUpgrade.Get(ctx)
	if !ok {
		return ErrNothingAuthorized
	}
	if authorized.CodeHash != crypto.Blake2b256(c.Code) {
		return ErrUnauthorized
	}
	return ErrFailedToExtractRuntimeVersion
}
