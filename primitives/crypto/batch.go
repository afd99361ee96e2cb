package crypto

import "github.com/oasisprotocol/curve25519-voi/primitives/ed25519"

// Batch verifies many signatures at once, sr25519 at about half and ed25519 at about two thirds of the price of single
// verification. The verdict on each signature is the one that Verify would give. Its zero value is ready to use, and
// Reset makes it ready again with the memory it has. A Batch belongs to one goroutine; many goroutines may each use
// their own.
//
// One bad signature costs its batch the gain: every member is then checked alone. Keep batches of strangers' signatures
// moderate (64 is near the best price) so that one of them spoils little.
type Batch struct {
	each []bool // verdicts in the order of Add

	schnorrs      []schnorr
	schnorrPlaces []int // of schnorrs in each

	ed       *ed25519.BatchVerifier
	edPlaces []int // of its members in each
}

// NewBatch returns an empty batch with room for size signatures; it grows if there are more.
func NewBatch(size int) *Batch {
	return &Batch{each: make([]bool, 0, size), schnorrs: make([]schnorr, 0, size), schnorrPlaces: make([]int, 0, size)}
}

// Len returns the number of signatures added since the last Reset.
func (b *Batch) Len() int { return len(b.each) }

// Add adds the signature of a public key, as for Verify. It hashes the message (and checks ECDSA signatures, which
// gain nothing from a batch) at once, and keeps none of its arguments.
func (b *Batch) Add(scheme Scheme, public, msg, sig []byte) {
	switch scheme {
	case Sr25519:
		b.addSr25519(public, msg, sig)
	case Ed25519:
		b.addEd25519(public, msg, sig)
	default:
		b.each = append(b.each, Verify(scheme, public, msg, sig))
	}
}

// AddAccount adds the signature of an account, as for VerifyAccount.
func (b *Batch) AddAccount(scheme Scheme, account [32]byte, msg, sig []byte) {
	if scheme == Ecdsa {
		b.each = append(b.each, VerifyAccount(scheme, account, msg, sig))
		return
	}
	b.Add(scheme, account[:], msg, sig)
}

func (b *Batch) addSr25519(public, msg, sig []byte) {
	b.each = append(b.each, false)
	x, ok := parseSchnorr(public, msg, sig)
	if !ok {
		return // malformed: out of the queue, so that it does not spoil it
	}
	b.schnorrs = append(b.schnorrs, x)
	b.schnorrPlaces = append(b.schnorrPlaces, len(b.each)-1)
}

func (b *Batch) addEd25519(public, msg, sig []byte) {
	b.each = append(b.each, false)
	if len(public) != ed25519.PublicKeySize || len(sig) != ed25519.SignatureSize {
		return
	}
	if b.ed == nil {
		b.ed = ed25519.NewBatchVerifier()
	}
	b.ed.AddWithOptions(public, msg, sig, ed25519Rules)
	b.edPlaces = append(b.edPlaces, len(b.each)-1)
}

// Verify returns the verdict on every signature in the order they were added, and whether all are good, which holds
// for an empty batch. The slice is the batch's own until Reset.
func (b *Batch) Verify() (ok bool, each []bool) {
	together := verifySchnorrs(b.schnorrs)
	for i, place := range b.schnorrPlaces {
		b.each[place] = together || b.schnorrs[i].verify()
	}
	if len(b.edPlaces) > 0 {
		_, verdicts := b.ed.Verify(nil)
		for i, place := range b.edPlaces {
			b.each[place] = verdicts[i]
		}
	}
	ok = true
	for _, good := range b.each {
		ok = ok && good
	}
	return ok, b.each
}

// Reset empties the batch.
func (b *Batch) Reset() {
	clear(b.schnorrs) // forget the keys
	b.each, b.schnorrs, b.schnorrPlaces, b.edPlaces = b.each[:0], b.schnorrs[:0], b.schnorrPlaces[:0], b.edPlaces[:0]
	if b.ed != nil {
		b.ed.Reset()
	}
}
