package crypto

import "bytes"

// Verify tells whether public made sig over msg. The public key has the form that Pair.Public returns. Malformed input
// is simply not verified.
func Verify(scheme Scheme, public, msg, sig []byte) bool {
	switch scheme {
	case Sr25519:
		return verifySr25519(public, msg, sig)
	case Ed25519:
		return verifyEd25519(public, msg, sig)
	case Ecdsa:
		key, err := RecoverDigest(Blake2b256(msg), sig)
		return err == nil && bytes.Equal(key[:], public)
	}
	return false
}

// VerifyAccount is Verify for a signer known by its account, the case of extrinsics: an ECDSA signature must recover to
// a key that hashes to the account (spec/wire.md §1.4).
func VerifyAccount(scheme Scheme, account [32]byte, msg, sig []byte) bool {
	if scheme == Ecdsa {
		signer, ok := recoverAccount(msg, sig)
		return ok && signer == account
	}
	return Verify(scheme, account[:], msg, sig)
}

var wrapOpen, wrapClose = []byte("<Bytes>"), []byte("</Bytes>")

// VerifyText is Verify for text signed in a wallet, which wraps it as <Bytes>…</Bytes> so that nobody can be tricked
// into signing an extrinsic: sig may be over msg as given, wrapped, or, if msg is wrapped, bare.
func VerifyText(scheme Scheme, public, msg, sig []byte) bool {
	if Verify(scheme, public, msg, sig) {
		return true
	}
	if bare, ok := unwrap(msg); ok {
		return Verify(scheme, public, bare, sig)
	}
	return Verify(scheme, public, WrapText(msg), sig)
}

// WrapText returns <Bytes>msg</Bytes>, the form in which wallets sign text.
func WrapText(msg []byte) []byte { return bytes.Join([][]byte{wrapOpen, msg, wrapClose}, nil) }

func unwrap(msg []byte) ([]byte, bool) {
	bare, open := bytes.CutPrefix(msg, wrapOpen)
	if !open {
		return nil, false
	}
	return bytes.CutSuffix(bare, wrapClose)
}
