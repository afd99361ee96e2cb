package crypto

import (
	"math"

	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
	"github.com/oasisprotocol/curve25519-voi/primitives/sr25519"
)

// Batch verifies many signatures at once, sr25519 and ed25519 at about two thirds of the price of single verification. The
// verdict on each signature is the one that Verify would give. Its zero value is ready to use, and Reset makes it ready
// again with the memory it has. A Batch belongs to one goroutine; many goroutines may each use their own.
//
// One bad signature costs its batch the gain: every member is then checked alone. Keep batches of strangers' signatures
// moderate (64 is near the best price) so that one of them spoils little.
type Batch struct {
	each []bool // verdicts in the order of Add
	sr   queue[*sr25519.BatchVerifier]
	ed   queue[*ed25519.BatchVerifier]
}

// queue is a batch of one scheme and the places of its members in Batch.each.
type queue[T any] struct {
	verifier T
	places   []int
}

// NewBatch returns an empty batch.
func NewBatch() *Batch { return &Batch{} }

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
	key, signature, ok := parseSr25519(public, sig)
	b.each = append(b.each, false)
	if !ok || uint64(len(msg)) > math.MaxUint32 {
		return // malformed: out of the queue, so that it does not spoil it
	}
	if b.sr.verifier == nil {
		b.sr.verifier = sr25519.NewBatchVerifier()
	}
	b.sr.verifier.Add(key, signingContext.NewTranscriptBytes(msg), signature)
	b.sr.places = append(b.sr.places, len(b.each)-1)
}

func (b *Batch) addEd25519(public, msg, sig []byte) {
	b.each = append(b.each, false)
	if len(public) != ed25519.PublicKeySize || len(sig) != ed25519.SignatureSize {
		return
	}
	if b.ed.verifier == nil {
		b.ed.verifier = ed25519.NewBatchVerifier()
	}
	b.ed.verifier.AddWithOptions(public, msg, sig, ed25519Rules)
	b.ed.places = append(b.ed.places, len(b.each)-1)
}

// Verify returns the verdict on every signature in the order they were added, and whether all are good, which holds
// for an empty batch. The slice is the batch's own until Reset.
func (b *Batch) Verify() (ok bool, each []bool) {
	if len(b.sr.places) > 0 {
		_, verdicts := b.sr.verifier.Verify(nil)
		b.sr.settle(b.each, verdicts)
	}
	if len(b.ed.places) > 0 {
		_, verdicts := b.ed.verifier.Verify(nil)
		b.ed.settle(b.each, verdicts)
	}
	ok = true
	for _, good := range b.each {
		ok = ok && good
	}
	return ok, b.each
}

func (q *queue[T]) settle(each, verdicts []bool) {
	for i, place := range q.places {
		each[place] = verdicts[i]
	}
}

// Reset empties the batch.
func (b *Batch) Reset() {
	b.each, b.sr.places, b.ed.places = b.each[:0], b.sr.places[:0], b.ed.places[:0]
	if b.sr.verifier != nil {
		b.sr.verifier.Reset()
	}
	if b.ed.verifier != nil {
		b.ed.verifier.Reset()
	}
}
