package pallets_test

import (
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/pallets/timestamp"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.NewReplacer(" ", "", "\n", "", "\t", "").Replace(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func account(t testing.TB, scheme crypto.Scheme, suri string) substrate.AccountID {
	t.Helper()
	p, err := crypto.FromURI(scheme, suri)
	if err != nil {
		t.Fatal(err)
	}
	return p.AccountID()
}

// Keys of spec/wire.md §2.1 and spec/pallets-storage.md §14.
func TestStorageKeyVectors(t *testing.T) {
	fid, err := types.ParseHash(strings.Repeat("0123456789abcdef", 4))
	if err != nil {
		t.Fatal(err)
	}
	three := substrate.AccountID{}
	for i := range three {
		three[i] = 3
	}
	for _, tt := range []struct {
		name string
		got  []byte
		want string
	}{
		{"System.Account", system.Accounts.Prefix(), "26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9"},
		{"System.Events", system.Events.Key(), "26aa394eea5630e07c48ae0c9558cef780d41e5e16056765bc8461851072c9d7"},
		{"System.Number", system.Number.Key(), "26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac"},
		{"System.BlockHash(1)", system.BlockHashes.Key(1), "26aa394eea5630e07c48ae0c9558cef7a44704b568d21667356a5a050c1187465153cb1f00942ff401000000"},
		{"Timestamp.Now", timestamp.Now.Key(), "f0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb"},
		{"Session.Validators", session.Validators.Key(), "cec5070d609dd3497f72bde07fc96ba088dcde934c658227ee1dfafcd6e16903"},
		{"Balances.TotalIssuance", balances.TotalIssuance.Key(), "c2261276cc9d1f8598ea4b6a74b15c2f57c875e4cff74148e4628f264b974c80"},
		{"Sminer.AllMiner", sminer.AllMiners.Key(), "eef51d8e841afa77e8c7349eaa7746f7351491e323de2b14c441ab584f5ca087"},
		{"System.Account(Alice)", system.Accounts.Key(account(t, crypto.Sr25519, "//Alice")),
			"26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9de1e86a9a8c739864cf3cc5ec2bea59f" +
				"d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"},
		{"FileBank.File(fid)", filebank.Files.Key(fid),
			"a3c62a50675125d74bc9f59e3f75adc9303fb39244d274417d5edffffa903f8a635ec1e40483076461e684b0618e354f" +
				hex.EncodeToString(fid[:])},
		{"StorageHandler.Territory(03…, terr1)", storagehandler.Territories.Key(three, types.TerritoryName("terr1")),
			"d594a5c1eaaed1896a72205f11d647003af49a9492056b7d0ff4b61962039138291a070f51c27c29753ff90a32ba233e" +
				hex.EncodeToString(three[:]) + "57253bcc395efdfc36ea8c4f3777cc02147465727231"},
	} {
		if got := hex.EncodeToString(tt.got); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// The extrinsic and payloads of spec/wire.md §3.2.
func TestExtrinsicVector(t *testing.T) {
	fill := func(b byte) (h substrate.H256) {
		for i := range h {
			h[i] = b
		}
		return h
	}
	bob := account(t, crypto.Sr25519, "//Bob")
	call := runtime.RuntimeCall{Call: balances.TransferKeepAlive{Dest: substrate.AddressOf(bob), Value: scale.U128From64(12345)}}
	callHex := "0603008eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48e5c0"
	version := runtime.SpecVersion{Spec: 137, Transaction: 1}

	immortal, err := runtime.SigningPayload(call, runtime.Extra{Nonce: 3}, version, fill(0xab), fill(0xab))
	if err != nil {
		t.Fatal(err)
	}
	want := callHex + "000c00" + "89000000" + "01000000" + strings.Repeat("ab", 64)
	if got := hex.EncodeToString(immortal); got != want {
		t.Errorf("immortal payload %s, want %s", got, want)
	}
	mortal, err := runtime.SigningPayload(call, runtime.Extra{Era: substrate.MortalEra(64, 42), Nonce: 3}, version, fill(0xab), fill(0xcd))
	if err != nil {
		t.Fatal(err)
	}
	want = callHex + "a5020c00" + "89000000" + "01000000" + strings.Repeat("ab", 32) + strings.Repeat("cd", 32)
	if got := hex.EncodeToString(mortal); got != want {
		t.Errorf("mortal payload %s, want %s", got, want)
	}

	raw := unhex(t, `2d02 84 00 88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee 00
		49bf70952b47b1a374e788f218bef133987ee43e6ff854a430e7ab9e0da35c9245e81191c3b89e5f978b82ce477f7f8e396d85a329c5397af123a33cc70d590d
		00 0c 00 `+callHex)
	x, err := runtime.DecodeExtrinsic(raw)
	if err != nil {
		t.Fatal(err)
	}
	if got := runtime.ExtrinsicHash(raw).String(); got != "0x569eddc225dea4b31e80f335677363d1d68351d0bc7e79c8630e92cdecf89eb5" {
		t.Errorf("extrinsic hash %s", got)
	}
	if !crypto.Verify(crypto.Ed25519, unhex(t, "88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee"), immortal, x.Signature.Signature.Bytes()) {
		t.Error("the signature of the vector does not verify over our payload")
	}
	again, err := x.Encode()
	if err != nil || hex.EncodeToString(again) != hex.EncodeToString(raw) {
		t.Errorf("re-encoded to %x: %v", again, err)
	}
	if x.Call.Name() != "Balances.transfer_keep_alive" {
		t.Errorf("call %s", x.Call.Name())
	}
}

// The inherent of spec/wire.md §3.5.
func TestTimestampVector(t *testing.T) {
	raw, err := (&runtime.Extrinsic{Call: runtime.RuntimeCall{Call: timestamp.Set{Now: 1_700_000_000_000}}}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(raw); got != "280403000b0068e5cf8b01" {
		t.Errorf("inherent %s", got)
	}
	if got := runtime.ExtrinsicHash(raw).String(); got != "0xe67eea7bda71605e9c9deec9f6c9ac46f07e32bc1968f26385657b857dceae30" {
		t.Errorf("hash %s", got)
	}
}

// The event record of spec/wire.md §2.4 and the default account of §2.3.
func TestRecordVectors(t *testing.T) {
	from, to := account(t, crypto.Sr25519, "//Alice"), account(t, crypto.Sr25519, "//Bob")
	record, err := scale.Marshal(system.EventRecord{
		Phase: substrate.ApplyExtrinsic(1),
		Event: runtime.RuntimeEvent{Event: balances.TransferEvent{From: from, To: to, Amount: scale.U128From64(12345)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "00010000000602" + hex.EncodeToString(from[:]) + hex.EncodeToString(to[:]) + "3930000000000000000000000000000000"
	if got := hex.EncodeToString(record); got != want {
		t.Errorf("record %s, want %s", got, want)
	}
	blank, err := scale.Marshal(system.Accounts.DefaultValue())
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(blank); got != strings.Repeat("00", 79)+"80" {
		t.Errorf("default account %s", got)
	}
}

// The fee of the reference: base, bytes and weight (spec/wire.md §3.4).
func TestFeeOfTransfer(t *testing.T) {
	rt, err := pallets.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	call := runtime.RuntimeCall{Call: balances.TransferKeepAlive{Dest: substrate.AddressOf(substrate.AccountID{1}), Value: scale.U128From64(1)}}
	info := call.Info()
	got, err := rt.QueryFeeDetails(runtime.Parent{State: none{}}, call, 150, scale.U128{})
	if err != nil {
		t.Fatal(err)
	}
	fee, ok := got.InclusionFee.Get()
	if !ok {
		t.Fatal("a transfer pays nothing")
	}
	if fee.BaseFee.String() != "540785000000000" {
		t.Errorf("base fee %v", fee.BaseFee)
	}
	if fee.LenFee.String() != "1500000000000000" {
		t.Errorf("length fee %v", fee.LenFee)
	}
	if want := scale.U128From64(info.Weight.RefTime).SaturatingMul(scale.U128From64(5_000_000)); fee.AdjustedWeightFee != want {
		t.Errorf("weight fee %v, want %v", fee.AdjustedWeightFee, want)
	}
}

type none struct{}

func (none) Get([]byte) ([]byte, error) { return nil, nil }

func (none) Scan(_, _ []byte, _ func(key, value []byte) bool) error { return nil }

func TestConstantsAreChecked(t *testing.T) {
	if _, err := pallets.New(map[string]json.RawMessage{"Babe.EpochDuration": json.RawMessage("60")}); err != nil {
		t.Error(err)
	}
	for name, value := range map[string]string{
		"Babe.NoSuchThing":            "1",
		"Babe.EpochDuration":          `"many"`,
		"Balances.ExistentialDeposit": "-1",
	} {
		if _, err := pallets.New(map[string]json.RawMessage{name: json.RawMessage(value)}); err == nil {
			t.Errorf("%s = %s is accepted", name, value)
		}
	}
}

func FuzzDecodeExtrinsic(f *testing.F) {
	f.Add(unhex(f, "280403000b0068e5cf8b01"))
	f.Add(unhex(f, "0c8400ff"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		x, err := runtime.DecodeExtrinsic(raw)
		if err != nil {
			return
		}
		again, err := x.Encode()
		if err != nil {
			t.Fatalf("decoded, but does not encode: %v", err)
		}
		// Version 5 bare extrinsics are read and written as version 4.
		if len(raw) == len(again) && hex.EncodeToString(raw) != hex.EncodeToString(again) && x.Signature != nil {
			t.Fatalf("%x became %x", raw, again)
		}
	})
}
