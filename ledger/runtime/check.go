package runtime

import (
	"fmt"

	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
)

// Checked is an extrinsic whose format and signature hold. It stays true as
// long as the chain does: what depends on state is checked again by Validate
// and Apply.
type Checked struct {
	Raw  []byte
	Hash substrate.H256
	// Signer is the account whose nonce orders the extrinsic. For an unsigned
	// one it is the digest of what the extrinsic provides, with nonce 0, so
	// that of two that provide the same a pool holds one; it is no account.
	Signer substrate.AccountID
	// Address is how the extrinsic names its signer.
	Address substrate.MultiAddress
	Extra   Extra
	Call    RuntimeCall
	Info    substrate.DispatchInfo
	// Birth is the first block of the era, 0 if immortal.
	Birth uint64
	// Spec is the spec version of the runtime that decoded the extrinsic; for one
	// of another version it is invalid.
	Spec uint32
	// Unsigned says that the call's pallet admitted the extrinsic: nobody
	// signed it and the runtime charges nobody for it.
	Unsigned bool
}

// Length is the number of bytes that the length fee counts.
func (c *Checked) Length() int { return len(c.Raw) }

var cryptoSchemes = map[substrate.SignatureScheme]crypto.Scheme{
	substrate.Ed25519: crypto.Ed25519,
	substrate.Sr25519: crypto.Sr25519,
	substrate.Ecdsa:   crypto.Ecdsa,
}

// SignatureCheck is the signature of an extrinsic, still to be verified. It is
// apart from decoding so that a pool can verify many at once.
type SignatureCheck struct {
	Scheme    crypto.Scheme
	Account   substrate.AccountID
	Message   []byte
	Signature []byte
}

// Check decodes raw and verifies its signature as of the block after parent. Its errors are
// ErrExtrinsicFormat and validity errors.
func (rt *Runtime) Check(parent Parent, raw []byte) (*Checked, error) {
	c, sig, err := rt.Decode(parent, raw)
	if err != nil {
		return nil, err
	}
	if sig != nil && !crypto.VerifyAccount(sig.Scheme, sig.Account, sig.Message, sig.Signature) {
		return nil, substrate.InvalidBadProof
	}
	return c, nil
}

// Decode does all of Check but the verification of the signature. There is none
// left to verify of an unsigned extrinsic.
func (rt *Runtime) Decode(parent Parent, raw []byte) (*Checked, *SignatureCheck, error) {
	return rt.DecoderOver(parent).Decode(raw)
}

// ExtrinsicDecoder decodes many extrinsics over one parent. It belongs to one
// goroutine.
type ExtrinsicDecoder struct {
	ctx    *Context
	hashes map[uint64]substrate.H256 // of blocks that eras refer to
}

// DecoderOver returns a decoder over parent.
func (rt *Runtime) DecoderOver(parent Parent) *ExtrinsicDecoder {
	return &ExtrinsicDecoder{ctx: rt.next(parent)}
}

// Decode is Runtime.Decode.
func (d *ExtrinsicDecoder) Decode(raw []byte) (_ *Checked, _ *SignatureCheck, err error) {
	defer catch(&err)
	ctx, rt := d.ctx, d.ctx.rt
	if len(raw) > rt.limits.maxLength {
		return nil, nil, substrate.InvalidExhaustsResources
	}
	x, err := rt.DecodeExtrinsic(raw)
	if err != nil {
		return nil, nil, err
	}
	if x.Signature == nil {
		c, err := rt.decodeUnsigned(raw, x.Call)
		return c, nil, err
	}
	c := &Checked{
		Raw: raw, Hash: ExtrinsicHash(raw), Address: x.Signature.Address,
		Extra: x.Signature.Extra, Call: x.Call, Info: x.Call.Info(),
		Spec: rt.version.SpecVersion,
	}
	if len(raw) > rt.limits.length(c.Info.Class) {
		return nil, nil, substrate.InvalidExhaustsResources
	}
	if c.Signer, err = rt.system.Lookup(ctx, x.Signature.Address); err != nil {
		return nil, nil, substrate.UnknownCannotLookup
	}
	c.Birth = c.Extra.Era.Birth(uint64(ctx.BlockNumber()))
	birth, ok := d.blockHash(c.Birth)
	if !ok {
		return nil, nil, substrate.InvalidAncientBirthBlock
	}
	genesis, _ := d.blockHash(0)
	message, err := SigningPayload(x.Call, c.Extra, rt.specVersion(), genesis, birth)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrExtrinsicFormat, err)
	}
	sig := &SignatureCheck{
		Scheme:  cryptoSchemes[x.Signature.Signature.Scheme()],
		Account: c.Signer, Message: message, Signature: x.Signature.Signature.Bytes(),
	}
	if c.Signer == (substrate.AccountID{}) {
		return nil, nil, substrate.InvalidBadSigner
	}
	return c, sig, nil
}

func (d *ExtrinsicDecoder) blockHash(number uint64) (substrate.H256, bool) {
	if hash, ok := d.hashes[number]; ok {
		return hash, true
	}
	hash, ok := d.ctx.rt.system.BlockHash(d.ctx, number)
	if ok {
		if d.hashes == nil {
			d.hashes = make(map[uint64]substrate.H256)
		}
		d.hashes[number] = hash
	}
	return hash, ok
}

// ValidTransaction tells the pool how to order an extrinsic.
type ValidTransaction struct {
	Priority  uint64
	Nonce     uint32
	Expected  uint32 // the account's nonce in state
	Longevity uint64 // blocks until the era ends
}

// Validate checks c against the state of parent for admission to the pool. A
// nonce above the expected one is not an error: the extrinsic waits.
func (rt *Runtime) Validate(parent Parent, c *Checked) (_ ValidTransaction, err error) {
	defer catch(&err)
	ctx := rt.next(parent)
	if c.Spec != rt.version.SpecVersion {
		return ValidTransaction{}, substrate.InvalidBadProof
	}
	if c.Unsigned {
		return rt.validateUnsigned(ctx, c)
	}
	if err := rt.checkEra(ctx, c); err != nil {
		return ValidTransaction{}, err
	}
	if err := rt.checkAddress(ctx, c); err != nil {
		return ValidTransaction{}, err
	}
	if c.Info.Class == substrate.Mandatory {
		return ValidTransaction{}, substrate.InvalidMandatoryValidation
	}
	if !rt.limits.fits(c.Info, c.Length()) {
		return ValidTransaction{}, substrate.InvalidExhaustsResources
	}
	nonce, exists := rt.system.Nonce(ctx, c.Signer)
	if !exists {
		return ValidTransaction{}, substrate.InvalidPayment
	}
	if c.Extra.Nonce < nonce {
		return ValidTransaction{}, substrate.InvalidStale
	}
	if err := rt.payment.CanPay(ctx, c); err != nil {
		return ValidTransaction{}, err
	}
	longevity := ^uint64(0)
	if !c.Extra.Era.IsImmortal() {
		longevity = c.Extra.Era.Death(uint64(ctx.BlockNumber())) - uint64(ctx.BlockNumber())
	}
	return ValidTransaction{
		Priority:  rt.payment.Priority(ctx, c),
		Nonce:     c.Extra.Nonce,
		Expected:  nonce,
		Longevity: longevity,
	}, nil
}

// checkEra refuses an extrinsic whose era is over or whose birth block the
// chain no longer remembers. The birth block was fixed when the signature was
// checked; were it computed anew after the era's end, it would be another.
func (rt *Runtime) checkEra(ctx *Context, c *Checked) error {
	if c.Extra.Era.IsImmortal() {
		return nil
	}
	now := uint64(ctx.BlockNumber())
	if c.Extra.Era.Birth(now) != c.Birth {
		return substrate.InvalidAncientBirthBlock
	}
	if _, ok := rt.system.BlockHash(ctx, c.Birth); !ok {
		return substrate.InvalidAncientBirthBlock
	}
	return nil
}

// checkAddress refuses an extrinsic whose address has come to mean another
// account since its signature was checked: indices change hands.
func (rt *Runtime) checkAddress(ctx *Context, c *Checked) error {
	if _, direct := c.Address.ID(); direct {
		return nil
	}
	signer, err := rt.system.Lookup(ctx, c.Address)
	if err != nil {
		return substrate.UnknownCannotLookup
	}
	if signer != c.Signer {
		return substrate.InvalidBadProof
	}
	return nil
}
