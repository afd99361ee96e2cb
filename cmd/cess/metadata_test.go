package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gocess/gocess/primitives/metadata"
)

func TestCompareSeparatesWhatDoesNotCount(t *testing.T) {
	got, want := localMetadata(t), localMetadata(t)
	if c := compare(got, want); len(c.Differences)+len(c.Constants)+len(c.CallsNot)+len(c.PalletsNot) != 0 || c.Equal != c.Items || c.Items == 0 {
		t.Fatalf("the same metadata differs: %+v", c)
	}
	// A pallet less or behind the last, another constant: listed, and no
	// difference. A pallet in between is one.
	got.Pallets = got.Pallets[:len(got.Pallets)-1]
	c := compare(got, want)
	if len(c.PalletsNot) != 1 || len(c.Differences) != 0 {
		t.Errorf("a pallet that is not live: %+v", c)
	}
	if c := compare(want, got); len(c.PalletsOwn) != 1 || len(c.Differences) != 0 {
		t.Errorf("a pallet behind the reference's last: %+v", c)
	}
	between := localMetadata(t)
	between.Pallets = between.Pallets[1:]
	if c := compare(want, between); len(c.PalletsOwn) != 0 || len(c.Differences) != 1 {
		t.Errorf("a pallet in between: %+v", c)
	}
	p, err := got.Pallet("Balances")
	if err != nil {
		t.Fatal(err)
	}
	p.Constants[0].Value = append([]byte{0xff}, p.Constants[0].Value[1:]...)
	if c := compare(got, want); len(c.Constants) != 1 || len(c.Differences) != 0 {
		t.Errorf("a constant with another value: %+v", c)
	}
	storage, _ := p.Storage.Get()
	storage.Entries[0].Modifier = metadata.Optional
	if c := compare(got, want); len(c.Differences) == 0 {
		t.Error("another modifier is no difference")
	}
}

// The reference lies beside the repository, not in it.
func TestRuntimeMatchesReference(t *testing.T) {
	path := filepath.FromSlash("../../../shared/reference/cess-testnet2-v137.metadata.scale")
	if _, err := os.Stat(path); err != nil {
		t.Skip("no reference metadata beside the repository")
	}
	want, err := readMetadata(path)
	if err != nil {
		t.Fatal(err)
	}
	c := compare(localMetadata(t), want)
	for _, d := range c.Differences {
		t.Errorf("%+v", d)
	}
	t.Logf("%d of %d items equal, %d calls not live", c.Equal, c.Items, len(c.CallsNot))
}
