package gateway

import (
	"encoding/hex"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mr-tron/base58"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/ss58"
)

func TestMessageExpiry(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		message        string
		valid, forever bool
	}{
		{strconv.FormatInt(now.Unix()+1, 10), true, false},
		{strconv.FormatInt(now.Unix(), 10), false, false},
		{strconv.FormatInt(now.UnixMilli()+1, 10), true, false},
		{strconv.FormatInt(now.UnixMilli(), 10), false, false},
		{"2026-05-01 12:00:00", true, false},
		{"2026-05-01 11:59:59", false, false},
		{"999999999", true, true},        // too small for seconds
		{"1000000000", false, false},     // the smallest seconds
		{"999999999999", true, false},    // the largest seconds
		{"1000000000000", false, false},  // the smallest milliseconds
		{"1000000000000000", true, true}, // too large for milliseconds
		{"-5", true, true},
		{"", true, true},
		{"random text", true, true},
		{"2026-05-01T11:59:59", true, true},
	} {
		if valid, forever := messageValid(c.message, now); valid != c.valid || forever != c.forever {
			t.Errorf("%q: valid %t, for ever %t; want %t, %t", c.message, valid, forever, c.valid, c.forever)
		}
	}
}

func testKey(t *testing.T, scheme crypto.Scheme, suri string) crypto.Pair {
	t.Helper()
	p, err := crypto.FromURI(scheme, suri)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func signature(t *testing.T, p crypto.Pair, message []byte) []byte {
	t.Helper()
	sig, err := p.Sign(message)
	if err != nil {
		t.Fatal(err)
	}
	return sig
}

func TestIdentify(t *testing.T) {
	alice := testKey(t, crypto.Sr25519, "//Alice")
	who := alice.AccountID()
	const message = "hello"
	sig := signature(t, alice, []byte(message))
	wrapped := signature(t, alice, crypto.WrapText([]byte(message)))
	eth := testKey(t, crypto.Ecdsa, "//Alice").(*crypto.EcdsaPair)
	ethSig := eth.SignDigest(crypto.PersonalDigest([]byte(message)))
	ethSig[64] += 27
	ethAccount := types.Address(eth.EthAddress().AccountID()).String()
	mallory := testKey(t, crypto.Ecdsa, "//Mallory").(*crypto.EcdsaPair)
	mallorySig := mallory.SignDigest(crypto.PersonalDigest([]byte(message)))
	past := strconv.FormatInt(time.Now().Add(-time.Minute).UnixMilli(), 10)

	cess, substrate42 := types.Address(who).String(), ss58.Encode(42, who[:])
	for _, c := range []struct {
		name                             string
		account, message, signature, eth string
		ok                               bool
	}{
		{"hex", cess, message, hex.EncodeToString(sig), "", true},
		{"0x-hex", cess, message, "0x" + hex.EncodeToString(sig), "", true},
		{"base58", cess, message, base58.Encode(sig), "", true},
		{"raw", cess, message, string(sig), "", true},
		{"generic prefix", substrate42, message, base58.Encode(sig), "", true},
		{"wallet", cess, message, hex.EncodeToString(wrapped), "", true},
		{"other message", cess, message + "!", hex.EncodeToString(sig), "", false},
		{"other account", ethAccount, message, hex.EncodeToString(sig), "", false},
		{"no account", "", message, hex.EncodeToString(sig), "", false},
		{"path as account", "../../etc", message, hex.EncodeToString(sig), "", false},
		{"short", cess, message, hex.EncodeToString(sig[:63]), "", false},
		{"empty", cess, message, "", "", false},
		{"expired", cess, past, hex.EncodeToString(signature(t, alice, []byte(past))), "", false},
		{"huge message", cess, strings.Repeat("a", maxMessageBytes+1), hex.EncodeToString(sig), "", false},
		{"Ethereum", ethAccount, message, "0x" + hex.EncodeToString(ethSig[:]), eth.EthAddress().String(), true},
		{"Ethereum for another account", cess, message, "0x" + hex.EncodeToString(mallorySig[:]), mallory.EthAddress().String(), false},
		{"Ethereum without checksum", ethAccount, message, "0x" + hex.EncodeToString(ethSig[:]), strings.ToLower(eth.EthAddress().String()), false},
		{"Ethereum, short", ethAccount, message, "0x" + hex.EncodeToString(ethSig[:64]), eth.EthAddress().String(), false},
		{"Ethereum, other signer", ethAccount, message, "0x" + hex.EncodeToString(mallorySig[:]), eth.EthAddress().String(), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := http.Header{}
			h.Set("Account", c.account)
			h.Set("Message", c.message)
			h.Set("Signature", c.signature)
			h.Set("EthAcc", c.eth)
			g := &Gateway{log: slog.New(slog.DiscardHandler)}
			if _, ok := g.identify(h); ok != c.ok {
				t.Errorf("identified: %t, want %t", ok, c.ok)
			}
			g.cfg.RequireExpiry = true
			if _, ok := g.identify(h); ok {
				t.Error("a message without expiry passes although one is required")
			}
		})
	}
}

// The account of an address is the chain's, by the example of
// spec/gateway.md §2.2.
func TestEthereumAccountVector(t *testing.T) {
	a, err := crypto.ParseEthAddress("0x71C7656EC7ab88b098defB751B7401B5f6d8976F")
	if err != nil {
		t.Fatal(err)
	}
	if got := types.Address(a.AccountID()).String(); got != "cXfkvqZFjcWHZg9p8xWTBVZiHUb1GtFUqn99638YY7xYxMKUd" {
		t.Errorf("account is %s", got)
	}
}

func FuzzIdentify(f *testing.F) {
	f.Add("cXfkvqZFjcWHZg9p8xWTBVZiHUb1GtFUqn99638YY7xYxMKUd", "1700000000", "0x00", "0x71C7656EC7ab88b098defB751B7401B5f6d8976F")
	f.Add("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY", "2026-01-01 00:00:00", strings.Repeat("1", 88), "")
	g := &Gateway{log: slog.New(slog.DiscardHandler)}
	f.Fuzz(func(t *testing.T, account, message, signature, eth string) {
		h := http.Header{"Account": {account}, "Message": {message}, "Signature": {signature}, "Ethacc": {eth}}
		if _, ok := g.identify(h); ok {
			t.Fatalf("%q signed %q", account, message)
		}
	})
}

func FuzzMessageExpiry(f *testing.F) {
	for _, s := range []string{"1700000000", "1700000000000", "2026-05-01 12:00:00", "", "-1", "x"} {
		f.Add(s)
	}
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, message string) {
		valid, forever := messageValid(message, now)
		if forever && !valid {
			t.Fatalf("%q expires although it is valid for ever", message)
		}
		if later, _ := messageValid(message, now.Add(time.Hour)); later && !valid {
			t.Fatalf("%q becomes valid", message)
		}
	})
}
