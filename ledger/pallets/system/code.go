package system

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

// The runtime is part of the program, so that no code on chain can replace it.
// What these calls take for code is the name of a runtime (runtime.Code): they
// make that one run from the next block on. Whether the program of this or that
// node knows it must not matter to what the calls do, or the nodes would disagree
// on the state; a node that does not know it stops before the next block. Use
// `Upgrade.schedule`, which leaves operators time.

// SetCode makes another runtime the one of the next block; root.
type SetCode struct {
	Code []byte `type:"Vec<u8>"`
}

// Dispatch emits CodeUpdated. It fails with FailedToExtractRuntimeVersion for
// what names no runtime, InvalidSpecName for another chain's and
// SpecVersionNeedsToIncrease for one that is not newer.
func (c SetCode) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	return setCode(ctx, c.Code, true)
}

// SetCodeWithoutChecks is SetCode that may go back to an older runtime; root.
// Migrations do not run backwards.
type SetCodeWithoutChecks struct {
	Code []byte `type:"Vec<u8>"`
}

// Dispatch emits CodeUpdated. It fails as SetCode does, except that it does not
// compare versions.
func (c SetCodeWithoutChecks) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if err := origin.Root(); err != nil {
		return err
	}
	return setCode(ctx, c.Code, false)
}

func setCode(ctx *runtime.Context, raw []byte, check bool) error {
	code, err := runtime.DecodeCode(raw)
	if err != nil {
		return ErrFailedToExtractRuntimeVersion
	}
	if err := checkCode(ctx, code, check); err != nil {
		return err
	}
	upgrades.Switch(ctx, code.SpecVersion)
	return nil
}

// checkCode is upstream's test of new code, against the runtime of the next block
// as it stands.
func checkCode(ctx *runtime.Context, code runtime.Code, increase bool) error {
	switch now := NextCode(ctx); {
	case code.SpecName != now.SpecName:
		return ErrInvalidSpecName
	case increase && code.SpecVersion <= now.SpecVersion:
		return ErrSpecVersionNeedsToIncrease
	}
	return nil
}

// NextCode names the runtime of the next block, as far as it is decided.
func NextCode(ctx *runtime.Context) runtime.Code {
	if code, err := runtime.DecodeCode(ctx.Get(runtime.CodeKey)); err == nil {
		return code
	}
	return runtime.CodeOf(Version.Get(ctx)) // root has written over it
}

// UpdateCode makes a runtime the one of the next block and tells clients: by the
// value that they watch, an event and an item of the header's digest.
func UpdateCode(ctx *runtime.Context, specVersion uint32) {
	code := runtime.Code{SpecVersion: specVersion, SpecName: Version.Get(ctx).SpecName}
	ctx.Put(runtime.CodeKey, code.Encode())
	Digest.Mutate(ctx, func(d *substrate.Digest) {
		d.Logs = append(d.Logs, substrate.DigestItem{Kind: substrate.DigestRuntimeEnvironmentUpdated})
	})
	ctx.Emit(CodeUpdatedEvent{})
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
// comparison of versions; root.
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

// Dispatch emits CodeUpdated and costs no fee. It fails with NothingAuthorized,
// with Unauthorized for code of another hash, and as SetCode does.
func (c ApplyAuthorizedUpgrade) Dispatch(ctx *runtime.Context, _ runtime.Origin) error {
	authorized, ok := AuthorizedUpgrade.Get(ctx)
	if !ok {
		return ErrNothingAuthorized
	}
	if authorized.CodeHash != crypto.Blake2b256(c.Code) {
		return ErrUnauthorized
	}
	if err := setCode(ctx, c.Code, authorized.CheckVersion); err != nil {
		return err
	}
	AuthorizedUpgrade.Delete(ctx)
	ctx.WaiveFee()
	return nil
}
