package filebank_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// What is declared of a stored file does not matter: the user owns it at once.
func TestDeclaringStoredFileSharesIt(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 1)
	w.mint(bob, "u", 1)
	d := newData("a", 2)
	w.store(alice, "t", d)
	c := d.declaration(bob, "u")
	c.DealInfo, c.FileSize = nil, scale.U128From64(1)
	w.wants(nil, bob, c)
	want := []filebank.UploadDeclarationEvent{{Operator: bob, Owner: bob, DealHash: d.fid}}
	if got := palletstest.EventsOf[filebank.UploadDeclarationEvent](w.Chain); !slices.Equal(got, want) {
		t.Fatalf("events %+v", got)
	}
	f := w.file(d)
	mustEqual(t, "owners", len(f.Owner), 2)
	mustEqual(t, "second owner", f.Owner[1].User, bob)
	mustEqual(t, "size", f.FileSize, d.size)
	mustEqual(t, "used", w.territory(bob, "u").UsedSpace, d.footprint())
	mustEqual(t, "service space", storagehandler.TotalServiceSpace.Get(w.Ctx()), d.footprint())
	w.audit()
}

func TestShareErrors(t *testing.T) {
	w := newWorld(t, map[string]any{"FileBank.UserFileLimit": 2, "FileBank.OwnerLimit": 3})
	w.mint(alice, "t", 2)
	w.mint(alice, "u", 1)
	w.mint(bob, "t", 2)
	w.mint(charlie, "t", 2)
	w.mint(dave, "t", 2)
	w.mint(dave, "frozen", 1)
	w.do(func(ctx *runtime.Context) {
		frozen, _ := storagehandler.Territories.Get(ctx, dave, terr("frozen"))
		frozen.State = storagehandler.TerritoryFrozen
		storagehandler.Territories.Put(ctx, dave, terr("frozen"), frozen)
	})
	a, b, c := newData("a", 11), newData("b", 1), newData("c", 1)
	w.store(alice, "t", a)
	w.store(bob, "t", b)
	w.store(charlie, "t", c)
	w.wants(filebank.ErrNoPermission, dave, a.declaration(alice, "u"))
	w.wants(filebank.ErrSpec, alice, changed(a, func(c *filebank.UploadDeclaration) { c.UserBrief.FileName = nil }))
	w.wants(filebank.ErrInsufficientAvailableSpace, alice, a.declaration(alice, "u"))
	w.wants(storagehandler.ErrNotHaveTerritory, alice, b.declaration(alice, "none"))
	w.wants(storagehandler.ErrNotActive, dave, b.declaration(dave, "frozen"))
	w.wants(filebank.ErrExisted, bob, b.declaration(bob, "t"))
	w.wants(nil, alice, b.declaration(alice, "t"))
	w.wants(filebank.ErrStorageLimitReached, alice, c.declaration(alice, "t"))
	w.wants(nil, charlie, b.declaration(charlie, "t"))
	w.wants(filebank.ErrBoundedVec, dave, b.declaration(dave, "t"))
	w.audit()
}

func TestDeleteFile(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 1)
	w.mint(bob, "t", 1)
	w.authorize(alice, dave)
	before := w.territory(alice, "t")
	d := newData("a", 2)
	w.store(alice, "t", d)
	w.declare(bob, "t", d)
	w.do(func(ctx *runtime.Context) {
		for _, m := range w.miners[:6] {
			if err := tag(ctx, m, d.fid); err != nil {
				t.Fatal(err)
			}
		}
	})
	w.audit()
	w.wants(nil, dave, filebank.DeleteFile{Owner: alice, FileHash: d.fid})
	want := []filebank.DeleteFileEvent{{Operator: dave, Owner: alice, FileHash: d.fid}}
	if got := palletstest.EventsOf[filebank.DeleteFileEvent](w.Chain); !slices.Equal(got, want) {
		t.Fatalf("events %+v", got)
	}
	mustEqual(t, "owners", len(w.file(d).Owner), 1)
	mustEqual(t, "files of Alice", len(filebank.UserFiles.Get(w.Ctx(), alice)), 0)
	after := w.territory(alice, "t")
	mustEqual(t, "remaining", after.RemainingSpace, before.RemainingSpace)
	w.audit()

	idle := w.miner(0).IdleSpace
	w.wants(nil, bob, filebank.DeleteFile{Owner: bob, FileHash: d.fid})
	if filebank.Files.Contains(w.Ctx(), d.fid) {
		t.Fatal("the file is still there")
	}
	mustEqual(t, "service space", storagehandler.TotalServiceSpace.Get(w.Ctx()), scale.U128{})
	for i := range 12 {
		m := w.miner(i)
		mustEqual(t, "miner's service space", m.ServiceSpace, scale.U128{})
		mustEqual(t, "miner's locked space", m.LockSpace, scale.U128{})
		mustEqual(t, "miner's filter", m.ServiceBloomFilter, types.BloomFilter{})
		mustEqual(t, "miner's idle space, which does not come back", m.IdleSpace, idle)
	}
	w.audit()
}

func TestDeleteErrors(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 1)
	d := newData("a", 1)
	w.store(alice, "t", d)
	w.wants(filebank.ErrNoPermission, bob, filebank.DeleteFile{Owner: alice, FileHash: d.fid})
	w.wants(filebank.ErrNonExistent, alice, filebank.DeleteFile{Owner: alice, FileHash: hashOf("none")})
	w.wants(runtime.ErrBadOrigin, alice, filebank.RootClearFile{Owner: alice, FileHash: d.fid})
	if err := w.Root(filebank.DeleteFile{Owner: alice, FileHash: d.fid}); !errors.Is(err, runtime.ErrBadOrigin) {
		t.Errorf("root deletes: %v", err)
	}
	if err := w.Root(filebank.RootClearFile{Owner: alice, FileHash: hashOf("none")}); !errors.Is(err, filebank.ErrNonExistent) {
		t.Errorf("clear a file that is not there: %v", err)
	}
	w.file(d)
}

func TestRootClearsFileWithoutEvent(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 1)
	d := newData("a", 1)
	w.store(alice, "t", d)
	if err := w.Root(filebank.RootClearFile{Owner: bob, FileHash: d.fid}); !errors.Is(err, filebank.ErrNotOwner) {
		t.Fatalf("clear for a stranger: %v", err)
	}
	if err := w.Root(filebank.RootClearFile{Owner: alice, FileHash: d.fid}); err != nil {
		t.Fatal(err)
	}
	if filebank.Files.Contains(w.Ctx(), d.fid) {
		t.Fatal("the file is still there")
	}
	if n := len(palletstest.EventsOf[filebank.DeleteFileEvent](w.Chain)); n != 0 {
		t.Fatalf("%d events", n)
	}
	w.audit()
}

// A user that owns a file in two territories gives up both at once, and the
// file goes if nobody else owns it.
func TestB3DeleteOfTwoEntries(t *testing.T) {
	for _, shared := range []bool{false, true} {
		w := newWorld(t, nil)
		w.mint(alice, "t", 1)
		w.mint(alice, "u", 1)
		w.mint(bob, "t", 1)
		d := newData("a", 1)
		w.store(alice, "t", d)
		if shared {
			w.declare(bob, "t", d)
		}
		w.declare(alice, "u", d)
		w.wants(nil, alice, filebank.DeleteFile{Owner: alice, FileHash: d.fid})
		if got := filebank.Files.Contains(w.Ctx(), d.fid); got != shared {
			t.Fatalf("shared %v: the file exists: %v", shared, got)
		}
		mustEqual(t, "used in t", w.territory(alice, "t").UsedSpace, scale.U128{})
		mustEqual(t, "used in u", w.territory(alice, "u").UsedSpace, scale.U128{})
		w.audit()
	}
}

func TestB4DeleteByNonOwner(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 1)
	d := newData("a", 1)
	w.store(alice, "t", d)
	w.wants(filebank.ErrNotOwner, bob, filebank.DeleteFile{Owner: bob, FileHash: d.fid})
	if n := len(palletstest.EventsOf[filebank.DeleteFileEvent](w.Chain)); n != 0 {
		t.Fatalf("%d events", n)
	}
}

// A user may own a file in several territories and pays in each.
func TestB23OwnershipInSeveralTerritories(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 1)
	w.mint(alice, "u", 1)
	d := newData("a", 1)
	w.store(alice, "t", d)
	w.declare(alice, "u", d)
	w.wants(filebank.ErrExisted, alice, d.declaration(alice, "u"))
	mustEqual(t, "used in t", w.territory(alice, "t").UsedSpace, d.footprint())
	mustEqual(t, "used in u", w.territory(alice, "u").UsedSpace, d.footprint())
	mustEqual(t, "records", len(filebank.UserFiles.Get(w.Ctx(), alice)), 2)
	w.audit()
}

// Delivery rewrites the owner entry, so that a later delete frees the space of
// the territory where the file is.
func TestB2DeliveryIsRecorded(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 1)
	w.mint(alice, "u", 1)
	w.authorize(alice, dave)
	d, other := newData("a", 1), newData("b", 1)
	w.store(alice, "t", d)
	w.store(alice, "t", other)
	w.wants(nil, dave, filebank.TerritoryFileDelivery{User: alice, FileHash: d.fid, TargetTerritory: terr("u")})
	events := palletstest.EventsOf[filebank.TerritoryFileDeliveryEvent](w.Chain)
	if len(events) != 1 || events[0].FileHash != d.fid || string(events[0].NewTerritory) != "u" {
		t.Fatalf("events %+v", events)
	}
	mustEqual(t, "territory of the owner entry", string(w.file(d).Owner[0].TerritoryName), "u")
	mustEqual(t, "used in t", w.territory(alice, "t").UsedSpace, other.footprint())
	mustEqual(t, "used in u", w.territory(alice, "u").UsedSpace, d.footprint())
	w.audit()
	w.wants(nil, alice, filebank.TerritoryFileDelivery{User: alice, FileHash: d.fid, TargetTerritory: terr("u")})
	if n := len(palletstest.EventsOf[filebank.TerritoryFileDeliveryEvent](w.Chain)); n != 1 {
		t.Fatalf("%d events of a delivery to where the file is", n)
	}
	w.audit()
	w.wants(nil, alice, filebank.DeleteFile{Owner: alice, FileHash: d.fid})
	mustEqual(t, "used in u", w.territory(alice, "u").UsedSpace, scale.U128{})
	w.audit()
}

// Two entries of one user stay two when they meet, and both are paid for.
func TestDeliveryOfTwoEntriesToOneTerritory(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 1)
	w.mint(alice, "u", 1)
	d := newData("a", 1)
	w.store(alice, "t", d)
	w.declare(alice, "u", d)
	w.wants(nil, alice, filebank.TerritoryFileDelivery{User: alice, FileHash: d.fid, TargetTerritory: terr("u")})
	mustEqual(t, "used in u", w.territory(alice, "u").UsedSpace, types.Footprint(2))
	w.audit()
	w.expire(alice, "u")
	if filebank.Files.Contains(w.Ctx(), d.fid) {
		t.Fatal("the file outlives both entries")
	}
	w.audit()
}

func TestDeliveryErrors(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 3)
	w.mint(alice, "u", 1)
	w.mint(alice, "frozen", 3)
	w.mint(bob, "t", 1)
	w.do(func(ctx *runtime.Context) {
		frozen, _ := storagehandler.Territories.Get(ctx, alice, terr("frozen"))
		frozen.State = storagehandler.TerritoryFrozen
		storagehandler.Territories.Put(ctx, alice, terr("frozen"), frozen)
	})
	d, pending := newData("a", 11), newData("b", 1)
	w.store(alice, "t", d)
	w.declare(alice, "t", pending)
	for _, c := range []struct {
		name   string
		signer account
		call   filebank.TerritoryFileDelivery
		want   error
	}{
		{"a stranger signs", bob, filebank.TerritoryFileDelivery{User: alice, FileHash: d.fid, TargetTerritory: terr("u")}, filebank.ErrNoPermission},
		{"another's file", bob, filebank.TerritoryFileDelivery{User: bob, FileHash: d.fid, TargetTerritory: terr("t")}, filebank.ErrNotOwner},
		{"no such file", alice, filebank.TerritoryFileDelivery{User: alice, FileHash: hashOf("none"), TargetTerritory: terr("u")}, filebank.ErrNotOwner},
		{"a deal", alice, filebank.TerritoryFileDelivery{User: alice, FileHash: pending.fid, TargetTerritory: terr("u")}, filebank.ErrNotOwner},
		{"no such territory", alice, filebank.TerritoryFileDelivery{User: alice, FileHash: d.fid, TargetTerritory: terr("none")}, storagehandler.ErrNotHaveTerritory},
		{"frozen territory", alice, filebank.TerritoryFileDelivery{User: alice, FileHash: d.fid, TargetTerritory: terr("frozen")}, storagehandler.ErrNotActive},
		{"too small a territory", alice, filebank.TerritoryFileDelivery{User: alice, FileHash: d.fid, TargetTerritory: terr("u")}, storagehandler.ErrInsufficientStorage},
	} {
		if got := w.Run(c.signer, c.call); !errors.Is(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	w.audit()
	w.do(func(ctx *runtime.Context) {
		f, _ := filebank.Files.Get(ctx, d.fid)
		f.State = filebank.FileMissing
		filebank.Files.Put(ctx, d.fid, f)
	})
	w.wants(filebank.ErrNotActive, alice, filebank.TerritoryFileDelivery{User: alice, FileHash: d.fid, TargetTerritory: terr("u")})
}

// Fragments of a miner that leaves count as restored when their file goes.
func TestDeleteOfFileOfLeavingMiner(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 1)
	d := newData("a", 3)
	w.store(alice, "t", d)
	w.do(func(ctx *runtime.Context) {
		if err := errors.Join(tag(ctx, w.miners[0], d.fid), forceExit(ctx, w.miners[0])); err != nil {
			t.Fatal(err)
		}
	})
	w.wants(nil, alice, filebank.DeleteFile{Owner: alice, FileHash: d.fid})
	target, _ := sminer.RestoralTargets.Get(w.Ctx(), w.miners[0])
	mustEqual(t, "restored space", target.RestoredSpace, d.column())
	mustEqual(t, "space to restore", target.ServiceSpace, d.column())
	w.audit()
}
