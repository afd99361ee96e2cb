package oss

import (
	"encoding/binary"
	"math"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

// ProxyAuthorize adds an authorization that the account signed off chain with
// sr25519. The wire name is misspelt.
type ProxyAuthorize struct {
	AuthPublicKey [32]byte             `scale:"auth_puk" type:"sp_core::sr25519::Public"`
	Sig           types.SignatureBytes `type:"BoundedVec<u8, ConstU32<64>>"`
	Payload       ProxyAuthPayload     `type:"ProxyAuthPayload<T>"`
}

// Dispatch emits Authorize. Anybody may submit the signed payload, once.
func (c ProxyAuthorize) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if _, err := origin.Signed(); err != nil {
		return err
	}
	if !c.Payload.valid(ctx) {
		return ErrExpired
	}
	if len(c.Sig) != 64 {
		return ErrMalformedSignature
	}
	if !crypto.Verify(crypto.Sr25519, c.AuthPublicKey[:], c.Payload.Message(), c.Sig) {
		return ErrVerifySigFailed
	}
	return c.Payload.use(ctx, c.AuthPublicKey)
}

// EVMProxyAuthorize adds an authorization that the account signed off chain
// with an Ethereum key (EIP-191). AuthPublicKey is the account id.
type EVMProxyAuthorize struct {
	AuthPublicKey [32]byte         `scale:"auth_puk" type:"sp_core::sr25519::Public"`
	Sig           [65]byte         `type:"EIP712Signature"`
	Payload       ProxyAuthPayload `type:"ProxyAuthPayload<T>"`
}

// Dispatch emits Authorize. Anybody may submit the signed payload, once. The
// account is the blake2-256 of the compressed public key.
func (c EVMProxyAuthorize) Dispatch(ctx *runtime.Context, origin runtime.Origin) error {
	if _, err := origin.Signed(); err != nil {
		return err
	}
	if !c.Payload.valid(ctx) {
		return ErrExpired
	}
	public, err := crypto.RecoverDigest(crypto.PersonalDigest(c.Payload.Message()), c.Sig[:])
	if err != nil || crypto.Blake2b256(public[:]) != c.AuthPublicKey {
		return ErrVerifySigFailed
	}
	return c.Payload.use(ctx, c.AuthPublicKey)
}

// Message is what the account signs: the SCALE form in the wrapper that wallets
// put around raw bytes, 51 bytes (spec/pallets-storage.md §4).
func (p ProxyAuthPayload) Message() []byte { return crypto.WrapText(p.encode()) }

func (p ProxyAuthPayload) encode() []byte {
	return binary.LittleEndian.AppendUint32(append([]byte(nil), p.Oss[:]...), p.Expires)
}

// valid says whether the payload is neither too old nor signed for too far
// ahead: upstream takes any future block (spec/pallets-storage.md §12, B24).
func (p ProxyAuthPayload) valid(ctx *runtime.Context) bool {
	now, exp := uint64(ctx.BlockNumber()), uint64(p.Expires)
	lapse := exp + uint64(PayloadExpired.Get(ctx))
	return lapse <= math.MaxUint32 && lapse > now && exp <= now+uint64(PayloadAhead.Get(ctx))
}

// usedPayloads are the payloads that were submitted and are still valid, so
// that none brings an authorization back that the account took away. Upstream
// has no such record and metadata does not list it.
var usedPayloads = runtime.NewOptionalMap[usedPayload, bool]("OssExtra", "UsedPayloads", runtime.Identity)

// usedPayload sorts payloads by the block in which they lapse: it is
// big-endian. Digest is over the account and the payload.
type usedPayload struct {
	Lapse  [4]byte
	Digest substrate.H256
}

// use authorizes the operator for an account whose signature holds.
func (p ProxyAuthPayload) use(ctx *runtime.Context, account substrate.AccountID) error {
	mark := usedPayload{Digest: crypto.Blake2b256(account[:], p.encode())}
	binary.BigEndian.PutUint32(mark.Lapse[:], p.Expires+PayloadExpired.Get(ctx))
	if (API{}).Allowed(ctx, account, p.Oss) || usedPayloads.Contains(ctx, mark) {
		return ErrExisted
	}
	if err := allow(ctx, account, p.Oss); err != nil {
		return err
	}
	usedPayloads.Put(ctx, mark, true)
	ctx.Emit(AuthorizeEvent{Account: account, Operator: p.Oss})
	return nil
}

// forgetLimit is how many used payloads one block forgets.
const forgetLimit = 100

// onInitialize forgets payloads that lapsed.
func onInitialize(ctx *runtime.Context) {
	left := forgetLimit
	for used := range usedPayloads.Iter(ctx) {
		if left == 0 || binary.BigEndian.Uint32(used.Lapse[:]) > ctx.BlockNumber() {
			return
		}
		left--
		usedPayloads.Delete(ctx, used)
	}
}
