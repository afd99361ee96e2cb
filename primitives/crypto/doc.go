// Package crypto holds the keys, signatures and hashes of the ledger: sr25519, ed25519 and ECDSA accounts, secret URIs,
// batch verification, the sr25519 VRF, wallet key files and the hashes of storage keys.
//
//	alice, err := crypto.FromURI(crypto.Sr25519, "//Alice")
//	sig, err := alice.Sign(msg)
//	ok := crypto.VerifyAccount(crypto.Sr25519, alice.AccountID(), msg, sig)
//
// What it promises:
//
//   - Signatures, derivations and key files are byte-compatible with Substrate nodes and with the polkadot-js wallet;
//     testdata holds vectors that those programs made.
//   - Hostile input is answered by false or an error, never by a panic, and costs no memory beyond its own size.
//   - Secrets are never printed: every Pair formats as its scheme and address under every fmt verb and in slog, and no
//     error quotes the secret it complains about. The methods that hand a secret out are called Secret.
//   - A verdict on a signature is the same single or in a batch, on every machine.
//
// Two deliberate narrowings of what Substrate accepts, invisible to every honest signer: public keys of small order
// (the all-zero account is one, under sr25519 and ed25519) never verify, because anybody could sign for them; and ECDSA
// signatures must have the low s that every wallet produces.
//
// Rules: spec/wire.md §1.4, §3.7 and §7; spec/consensus.md §2.3 for the VRF.
package crypto
