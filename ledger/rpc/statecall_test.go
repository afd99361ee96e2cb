package rpc_test

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/rpc"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// stateCall calls a runtime function at the best block and decodes its result.
func stateCall[T any](c *client, function string, args []byte) T {
	c.t.Helper()
	text := strings.Trim(c.result("state_call", `["`+function+`",`+hexes(args)+`]`), `"`)
	raw, err := hex.DecodeString(strings.TrimPrefix(text, "0x"))
	if err != nil {
		c.t.Fatal(err)
	}
	v, err := scale.Unmarshal[T](raw)
	if err != nil {
		c.t.Fatalf("%s: %s: %v", function, text, err)
	}
	return v
}

func TestValidateTransaction(t *testing.T) {
	n := startNode(t, rpc.Config{})
	n.produce()
	c := n.dial()
	validate := func(raw []byte) runtime.TransactionValidity {
		args := append([]byte{byte(substrate.SourceExternal)}, raw...)
		hash := n.chain.Best().Hash
		return stateCall[runtime.TransactionValidity](c, "TaggedTransactionQueue_validate_transaction", append(args, hash[:]...))
	}
	alice := n.alice.AccountID()
	tag := func(nonce byte) string { return string(alice[:]) + string([]byte{nonce, 0, 0, 0}) }

	now, ok := validate(n.transfer(0, 0)).Get()
	if !ok || len(now.Requires) != 0 || len(now.Provides) != 1 || string(now.Provides[0]) != tag(0) || !now.Propagate {
		t.Errorf("next nonce: %+v", now)
	}
	later, ok := validate(n.transfer(2, 0)).Get()
	if !ok || len(later.Requires) != 1 || string(later.Requires[0]) != tag(1) || string(later.Provides[0]) != tag(2) {
		t.Errorf("nonce after a gap: %+v", later)
	}
	poor := n.sign(n.bob, runtime.RuntimeCall{Call: balances.TransferKeepAlive{
		Dest: substrate.AddressOf(alice), Value: unit,
	}}, runtime.Extra{})
	if why, failed := validate(poor).Fault(); !failed || why != substrate.Invalid(substrate.InvalidPayment) {
		t.Errorf("account without money: %v", why)
	}
	forged := n.transfer(0, 0)
	forged[len(forged)-1] ^= 1 // of the amount
	if why, failed := validate(forged).Fault(); !failed || why != substrate.Invalid(substrate.InvalidBadProof) {
		t.Errorf("forged: %v", why)
	}
	if answer := c.call("state_call", `["TaggedTransactionQueue_validate_transaction","0x0204"]`); !strings.Contains(answer, "Bad input data") {
		t.Errorf("undecodable: %s", answer)
	}
}

func TestFeesOfCallAndExtrinsicAgree(t *testing.T) {
	n := startNode(t, rpc.Config{})
	n.produce()
	c := n.dial()
	raw := n.transfer(0, 5)
	length := binary.LittleEndian.AppendUint32(nil, uint32(len(raw)))
	x, err := runtime.DecodeExtrinsic(raw)
	if err != nil {
		t.Fatal(err)
	}
	call, err := scale.Marshal(x.Call)
	if err != nil {
		t.Fatal(err)
	}
	info := stateCall[runtime.RuntimeDispatchInfo](c, "TransactionPaymentApi_query_info", append(raw, length...))
	ofCall := stateCall[runtime.RuntimeDispatchInfo](c, "TransactionPaymentCallApi_query_call_info", append(call, length...))
	details := stateCall[runtime.FeeDetails](c, "TransactionPaymentApi_query_fee_details", append(raw, length...))
	callDetails := stateCall[runtime.FeeDetails](c, "TransactionPaymentCallApi_query_call_fee_details", append(call, length...))
	fee, pays := details.InclusionFee.Get()
	if info != ofCall || !pays || fee.Total() != info.PartialFee || info.PartialFee.IsZero() {
		t.Errorf("info %+v, of the call %+v, details %+v", info, ofCall, details)
	}
	if details.Tip != scale.U128From64(5) || !callDetails.Tip.IsZero() || callDetails.InclusionFee != details.InclusionFee {
		t.Errorf("details %+v, of the call %+v", details, callDetails)
	}
	lenFee := stateCall[scale.U128](c, "TransactionPaymentApi_query_length_to_fee", length)
	if fee.LenFee != lenFee {
		t.Errorf("length fee %v, query_length_to_fee %v", fee.LenFee, lenFee)
	}
	json := c.result("payment_queryInfo", "["+hexes(raw)+"]")
	if !strings.HasSuffix(json, `"class":"normal","partialFee":"`+info.PartialFee.String()+`"}`) {
		t.Errorf("payment_queryInfo: %s, want the fee %v", json, info.PartialFee)
	}
}

func TestDecodeSessionKeys(t *testing.T) {
	type key struct {
		Public []byte
		Kind   substrate.KeyTypeID
	}
	n := startNode(t, rpc.Config{})
	c := n.dial()
	keys := make([]byte, 161)
	for i := range keys {
		keys[i] = byte(i)
	}
	decode := func(b []byte) scale.Option[[]key] {
		return stateCall[scale.Option[[]key]](c, "SessionKeys_decode_session_keys", scale.MustMarshal(b))
	}
	got, ok := decode(keys).Get()
	if !ok || len(got) != 5 || string(got[0].Kind[:]) != "gran" || string(got[4].Kind[:]) != "beef" ||
		len(got[4].Public) != 33 || got[3].Public[0] != 96 {
		t.Errorf("keys %v", got)
	}
	if decode(keys[1:]).IsSome() {
		t.Error("160 bytes are keys")
	}
}

// A failed call is applied all the same, an inadmissible extrinsic is not.
func TestApplyExtrinsic(t *testing.T) {
	type result = scale.Result[substrate.DispatchResult, substrate.TransactionValidityError]
	n := startNode(t, rpc.Config{})
	n.produce()
	c := n.dial()
	apply := func(raw []byte) result {
		return stateCall[result](c, "BlockBuilder_apply_extrinsic", raw)
	}
	if outcome, ok := apply(n.transfer(0, 0)).Get(); !ok || !outcome.IsOk() {
		t.Errorf("transfer: %+v", outcome)
	}
	much := runtime.RuntimeCall{Call: balances.TransferKeepAlive{
		Dest: substrate.AddressOf(n.bob.AccountID()), Value: unit.SaturatingMul(scale.U128From64(10_000_000)),
	}}
	if outcome, ok := apply(n.sign(n.alice, much, runtime.Extra{})).Get(); !ok || outcome.IsOk() {
		t.Errorf("transfer of what Alice does not have: %+v", outcome)
	}
	if why, failed := apply(n.transfer(7, 0)).Fault(); !failed || why != substrate.Invalid(substrate.InvalidFuture) {
		t.Errorf("nonce after a gap: %v", why)
	}
	if answer := c.call("state_call", `["BlockBuilder_apply_extrinsic","0x0204"]`); !strings.Contains(answer, "Bad input data") {
		t.Errorf("undecodable: %s", answer)
	}
}
