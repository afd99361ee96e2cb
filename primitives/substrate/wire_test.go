package substrate_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// check encodes v, compares it with the vector and decodes it back to the same value.
func check[T comparable](t *testing.T, v T, want string) {
	t.Helper()
	if got := hex.EncodeToString(scale.MustMarshal(v)); got != want {
		t.Errorf("%v = %s, want %s", v, got, want)
	}
	if back, err := scale.Unmarshal[T](unhex(t, want)); err != nil || back != v {
		t.Errorf("%s decodes to %v, %v; want %v", want, back, err, v)
	}
}

func TestAddressVectors(t *testing.T) {
	account := substrate.AccountID(fill(0x11))
	check(t, substrate.AddressOf(account), "00"+strings.Repeat("11", 32))
	check(t, substrate.AddressOfIndex(64), "010101")
	check(t, substrate.AddressOfRaw([]byte{1, 2}), "02080102")
	check(t, substrate.AddressOf32(account), "03"+strings.Repeat("11", 32))
	check(t, substrate.AddressOf20([20]byte{1}), "0401"+strings.Repeat("00", 19))
	if id, ok := substrate.AddressOf(account).ID(); !ok || id != account {
		t.Errorf("ID = %v, %v", id, ok)
	}
	if _, ok := substrate.AddressOf32(account).ID(); ok {
		t.Error("an Address32 is taken for an account")
	}
	if i, ok := substrate.AddressOfIndex(7).Index(); !ok || i != 7 {
		t.Errorf("Index = %d, %v", i, ok)
	}
	for kind, a := range []substrate.MultiAddress{substrate.AddressOf(account), substrate.AddressOfIndex(7),
		substrate.AddressOfRaw([]byte{1}), substrate.AddressOf32(account), substrate.AddressOf20([20]byte{})} {
		if int(a.Kind()) != kind || a.String() == "" {
			t.Errorf("%v has kind %d, want %d", a, a.Kind(), kind)
		}
	}
	if _, err := scale.Unmarshal[substrate.MultiAddress]([]byte{5}); !errors.Is(err, scale.ErrUnknownVariant) {
		t.Errorf("address 5: %v", err)
	}
}

func TestSignatureVectors(t *testing.T) {
	for scheme, size := range map[substrate.SignatureScheme]int{substrate.Ed25519: 64, substrate.Sr25519: 64, substrate.Ecdsa: 65} {
		raw := bytes.Repeat([]byte{0xaa}, size)
		s, err := substrate.NewSignature(scheme, raw)
		if err != nil {
			t.Fatal(err)
		}
		check(t, s, hex.EncodeToString(append([]byte{byte(scheme)}, raw...)))
		if s.Scheme() != scheme || !bytes.Equal(s.Bytes(), raw) {
			t.Errorf("%v holds %x", s, s.Bytes())
		}
		if _, err := substrate.NewSignature(scheme, raw[1:]); err == nil {
			t.Errorf("a short %v signature is accepted", scheme)
		}
	}
	if _, err := substrate.NewSignature(3, make([]byte, 64)); err == nil {
		t.Error("scheme 3 is accepted")
	}
	if _, err := scale.Unmarshal[substrate.MultiSignature](append([]byte{3}, make([]byte, 65)...)); !errors.Is(err, scale.ErrUnknownVariant) {
		t.Errorf("signature 3: %v", err)
	}
}

func TestDispatchErrorVectors(t *testing.T) {
	as := func(err error) substrate.DispatchError {
		e, ok := substrate.AsDispatchError(err)
		if !ok {
			t.Fatalf("%v is no dispatch error", err)
		}
		if !errors.Is(e, err) {
			t.Errorf("%v does not unwrap to what it was made of", e)
		}
		return e
	}
	check(t, substrate.ErrOther, "00")
	check(t, substrate.ErrBadOrigin, "02")
	check(t, as(substrate.ModuleError{Index: 104, Code: [4]byte{3}}), "036803000000")
	check(t, as(substrate.TokenBlocked), "0709")
	check(t, as(substrate.ArithmeticDivisionByZero), "0802")
	check(t, as(substrate.TransactionalNoLayer), "0901")
	check(t, substrate.ErrRootNotAllowed, "0d")
	check(t, as(substrate.TrieDecodeError), "0e0d")
	check(t, scale.Err[substrate.Unit](substrate.ErrBadOrigin), "0102")
	for _, bad := range []string{"0f", "070a", "0803", "0902", "0e0e"} {
		if e, err := scale.Unmarshal[substrate.DispatchError](unhex(t, bad)); !errors.Is(err, scale.ErrUnknownVariant) {
			t.Errorf("%s = %v, %v", bad, e, err)
		}
	}
	if _, ok := substrate.AsDispatchError(errors.New("other")); ok {
		t.Error("any error is a dispatch error")
	}
	for kind := range 15 {
		e, err := scale.Unmarshal[substrate.DispatchError](append([]byte{byte(kind)}, make([]byte, map[int]int{3: 5, 7: 1, 8: 1, 9: 1, 14: 1}[kind])...))
		if err != nil || e.Error() == "" || int(e.Kind()) != kind {
			t.Errorf("kind %d: %v, %v", kind, e, err)
		}
	}
}

func TestValidityVectors(t *testing.T) {
	check(t, substrate.Invalid(substrate.InvalidStale), "0003")
	check(t, substrate.Invalid(substrate.InvalidCustom(9)), "000709")
	check(t, substrate.Invalid(substrate.InvalidUnknownOrigin), "000c")
	check(t, substrate.Unknown(substrate.UnknownCannotLookup), "0100")
	check(t, substrate.Unknown(substrate.UnknownCustom(5)), "010205")
	for _, bad := range []string{"000d", "0103", "02"} {
		if e, err := scale.Unmarshal[substrate.TransactionValidityError](unhex(t, bad)); !errors.Is(err, scale.ErrUnknownVariant) {
			t.Errorf("%s = %v, %v", bad, e, err)
		}
	}
	// the texts of spec/wire.md §5.2
	for e, want := range map[error]string{
		substrate.InvalidPayment:             "Inability to pay some fees (e.g. account balance too low)",
		substrate.InvalidStale:               "Transaction is outdated",
		substrate.InvalidCustom(3):           "Custom error: 3",
		substrate.UnknownNoUnsignedValidator: "NoUnsignedValidator",
		substrate.UnknownCustom(3):           "Custom(3)",
	} {
		if e.Error() != want {
			t.Errorf("text %q, want %q", e, want)
		}
	}
	e := substrate.Invalid(substrate.InvalidBadProof)
	if !errors.Is(e, substrate.InvalidBadProof) || errors.Is(e, substrate.InvalidStale) {
		t.Error("errors.Is does not see the reason")
	}
	if _, ok := e.Unknown(); ok {
		t.Error("an invalid transaction is unknown")
	}
}

func TestPhaseAndDispatchInfoVectors(t *testing.T) {
	check(t, substrate.ApplyExtrinsic(1), "0001000000")
	check(t, substrate.Finalization, "01")
	check(t, substrate.Initialization, "02")
	check(t, substrate.DispatchInfo{Weight: substrate.Weight{RefTime: 64, ProofSize: 1}, Class: substrate.Mandatory, PaysFee: substrate.PaysNo}, "0101040201")
	check(t, substrate.RuntimeDbWeight{Read: 1}, "01000000000000000000000000000000")
	if i, ok := substrate.ApplyExtrinsic(3).Extrinsic(); !ok || i != 3 {
		t.Errorf("extrinsic %d, %v", i, ok)
	}
}

func TestDigestRefusesUnknownItems(t *testing.T) {
	for _, bad := range []string{"01", "02", "03", "07", "09"} {
		if i, err := scale.Unmarshal[substrate.DigestItem](unhex(t, bad+"0000000000")); !errors.Is(err, scale.ErrUnknownVariant) {
			t.Errorf("%s = %v, %v", bad, i, err)
		}
	}
	if b, err := scale.Marshal(substrate.DigestItem{Kind: 3}); err == nil {
		t.Errorf("kind 3 encodes to %x", b)
	}
	if _, err := (substrate.Header{Digest: substrate.Digest{Logs: []substrate.DigestItem{{Kind: 1}}}}).Hash(); err == nil {
		t.Error("a header with an unknown item has a hash")
	}
}

func TestHeaderJSONIsStrict(t *testing.T) {
	good, err := json.Marshal(substrate.Header{})
	if err != nil || !bytes.Contains(good, []byte(`"digest":{"logs":[]}`)) || !bytes.Contains(good, []byte(`"number":"0x0"`)) {
		t.Errorf("empty header = %s, %v", good, err)
	}
	for _, change := range [][2]string{{`"0x0"`, `"0x100000000"`}, {`"0x0"`, `"12"`}, {`"0x0"`, `12`}, {`"logs":[]`, `"logs":["0x09"]`}, {`"logs":[]`, `"logs":["zz"]`}, {`"0x00`, `"00`}} {
		var h substrate.Header
		if err := json.Unmarshal([]byte(strings.Replace(string(good), change[0], change[1], 1)), &h); err == nil {
			t.Errorf("%s instead of %s is accepted", change[1], change[0])
		}
	}
}

func TestRuntimeVersionJSON(t *testing.T) {
	v := substrate.RuntimeVersion{
		SpecName: "cess-node", ImplName: "cess-node", AuthoringVersion: 1, SpecVersion: 137, ImplVersion: 1,
		APIs:               scale.CowVec[substrate.APIVersion]{{ID: substrate.APIID("Core"), Version: 5}},
		TransactionVersion: 1, SystemVersion: 1,
	}
	text, err := json.Marshal(v)
	want := `{"specName":"cess-node","implName":"cess-node","authoringVersion":1,"specVersion":137,"implVersion":1,` +
		`"apis":[["0xdf6acb689907609b",5]],"transactionVersion":1,"systemVersion":1,"stateVersion":1}`
	if err != nil || string(text) != want {
		t.Errorf("JSON = %s, %v\nwant   %s", text, err, want)
	}
	var back substrate.RuntimeVersion
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if a, b := scale.MustMarshal(v), scale.MustMarshal(back); !bytes.Equal(a, b) {
		t.Errorf("back from JSON: %x, want %x", b, a)
	}
	// System.Version of the reference starts so
	if got := hex.EncodeToString(scale.MustMarshal(v)); !strings.HasPrefix(got, "24636573732d6e6f646524636573732d6e6f6465010000008900000001000000"+"04"+"df6acb689907609b05000000") {
		t.Errorf("version = %s", got)
	}
	for name, id := range map[string]string{"Metadata": "0x37e397fc7c91f5e4", "ContractsApi": "0x68b66ba122c93fa7"} {
		if got := substrate.APIID(name); "0x"+hex.EncodeToString(got[:]) != id {
			t.Errorf("id of %s = %x, want %s", name, got, id)
		}
	}
}

func TestPalletAccounts(t *testing.T) {
	a := substrate.AccountOfPallet(substrate.PalletID([]byte("rewardpt")))
	if want := "0x6d6f646c7265776172647074" + strings.Repeat("0", 40); a.String() != want {
		t.Errorf("account of rewardpt = %v, want %s", a, want)
	}
	sub := substrate.SubAccountOfPallet(substrate.PalletID([]byte("rewardpt")), bytes.Repeat([]byte{1}, 40))
	if want := "0x6d6f646c7265776172647074" + strings.Repeat("01", 20); sub.String() != want {
		t.Errorf("sub-account = %v, want %s", sub, want)
	}
}

func TestHexText(t *testing.T) {
	h := fill(0xab)
	back, err := substrate.ParseH256(h.String())
	if err != nil || back != h {
		t.Errorf("%v parses as %v, %v", h, back, err)
	}
	for _, bad := range []string{"", "0x", h.String()[2:], h.String() + "00", "0x" + strings.Repeat("zz", 32)} {
		if _, err := substrate.ParseH256(bad); err == nil {
			t.Errorf("%q parses", bad)
		}
		if _, err := substrate.ParseAccountID(bad); err == nil {
			t.Errorf("%q parses", bad)
		}
	}
	if got := substrate.Blake2b256([]byte("ab"), []byte("c")); got != substrate.Blake2b256([]byte("abc")) {
		t.Errorf("hash of parts = %v", got)
	}
}

// Whatever decodes encodes to the same bytes.
func FuzzDecode(f *testing.F) {
	f.Add(unhex(f, "04064241424534020000000000000000000000000000"))
	f.Add(unhex(f, "036803000000"))
	f.Add(unhex(f, "a502"))
	f.Add(make([]byte, 200))
	f.Fuzz(func(t *testing.T, b []byte) {
		canonical[substrate.Header](t, b)
		canonical[substrate.Digest](t, b)
		canonical[substrate.MultiAddress](t, b)
		canonical[substrate.MultiSignature](t, b)
		canonical[substrate.Era](t, b)
		canonical[substrate.Phase](t, b)
		canonical[substrate.ApplyExtrinsicResult](t, b)
		canonical[substrate.TransactionValidity](t, b)
		canonical[substrate.RuntimeVersion](t, b)
		canonical[substrate.CheckInherentsResult](t, b)
		var h substrate.Header
		if json.Unmarshal(b, &h) == nil {
			if _, err := json.Marshal(h); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func canonical[T any](t *testing.T, b []byte) {
	v, n, err := scale.UnmarshalPrefix[T](b)
	if err != nil {
		return
	}
	again, err := scale.Marshal(v)
	if err != nil || !bytes.Equal(again, b[:n]) {
		t.Fatalf("%T from %x encodes to %x, %v", v, b[:n], again, err)
	}
}
