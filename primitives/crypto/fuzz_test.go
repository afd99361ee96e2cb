package crypto

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"testing"
)

func FuzzFromURI(f *testing.F) {
	for _, v := range wallet().URIs {
		f.Add(byte(v.Scheme), v.URI)
	}
	for _, uri := range []string{"", "/", "//", "///", "////", "//a/", "0x", "0x00///x", "//+1", "//\n"} {
		f.Add(byte(Sr25519), uri)
	}
	f.Fuzz(func(t *testing.T, scheme byte, uri string) {
		if len(uri) > 200 {
			return // a path of thousands of junctions is slow, not different
		}
		pair, err := FromURI(Scheme(scheme), uri)
		if (pair == nil) == (err == nil) {
			t.Fatalf("pair %v, error %v", pair, err)
		}
		if err != nil {
			return
		}
		sig, err := pair.Sign([]byte(uri))
		if err != nil || !VerifyAccount(pair.Scheme(), pair.AccountID(), []byte(uri), sig) {
			t.Fatalf("%v does not sign: %v", pair, err)
		}
	})
}

// Verify, VerifyAccount and Batch agree on any input, and Verify agrees with itself after a round trip of the parts.
func FuzzVerify(f *testing.F) {
	for _, v := range wallet().Signatures {
		f.Add(byte(v.Scheme), []byte(v.Public), []byte(v.Message), []byte(v.Signature))
	}
	zero := make([]byte, 65)
	f.Add(byte(Sr25519), zero[:32], []byte("x"), append(make([]byte, 63), 0x80))
	f.Add(byte(Ed25519), zero[:32], []byte("x"), zero[:64])
	f.Add(byte(Ecdsa), zero[:33], []byte("x"), zero)
	f.Add(byte(3), zero, []byte("x"), zero)
	f.Fuzz(func(t *testing.T, scheme byte, public, msg, sig []byte) {
		single := Verify(Scheme(scheme), public, msg, sig)
		batch := NewBatch(0)
		batch.Add(Scheme(scheme), public, msg, sig)
		var account [32]byte
		copy(account[:], public)
		batch.AddAccount(Scheme(scheme), account, msg, sig)
		ok, each := batch.Verify()
		if each[0] != single || each[1] != VerifyAccount(Scheme(scheme), account, msg, sig) || ok != (each[0] && each[1]) {
			t.Fatalf("single %t, batch %t %v", single, ok, each)
		}
		digest := Blake2b256(msg)
		key, err := RecoverDigest(digest, sig)
		if err == nil && !VerifyDigest(key[:], digest, sig) {
			t.Fatal("a recovered key does not verify")
		}
		if err != nil && !errors.Is(err, ErrSignature) {
			t.Fatalf("unexpected kind of error: %v", err)
		}
		var preOutput [32]byte
		var proof [64]byte
		copy(preOutput[:], msg)
		copy(proof[:], sig)
		if _, err := VRFVerify(public, preOutput, proof, "fuzz"); err == nil {
			t.Fatal("a VRF proof out of nowhere verifies")
		}
	})
}

func FuzzParseKeyFile(f *testing.F) {
	for _, v := range wallet().KeyFiles {
		f.Add([]byte(v.JSON), v.Passphrase)
	}
	f.Add([]byte(`{"encoded":"0x","encoding":{"content":["pkcs8","ecdsa"],"type":["none"],"version":"3"},"address":"0x"}`), "")
	f.Fuzz(func(t *testing.T, data []byte, passphrase string) {
		file, err := ParseKeyFile(data)
		if err != nil {
			if !errors.Is(err, ErrKeyFile) {
				t.Fatalf("unexpected kind of error: %v", err)
			}
			return
		}
		text, err := json.Marshal(file)
		if err != nil {
			t.Fatalf("parsed, but has no JSON: %v", err)
		}
		again, err := ParseKeyFile(text)
		if err != nil || again.AccountID != file.AccountID || again.Label != file.Label || !bytes.Equal(again.body(), file.body()) {
			t.Fatalf("does not survive its own JSON: %v", err)
		}
		if body := file.body(); file.Encrypted && len(body) > saltSize+4 && binary.LittleEndian.Uint32(body[saltSize:]) > 1<<8 {
			return // the key stretching is slow, not different
		}
		pair, err := file.Open(passphrase)
		if err == nil && pair.AccountID() != file.AccountID {
			t.Fatal("opens another account than it names")
		}
	})
}

func FuzzDecodePKCS8(f *testing.F) {
	for _, v := range wallet().KeyFiles {
		if file, err := ParseKeyFile(v.JSON); err == nil && !file.Encrypted {
			f.Add(byte(v.Scheme), file.body())
		}
	}
	f.Fuzz(func(t *testing.T, scheme byte, plain []byte) {
		pair, err := decodePKCS8(Scheme(scheme), plain)
		if err != nil {
			return
		}
		back, err := encodePKCS8(pair)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := decodePKCS8(Scheme(scheme), back); err != nil || again.AccountID() != pair.AccountID() {
			t.Fatalf("%v, %v", again, err)
		}
	})
}
