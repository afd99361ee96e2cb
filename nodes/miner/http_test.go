package miner

import (
	"encoding/hex"
	"net/http"
	"testing"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/storage/segment"
)

func signedHeader(t testing.TB, message, wrap string) http.Header {
	t.Helper()
	alice, err := crypto.FromURI(crypto.Sr25519, "//Alice")
	if err != nil {
		t.Fatal(err)
	}
	signed := []byte(message)
	if wrap != "" {
		signed = crypto.WrapText(signed)
	}
	sig, err := alice.Sign(signed)
	if err != nil {
		t.Fatal(err)
	}
	h := make(http.Header)
	h.Set("Account", types.Address(alice.AccountID()).String())
	h.Set("Message", message)
	h.Set("Signature", hex.EncodeToString(sig))
	return h
}

func TestSignatures(t *testing.T) {
	plain := signedHeader(t, "abcDEF123!@#$%^&", "")
	wrapped := signedHeader(t, "abcDEF123!@#$%^&", "wrap")
	with := func(h http.Header, name, value string) http.Header {
		h = h.Clone()
		h.Set(name, value)
		return h
	}
	for _, tt := range []struct {
		name  string
		h     http.Header
		valid bool
	}{
		{"bare hex, as the upstream gateway sends", plain, true},
		{"0x-hex", with(plain, "Signature", "0x"+plain.Get("Signature")), true},
		{"wrapped, as wallets sign", wrapped, true},
		{"another message", with(plain, "Message", "other"), false},
		{"another account", with(plain, "Account", "cXiCk1Z1bva3fpsYHqsfzXJmQ9jSMw5FrZJFE61E6YVLkU6w2"), false},
		{"no account", with(plain, "Account", ""), false},
		{"no signature", with(plain, "Signature", ""), false},
		{"short signature", with(plain, "Signature", "00"), false},
	} {
		if got := validSignature(tt.h); got != tt.valid {
			t.Errorf("%s: valid is %v", tt.name, got)
		}
	}
}

func TestUpstreamRange(t *testing.T) {
	for _, tt := range []struct {
		header     string
		start, end int64
		ok, fails  bool
	}{
		{"bytes=0-1024/8388608", 0, 1024, true, false},
		{"bytes 8388607-8388608/8388608", 8388607, 8388608, true, false},
		{"bytes=0-1024", 0, 0, false, false}, // a standard range
		{"", 0, 0, false, false},
		{"bytes=0-1024/1", 0, 0, false, true},
		{"bytes=-1-5/8388608", 0, 0, false, true},
		{"bytes=5-5/8388608", 0, 0, false, true},
		{"bytes=0-8388609/8388608", 0, 0, false, true},
	} {
		start, end, ok, err := upstreamRange(tt.header)
		if ok != tt.ok || (err != nil) != tt.fails || ok && (start != tt.start || end != tt.end) {
			t.Errorf("%q: %d-%d %v %v", tt.header, start, end, ok, err)
		}
	}
}

func FuzzFragmentHeaders(f *testing.F) {
	h := signedHeader(f, "message", "")
	f.Add(h.Get("Account"), h.Get("Message"), h.Get("Signature"), "bytes=0-1/8388608", "00")
	f.Fuzz(func(t *testing.T, account, message, signature, byteRange, fid string) {
		h := make(http.Header)
		for name, value := range map[string]string{
			"Account": account, "Message": message, "Signature": signature, "Fid": fid, "Fragment": fid,
		} {
			h[name] = []string{value}
		}
		validSignature(h)
		if parsed, _, err := names(h); err == nil && parsed.String() != fid {
			t.Fatalf("fid %q parsed as %v", fid, parsed)
		}
		if start, end, ok, err := upstreamRange(byteRange); ok && (err != nil || start < 0 || start >= end || end > segment.FragmentSize) {
			t.Fatalf("%q gives %d-%d: %v", byteRange, start, end, err)
		}
	})
}
