package wire

import (
	"bytes"
	"encoding/hex"
	"testing"
)

func TestCanonicalForm(t *testing.T) {
	m := &MhtProof{Index: -2, Label: []byte{7}, Paths: [][]byte{{1}, {}}, Locs: []byte{0, 1}}
	// index as ten-byte varint, empty list member kept
	if got := hex.EncodeToString(Marshal(m)); got != "08feffffffffffffffff01"+"120107"+"1a0101"+"1a00"+"22020001" {
		t.Fatal(got)
	}
	back, err := Unmarshal[MhtProof](Marshal(m))
	if err != nil || back.Index != -2 || len(back.Paths) != 2 {
		t.Fatal(back, err)
	}
	big := &RequestSpaceProofVerify{SpaceChals: []int64{1, 300, -1}, Proof: &SpaceProof{Left: 1, WitChains: []AccWitnessNode{{Elem: make([]byte, 300), Acc: &AccWitnessNode{}}}}}
	b := Marshal(big)
	again, err := Unmarshal[RequestSpaceProofVerify](b)
	if err != nil || !bytes.Equal(Marshal(again), b) || again.Proof.WitChains[0].Acc == nil {
		t.Fatal(err)
	}
	if b := Marshal(&BlocksProof{Signature: []byte{9}}); b[0] != 3<<3|2 {
		t.Fatalf("signature of BlocksProof is field %d", b[0]>>3)
	}
}

func TestDecoderRefuses(t *testing.T) {
	deep := []byte{}
	for range 20 {
		deep = append([]byte{3<<3 | 2, byte(len(deep))}, deep...)
	}
	for name, b := range map[string][]byte{
		"nesting":     deep,
		"twice":       {1<<3 | 2, 1, 1, 1<<3 | 2, 1, 1},
		"wire type":   {1 << 3, 1},
		"truncated":   {1<<3 | 2, 9, 1},
		"group start": {1<<3 | 3},
	} {
		if _, err := Unmarshal[AccWitnessNode](b); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := Unmarshal[MhtProofGroup](bytes.Repeat([]byte{1<<3 | 2, 0}, 9)); err == nil {
		t.Error("nine proofs accepted")
	}
	if _, err := Unmarshal[MhtProof]([]byte{1 << 3, 0xff, 0xff, 0xff, 0xff, 0x0f}); err == nil {
		t.Error("index above 31 bits accepted")
	}
}

func fuzz[M any](b []byte, t *testing.T) {
	m, err := Unmarshal[M](b)
	if err != nil {
		return
	}
	once := Marshal(m)
	again, err := Unmarshal[M](once)
	if err != nil || !bytes.Equal(Marshal(again), once) {
		t.Fatalf("encoding is not stable: %v", err)
	}
}

// FuzzMessages decodes the input as the message type that its first byte selects.
func FuzzMessages(f *testing.F) {
	types := []func([]byte, *testing.T){
		fuzz[MhtProof], fuzz[MhtProofGroup], fuzz[AccWitnessNode], fuzz[Commits], fuzz[Int64Slice], fuzz[Challenge], fuzz[CommitProof], fuzz[CommitProofGroupInner],
		fuzz[CommitProofGroup], fuzz[AccProof], fuzz[SpaceProof], fuzz[MinerPoisInfo], fuzz[PoisStatus], fuzz[RequestMinerInitParam], fuzz[ResponseMinerInitParam],
		fuzz[RequestMinerCommitGenChall], fuzz[RequestVerifyCommitAndAccProof], fuzz[ResponseVerifyCommitOrDeletionProof], fuzz[RequestVerifyDeletionProof],
		fuzz[RequestSpaceProofVerify], fuzz[ResponseSpaceProofVerify], fuzz[ProofHashAndLeftRight], fuzz[BlocksProof], fuzz[RequestSpaceProofVerifyTotal],
		fuzz[ResponseSpaceProofVerifyTotal], fuzz[ResponseSpaceProofVerifyTotalSignatureMember],
	}
	for i := range types {
		f.Add(append([]byte{byte(i)}, Marshal(&CommitProof{Node: &MhtProof{Index: 5, Paths: [][]byte{{1}}}})...))
		f.Add([]byte{byte(i), 8, 1, 18, 1, 1, 26, 2, 10, 0})
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 0 {
			types[int(b[0])%len(types)](b[1:], t)
		}
	})
}

func TestSignedStructures(t *testing.T) {
	miner := make([]byte, 32)
	info, err := SpaceProofInfo(miner, 1, 2, []byte{3}, []byte{4}, []byte{5})
	if err != nil || len(info) != 816 || info[32] != 1 || info[40] != 2 || info[48+255] != 3 || info[815] != 5 {
		t.Fatal(len(info), err)
	}
	if _, err := SpaceProofInfo(miner[:31], 1, 2, nil, nil, nil); err == nil {
		t.Error("short miner accepted")
	}
	if _, err := TotalHash(miner, miner, 1, 2, make([]byte, 257), make([]int64, 8), true, miner); err == nil {
		t.Error("long accumulator accepted")
	}
}
