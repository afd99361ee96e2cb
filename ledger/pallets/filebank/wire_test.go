package filebank_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// The keys of spec/pallets-storage.md §0.4 and §14.
func TestStorageKeys(t *testing.T) {
	const pallet = "a3c62a50675125d74bc9f59e3f75adc9"
	fid := hash([]byte(strings.Repeat("0123456789abcdef", 4)))
	for _, c := range []struct {
		name string
		got  []byte
		want string
	}{
		{"DealMap", filebank.Deals.Prefix(), "7810ae48440077708636387b1304c723"},
		{"File", filebank.Files.Prefix(), "303fb39244d274417d5edffffa903f8a"},
		{"UserHoldFileList", filebank.UserFiles.Prefix(), "17f0e8dbd9ca076e7e83f2559063e067"},
		{"RestoralOrder", filebank.RestoralOrders.Prefix(), "0868654b0e08091a62f1da81e43ea467"},
		{"ClearUserList", filebank.ClearUserList.Prefix(), "a324e5c212344e6bb501aa9cf913fc2c"},
		{"TaskFailedCount", filebank.TaskFailedCount.Prefix(), "e4955b6712633a4293c2a8d0008db99f"},
		{"a file", filebank.Files.Key(fid), "303fb39244d274417d5edffffa903f8a" + "635ec1e40483076461e684b0618e354f" + hex.EncodeToString(fid[:])},
	} {
		if got := hex.EncodeToString(c.got); got != pallet+c.want {
			t.Errorf("key of %s is %s", c.name, got)
		}
	}
}

// What the published genesis has, and that clients can read the queue.
func TestGenesis(t *testing.T) {
	w := newWorld(t, nil)
	for _, c := range []struct{ name, key, want string }{
		{"storage version", "a3c62a50675125d74bc9f59e3f75adc9" + "4e7b9012096b41c4eb3aaf947f6ea429", "0200"},
		{"ClearUserList", "a3c62a50675125d74bc9f59e3f75adc9" + "a324e5c212344e6bb501aa9cf913fc2c", "00"},
	} {
		key, err := hex.DecodeString(c.key)
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(w.Ctx().Get(key)); got != c.want {
			t.Errorf("%s is %q, want %s", c.name, got, c.want)
		}
	}
}

// The layouts of spec/pallets-storage.md §1, put together by hand.
func TestCallsOnTheWire(t *testing.T) {
	d := newData("a", 2)
	u128 := func(x uint64) []byte {
		return append(binary.LittleEndian.AppendUint64(nil, x), make([]byte, 8)...)
	}
	var declared []byte
	declared = append(append(declared, 104, 0), d.fid[:]...)
	declared = append(declared, 2<<2)
	for _, s := range d.segments {
		declared = append(append(declared, s.Hash[:]...), 12<<2)
		for _, f := range s.FragmentList {
			declared = append(declared, f[:]...)
		}
	}
	declared = append(declared, alice[:]...)
	declared = append(append(declared, 4<<2), "name"...)
	declared = append(append(declared, 5<<2), "terr1"...)
	declared = append(declared, u128(2*types.SegmentSize-5)...)
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	frag := d.segments[0].FragmentList[0]
	sig := bytes.Repeat([]byte{7}, 64)
	report := filebank.CalculateReport{TEESig: sig, TagSigInfo: filebank.TagSigInfo{
		Miner: bob, FileHash: d.fid, Digest: []filebank.DigestInfo{{Fragment: frag, TEEPuk: fullTEE}},
	}}
	idle := filebank.CertIdleSpace{
		IdleSigInfo:      types.SpaceProofInfo{Miner: bob, Front: 1, Rear: 2},
		TEESigNeedVerify: sig, TEESig: sig[:3], TEEPuk: fullTEE,
	}
	proof := join(bob[:], []byte{1}, make([]byte, 7), []byte{2}, make([]byte, 7), make([]byte, 512+256),
		[]byte{1, 1}, sig, []byte{3 << 2}, sig[:3], fullTEE[:])
	for _, c := range []struct {
		call runtime.Call
		want []byte
	}{
		{report, join([]byte{104, 1, 1, 1}, sig, bob[:], []byte{1 << 2}, frag[:], fullTEE[:], d.fid[:])},
		{filebank.ReplaceIdleSpace(idle), join([]byte{104, 5}, proof)},
		{idle, join([]byte{104, 8}, proof)},
		{filebank.GenerateRestoralOrder{FileHash: d.fid, RestoralFragment: frag}, join([]byte{104, 13}, d.fid[:], frag[:])},
		{filebank.ClaimRestoralOrder{RestoralFragment: frag}, join([]byte{104, 14}, frag[:])},
		{filebank.ClaimRestoralNoexistOrder{Miner: bob, FileHash: d.fid, RestoralFragment: frag}, join([]byte{104, 15}, bob[:], d.fid[:], frag[:])},
		{filebank.RestoralOrderComplete{FragmentHash: frag}, join([]byte{104, 16}, frag[:])},
		{d.declaration(alice, "terr1"), declared},
		{filebank.TerritoryFileDelivery{User: alice, FileHash: d.fid, TargetTerritory: terr("u")}, join([]byte{104, 2}, alice[:], d.fid[:], []byte{1 << 2, 'u'})},
		{filebank.TransferReport{Index: 12, DealHash: d.fid}, join([]byte{104, 3, 12}, d.fid[:])},
		{filebank.DeleteFile{Owner: alice, FileHash: d.fid}, join([]byte{104, 6}, alice[:], d.fid[:])},
		{filebank.RootClearFile{Owner: alice, FileHash: d.fid}, join([]byte{104, 22}, alice[:], d.fid[:])},
	} {
		if got := scale.MustMarshal(runtime.RuntimeCall{Call: c.call}); !bytes.Equal(got, c.want) {
			t.Errorf("%T encodes to %x, want %x", c.call, got, c.want)
		}
	}
}

// Arguments that are too long do not decode: the call never runs.
func TestBoundsWhileDecoding(t *testing.T) {
	long := newData("a", 1)
	long.segments[0].FragmentList = append(long.segments[0].FragmentList, hashOf("thirteenth"))
	name := newData("a", 1).declaration(alice, "t")
	name.UserBrief.FileName = make([]byte, 64)
	territory := newData("a", 1).declaration(alice, strings.Repeat("t", 64))
	for _, c := range []filebank.UploadDeclaration{
		long.declaration(alice, "t"), name, territory, newData("a", 1001).declaration(alice, "t"),
	} {
		if _, err := scale.Marshal(runtime.RuntimeCall{Call: c}); err == nil {
			t.Errorf("%d segments of %d fragments, a name of %d bytes and a territory of %d encode",
				len(c.DealInfo), len(c.DealInfo[0].FragmentList), len(c.UserBrief.FileName), len(c.UserBrief.TerritoryName))
		}
	}
}

// spec/pallets-storage.md §14.
func TestFootprints(t *testing.T) {
	for n, want := range map[int]uint64{1: 100_663_296, 10: 1_006_632_960} {
		if got := newData("a", n).footprint(); got != scale.U128From64(want) {
			t.Errorf("footprint of %d segments is %v", n, got)
		}
	}
	w := newWorld(t, nil)
	w.mint(alice, "t", 1)
	ten, eleven := newData("ten", 10), newData("eleven", 11)
	w.wants(filebank.ErrInsufficientAvailableSpace, alice, eleven.declaration(alice, "t"))
	w.wants(nil, alice, ten.declaration(alice, "t"))
}
