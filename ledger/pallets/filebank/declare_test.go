package filebank_test

import (
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

func TestDeclareOpensDeal(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 1)
	d := newData("a", 2)
	w.declare(alice, "t", d)
	want := []filebank.UploadDeclarationEvent{{Operator: alice, Owner: alice, DealHash: d.fid}}
	if got := palletstest.EventsOf[filebank.UploadDeclarationEvent](w.Chain); !slices.Equal(got, want) {
		t.Fatalf("events %+v", got)
	}
	deal := w.deal(d)
	mustEqual(t, "file size", deal.FileSize, d.size)
	mustEqual(t, "segments", len(deal.SegmentList), 2)
	mustEqual(t, "reports", len(deal.CompleteList), 0)
	mustEqual(t, "locked", w.territory(alice, "t").LockedSpace, d.footprint())
	deadline, _ := filebank.DealDeadlines.Get(w.Ctx(), d.fid)
	mustEqual(t, "deadline", deadline, w.Number()+filebank.DealLife.Default())
	w.audit()
}

func TestOperatorDeclaresForOwner(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(bob, "t", 1)
	w.authorize(bob, dave)
	d := newData("a", 1)
	w.wants(nil, dave, d.declaration(bob, "t"))
	want := []filebank.UploadDeclarationEvent{{Operator: dave, Owner: bob, DealHash: d.fid}}
	if got := palletstest.EventsOf[filebank.UploadDeclarationEvent](w.Chain); !slices.Equal(got, want) {
		t.Fatalf("events %+v", got)
	}
	w.audit()
}

// changed is d's declaration by Alice in territory t after fn.
func changed(d data, fn func(*filebank.UploadDeclaration)) filebank.UploadDeclaration {
	c := d.declaration(alice, "t")
	c.DealInfo = slices.Clone(c.DealInfo)
	for i := range c.DealInfo {
		c.DealInfo[i].FragmentList = slices.Clone(c.DealInfo[i].FragmentList)
	}
	fn(&c)
	return c
}

func TestDeclareErrors(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 1)
	w.mint(alice, "frozen", 1)
	w.do(func(ctx *runtime.Context) {
		frozen, _ := storagehandler.Territories.Get(ctx, alice, terr("frozen"))
		frozen.State = storagehandler.TerritoryFrozen
		storagehandler.Territories.Put(ctx, alice, terr("frozen"), frozen)
	})
	d, big := newData("a", 2), newData("big", 11)
	upper := func(h *hash) { copy(h[:], strings.ToUpper(string(h[:]))) }
	for _, c := range []struct {
		name   string
		signer account
		want   error
		change func(*filebank.UploadDeclaration)
	}{
		{"a stranger signs", dave, filebank.ErrNoPermission, func(*filebank.UploadDeclaration) {}},
		{"11 fragments", alice, filebank.ErrSpec, func(c *filebank.UploadDeclaration) {
			c.DealInfo[1].FragmentList = c.DealInfo[1].FragmentList[:11]
		}},
		{"short name", alice, filebank.ErrSpec, func(c *filebank.UploadDeclaration) { c.UserBrief.FileName = filebank.FileName("ab") }},
		{"no segments", alice, filebank.ErrSpec, func(c *filebank.UploadDeclaration) { c.DealInfo = nil }},
		{"fid in capitals", alice, filebank.ErrSpec, func(c *filebank.UploadDeclaration) { upper(&c.FileHash) }},
		{"segment hash in capitals", alice, filebank.ErrSpec, func(c *filebank.UploadDeclaration) { upper(&c.DealInfo[0].Hash) }},
		{"fragment hash in capitals", alice, filebank.ErrSpec, func(c *filebank.UploadDeclaration) { upper(&c.DealInfo[1].FragmentList[11]) }},
		{"another fid", alice, filebank.ErrSpec, func(c *filebank.UploadDeclaration) { c.FileHash = big.fid }},
		{"segments in another order", alice, filebank.ErrSpec, func(c *filebank.UploadDeclaration) { slices.Reverse(c.DealInfo) }},
		{"larger than its segments", alice, filebank.ErrSpec, func(c *filebank.UploadDeclaration) {
			c.FileSize = scale.U128From64(2*types.SegmentSize + 1)
		}},
		{"no such territory", alice, storagehandler.ErrNotHaveTerritory, func(c *filebank.UploadDeclaration) { c.UserBrief.TerritoryName = terr("none") }},
		{"frozen territory", alice, storagehandler.ErrNotActive, func(c *filebank.UploadDeclaration) { c.UserBrief.TerritoryName = terr("frozen") }},
		{"too little space", alice, filebank.ErrInsufficientAvailableSpace, func(c *filebank.UploadDeclaration) { *c = big.declaration(alice, "t") }},
	} {
		if got := w.Run(c.signer, changed(d, c.change)); !errors.Is(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	if err := w.Root(d.declaration(alice, "t")); !errors.Is(err, runtime.ErrBadOrigin) {
		t.Errorf("root declares: %v", err)
	}
	if filebank.Deals.Contains(w.Ctx(), d.fid) {
		t.Error("a refused declaration left a deal")
	}
	w.wants(nil, alice, changed(d, func(c *filebank.UploadDeclaration) { c.FileSize = scale.U128From64(2 * types.SegmentSize) }))
}

// A repeated declaration of one's own deal keeps the reports and locks nothing
// again; nobody can replace another's deal.
func TestB1DeclarationOfOpenDeal(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 1)
	w.mint(alice, "u", 1)
	w.mint(bob, "t", 1)
	d := newData("a", 2)
	w.declare(alice, "t", d)
	deadline, _ := filebank.DealDeadlines.Get(w.Ctx(), d.fid)
	w.report(d, 0, 3)

	w.wants(filebank.ErrExisted, bob, d.declaration(bob, "t"))
	w.wants(filebank.ErrExisted, alice, changed(d, func(c *filebank.UploadDeclaration) {
		c.DealInfo[0].FragmentList[0] = hashOf("junk")
	}))
	w.audit()

	again := changed(d, func(c *filebank.UploadDeclaration) {
		c.UserBrief.FileName = filebank.FileName("renamed")
		c.FileSize = scale.U128From64(40 << 20)
	})
	w.wants(nil, alice, again)
	if n := len(palletstest.EventsOf[filebank.UploadDeclarationEvent](w.Chain)); n != 1 {
		t.Errorf("%d events of the repeated declaration", n)
	}
	deal := w.deal(d)
	mustEqual(t, "reports", len(deal.CompleteList), 3)
	mustEqual(t, "name", string(deal.User.FileName), "renamed")
	mustEqual(t, "size", deal.FileSize, again.FileSize)
	mustEqual(t, "locked", w.territory(alice, "t").LockedSpace, d.footprint())
	w.audit()

	w.wants(nil, alice, d.declaration(alice, "u"))
	mustEqual(t, "locked in the old territory", w.territory(alice, "t").LockedSpace, scale.U128{})
	mustEqual(t, "locked in the new territory", w.territory(alice, "u").LockedSpace, d.footprint())
	mustEqual(t, "reports", len(w.deal(d).CompleteList), 3)
	if now, _ := filebank.DealDeadlines.Get(w.Ctx(), d.fid); now != deadline {
		t.Errorf("repeating the declaration moved the deadline from %d to %d", deadline, now)
	}
	w.audit()
	w.report(d, 3, types.FragmentCount)
	mustEqual(t, "used", w.territory(alice, "u").UsedSpace, d.footprint())
	w.audit()
}

// Where the deal cannot move to, it stays where it is.
func TestB1DealMovesOnlyWhereThereIsRoom(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 2)
	w.mint(alice, "small", 1)
	d := newData("a", 11)
	w.declare(alice, "t", d)
	w.wants(filebank.ErrInsufficientAvailableSpace, alice, d.declaration(alice, "small"))
	w.wants(storagehandler.ErrNotHaveTerritory, alice, d.declaration(alice, "none"))
	mustEqual(t, "territory", string(w.deal(d).User.TerritoryName), "t")
	w.audit()
}

// A full territory does not keep its own deal from being declared again.
func TestB1RepeatNeedsNoRoom(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 3)
	w.mint(alice, "u", 1)
	d, rest := newData("a", 31), newData("b", 1)
	w.store(alice, "u", rest)
	w.declare(alice, "t", d)
	w.wants(nil, alice, filebank.TerritoryFileDelivery{User: alice, FileHash: rest.fid, TargetTerritory: terr("t")})
	mustEqual(t, "remaining", w.territory(alice, "t").RemainingSpace, scale.U128{})
	w.wants(nil, alice, d.declaration(alice, "t"))
	w.audit()
}

// More than the footprint must be left: a territory cannot be filled exactly.
func TestB32MoreThanFootprintMustRemain(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 3) // 32 segments
	w.mint(bob, "t", 3)
	exact := newData("exact", 32)
	w.wants(filebank.ErrInsufficientAvailableSpace, alice, exact.declaration(alice, "t"))
	below := newData("below", 31)
	w.wants(nil, alice, below.declaration(alice, "t"))
	w.report(below, 0, types.FragmentCount)
	one := newData("one", 1)
	w.wants(filebank.ErrInsufficientAvailableSpace, alice, one.declaration(alice, "t"))
	w.store(bob, "t", one)
	w.wants(filebank.ErrInsufficientAvailableSpace, alice, one.declaration(alice, "t"))
	w.audit()
}

// The rules of B28 hold on a chain that does not bind names; those of B37 do
// not.
func TestB37CheckFIDIsAParameter(t *testing.T) {
	w := newWorld(t, map[string]any{"FileBank.CheckFID": false})
	w.mint(alice, "t", 1)
	d := newData("a", 2)
	w.wants(filebank.ErrSpec, alice, changed(d, func(c *filebank.UploadDeclaration) { c.DealInfo = nil }))
	w.wants(filebank.ErrSpec, alice, changed(d, func(c *filebank.UploadDeclaration) { c.DealInfo[0].Hash[0] = 'G' }))
	junk := changed(d, func(c *filebank.UploadDeclaration) {
		c.FileHash = hashOf("any")
		c.FileSize = scale.U128FromParts(1, 0)
	})
	w.wants(nil, alice, junk)
	w.audit()
}

// The vectors of spec/pallets-storage.md §14.
func TestB37NamesOfFiles(t *testing.T) {
	digest := func(s string) hash { return types.HashOf(sha256.Sum256([]byte(s))) }
	zero := hash([]byte("83ee47245398adee79bd9c0a8bc57b821e92aba10f5f9ade8a5d1fae4d8c4302"))
	for _, c := range []struct {
		name     string
		fid      string
		segments []hash
	}{
		{"one segment", "251a262291b87cb3c93a6ed71865da1f2c090c3d0196661a8f4a705b65836f71", []hash{digest("a")}},
		{"two", "e5a01fee14e0ed5c48714f22180f25ad8365b53f9779f79dc4a3d7e93963f94a", []hash{digest("a"), digest("b")}},
		{"three", "d31a37ef6ac14a2db1470c4316beb5592e6afd4465022339adafda76a18ffabe", []hash{digest("a"), digest("b"), digest("c")}},
		{"one of zeros", "323eabd8c5bc51adb392a9819a5ac1904e31db23ec711f0ee725436e9fbf64a8", []hash{zero}},
	} {
		decl := filebank.UploadDeclaration{FileHash: hash([]byte(c.fid))}
		for _, h := range c.segments {
			decl.DealInfo = append(decl.DealInfo, filebank.SegmentList{Hash: h})
		}
		if err := decl.CheckDeclared(true); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		decl.FileHash = digest("another")
		if err := decl.CheckDeclared(true); !errors.Is(err, filebank.ErrSpec) {
			t.Errorf("%s under another name: %v", c.name, err)
		}
	}
}

// Gateways of the content network hash all segment hashes at once.
func TestB37AcceptsHashOfSegmentHashes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(t, "segments")
		h := sha256.New()
		var decl filebank.UploadDeclaration
		for i := range n {
			s := sha256.Sum256([]byte{byte(i)})
			h.Write(s[:])
			decl.DealInfo = append(decl.DealInfo, filebank.SegmentList{Hash: types.HashOf(s)})
		}
		decl.FileHash = types.HashOf([32]byte(h.Sum(nil)))
		if err := decl.CheckDeclared(true); err != nil {
			t.Fatal(err)
		}
		i := rapid.IntRange(0, n-1).Draw(t, "changed")
		decl.DealInfo[i].Hash = hashOf("x")
		if err := decl.CheckDeclared(true); !errors.Is(err, filebank.ErrSpec) {
			t.Fatalf("segment %d of %d changed: %v", i, n, err)
		}
	})
}
