package audit_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// sigma is the proof of version 1 of the test vectors (spec/podr2-tee.md §7).
const sigma = "" +
	"1792516411635203868886692789676369169149267576559460705125858289696645854111793222745685526073756158" +
	"9831046024695910648360624883536722063606469680732793417288353195526730698324621933297432840765565494" +
	"0522262581956998064824722421879662218175099215166751242827970191360094764611062542178456724284179156" +
	"4211876648915730908933235949556728797614155590175336894289379612965378062501566454621501452629257638" +
	"6456053200209823459908374864625555486203893615748171378617345361043344807777039882915496991173893084" +
	"5886840199733082212837645042855856320936821109846456489802366143992758030509827864858041843791741741" +
	"51951203883084848"

func full[A ~[32]byte | ~[256]byte](b byte) (a A) {
	switch p := any(&a).(type) {
	case *[32]byte:
		copy(p[:], bytes.Repeat([]byte{b}, 32))
	case *[256]byte:
		copy(p[:], bytes.Repeat([]byte{b}, 256))
	}
	return a
}

func vectorQuestion() (q audit.QElement) {
	for k := range uint32(47) {
		h := sha256.Sum256(fmt.Appendf(nil, "podr2-vector-v%d", k))
		q.RandomIndexList = append(q.RandomIndexList, (37*k+5)%1024)
		q.RandomList = append(q.RandomList, [20]byte(h[:20]))
	}
	return q
}

// The digests that TEE workers sign, from the published test vectors.
func TestSignedPayloads(t *testing.T) {
	if h := sha256.Sum256([]byte(sigma)); hex.EncodeToString(h[:]) != "5182fada5969b705758ac6b25d086bac8ac1885bf2cb2270df814d237767b8cc" {
		t.Fatal("the proof of the vectors is mistyped")
	}
	name, err := types.ParseHash("89eb56e61a9c62863d78c03161b757286e2d334f7102de462209bb7895963678")
	if err != nil {
		t.Fatal(err)
	}
	var one types.BloomFilter
	if err := one.Insert(name); err != nil {
		t.Fatal(err)
	}
	miner, tee := full[[32]byte](1), full[[32]byte](2)
	space := types.SpaceProofInfo{
		Miner: miner, Front: 3, Rear: 256,
		PoISKey:     types.PoISKey{G: full[[256]byte](10), N: full[[256]byte](11)},
		Accumulator: full[[256]byte](12),
	}
	service := audit.ServiceVerdict{
		Miner: miner, TEE: tee, Proof: []byte(sigma), Result: true,
		Challenge: vectorQuestion(), BloomFilter: one,
	}
	empty := service
	empty.Proof, empty.BloomFilter = nil, types.BloomFilter{}
	hash := full[[32]byte](13)
	idle := audit.IdleVerdict{
		Miner: miner, ProofHash: hash[:], Front: 3, Rear: 256, Accumulator: full[[256]byte](12),
		SpaceParam: [8]uint64{1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007}, Result: true, TEE: tee,
	}
	state := scale.MustMarshal(space)
	for _, c := range []struct {
		what, want string
		got        [32]byte
	}{
		{"state of idle files", "7055a1168a2331d1c07f3c1e653915a7473824ec0acc707148846daabdad55db", sha256.Sum256(state)},
		{"state of idle files and worker", "6cf17435d914cdbef6ad60fed0244becf17d5de2f6dfb08a7aed7e62481ecead", sha256.Sum256(append(state, tee[:]...))},
		{"service verdict", "8d18d70d27c5be2c690eb78e551c464a73bcfa476caf067faa2548732d69ddf5", service.Digest()},
		{"service verdict without fragments", "cbd4eaa276bce88187c40899ac19147aa20b91177054e6ebf3e6957259edab0d", empty.Digest()},
		{"idle verdict", "b3dc0fa6973fe9ed9d04c7d223c2e481e13d0e0bda887465a0b247b8fd6e7b85", idle.Digest()},
	} {
		if got := hex.EncodeToString(c.got[:]); got != c.want {
			t.Errorf("%s: digest %s, want %s", c.what, got, c.want)
		}
	}
	for what, c := range map[string]struct{ got, want int }{
		"idle verdict":          {len(scale.MustMarshal(idle)), 434},
		"empty service verdict": {len(scale.MustMarshal(empty)), 3244},
		"service verdict":       {len(scale.MustMarshal(service)), 3862},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d bytes, want %d", what, c.got, c.want)
		}
	}
}

// The record of a challenge, byte for byte (spec/pallets-mining.md §2.1).
func TestChallengeEncoding(t *testing.T) {
	var b bytes.Buffer
	u32 := func(v uint32) { b.Write([]byte{byte(v), byte(v >> 8), byte(v >> 16), byte(v >> 24)}) }
	u64 := func(v uint64) { u32(uint32(v)); u32(uint32(v >> 32)) }
	c := audit.Challenge{}
	c.Snapshot.IdleSpace = scale.U128From64(7)
	u64(7)
	u64(0)
	c.Snapshot.ServiceSpace = scale.U128From64(8)
	u64(8)
	u64(0)
	for i := range c.Snapshot.ServiceBloomFilter {
		c.Snapshot.ServiceBloomFilter[i] = uint64(i)
		u64(uint64(i))
	}
	c.Snapshot.SpaceProofInfo = types.SpaceProofInfo{
		Miner: full[[32]byte](1), Front: 2, Rear: 3,
		PoISKey: types.PoISKey{G: full[[256]byte](4), N: full[[256]byte](5)}, Accumulator: full[[256]byte](6),
	}
	b.Write(bytes.Repeat([]byte{1}, 32))
	u64(2)
	u64(3)
	for i := byte(4); i < 7; i++ {
		b.Write(bytes.Repeat([]byte{i}, 256))
	}
	c.Snapshot.TEESignature[63] = 9
	b.Write(append(make([]byte, 63), 9))
	c.Element = audit.ChallengeElement{Start: 10, IdleSlip: 11, ServiceSlip: 12, VerifySlip: 13, ServiceParam: vectorQuestion()}
	for i := range uint32(4) {
		u32(10 + i)
	}
	for i := range c.Element.SpaceParam {
		c.Element.SpaceParam[i] = uint64(i) << 40
		u64(uint64(i) << 40)
	}
	b.WriteByte(47 << 2)
	for _, i := range c.Element.ServiceParam.RandomIndexList {
		u32(i)
	}
	b.WriteByte(47 << 2)
	for _, v := range c.Element.ServiceParam.RandomList {
		b.Write(v[:])
	}
	c.Proofs.Assign = 2
	b.WriteByte(2)
	c.Proofs.Idle = scale.Some(audit.IdleProof{TEE: full[[32]byte](14), Proof: []byte{15}, Verdict: scale.Some(false)})
	b.WriteByte(1)
	b.Write(bytes.Repeat([]byte{14}, 32))
	b.Write([]byte{1 << 2, 15, 1, 0})
	c.Proofs.Service = scale.Some(audit.ServiceProof{TEE: full[[32]byte](16), Proof: []byte{17}})
	b.WriteByte(1)
	b.Write(bytes.Repeat([]byte{16}, 32))
	b.Write([]byte{1 << 2, 17, 0})
	got := scale.MustMarshal(c)
	if !bytes.Equal(got, b.Bytes()) {
		t.Fatalf("encodes to %d bytes %x,\nwant %d bytes %x", len(got), got, b.Len(), b.Bytes())
	}
	back, err := scale.Unmarshal[audit.Challenge](got)
	if err != nil || !bytes.Equal(scale.MustMarshal(back), got) {
		t.Fatalf("does not come back: %v", err)
	}
}
