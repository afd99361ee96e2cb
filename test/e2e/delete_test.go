//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/sdk"
)

// A deleted file is gone: from the chain, from the miners' disks and from the
// gateway's, and its territory has the space back.
func TestDelete(t *testing.T) {
	t.Parallel()
	rng := seeded(t)
	net := devkit.Start(t, devkit.Config{})
	chain := net.Client(t)
	alice := newUser(t, net, chain, "//Alice")
	alice.mint(t, "tidy", 1)
	alice.authorize(t, gatewayAccount(t, net))
	before := readBooks(t, chain, alice)

	byGateway := upload{content: content{seed: rng.Uint64() | 1, size: 5 * miB}, territory: "tidy", name: "one.bin"}
	byOwner := upload{content: content{seed: rng.Uint64() | 1, size: 34 * miB}, territory: "tidy", name: "two.bin"}
	one, two := alice.mustPut(t, byGateway), alice.mustPut(t, byOwner)
	alice.waitActive(t, one, 2*time.Minute)
	alice.waitActive(t, two, 2*time.Minute)
	eventually(t, 2*time.Minute, "miners keep the fragments and their tags", func() string {
		for fid, want := range map[types.Hash]int{one: 2 * types.FragmentCount, two: 4 * types.FragmentCount} {
			if n := fragments(t, fid, net.Nodes("miner")); n != want {
				return fmt.Sprintf("%d fragments and tags of %v, want %d", n, fid, want)
			}
		}
		return ""
	})
	if err := newUser(t, net, chain, "//Bob").remove(within(t, time.Minute), one); err == nil {
		t.Error("Bob may delete Alice's file")
	}
	if err := alice.remove(within(t, time.Minute), one); err != nil {
		t.Fatalf("delete over the gateway: %v", err)
	}
	if _, err := chain.Submit(within(t, txTimeout), alice.key, filebank.DeleteFile{Owner: alice.account(), FileHash: two}); err != nil {
		t.Fatalf("delete on chain: %v", err)
	}
	for _, fid := range []types.Hash{one, two} {
		if _, found, err := sdk.Find(within(t, time.Minute), chain.Best(), filebank.Files, fid); err != nil || found {
			t.Errorf("FileBank.File %v after its deletion: found %v, %v", fid, found, err)
		}
		eventually(t, 2*time.Minute, "fragments of the deleted file "+fid.String()+" are gone", func() string {
			if n := fragments(t, fid, net.Nodes("miner"), net.Nodes("gateway")); n > 0 {
				return fmt.Sprintf("%d are left", n)
			}
			return ""
		})
		refused(t, alice.get(within(t, time.Minute), fid, "", byGateway.content), 404, "Not found")
	}
	after := readBooks(t, chain, alice)
	after.settled(t)
	for key, terr := range before.Territories {
		if got := after.Territories[key]; got != terr {
			t.Errorf("territory %s was %+v and is %+v after all files were deleted", key, terr, got)
		}
	}
	storeAgain(t, alice, byGateway)
}

// storeAgain stores and deletes the same file in quick succession: what one
// upload left must not confuse the next.
func storeAgain(t *testing.T, u *user, up upload) {
	t.Helper()
	rounds := 3
	if testing.Short() {
		rounds = 1
	}
	for range rounds {
		fid := u.mustPut(t, up)
		u.waitActive(t, fid, 2*time.Minute)
		if err := u.remove(within(t, time.Minute), fid); err != nil {
			t.Fatalf("delete: %v", err)
		}
		if again := u.mustPut(t, up); again != fid {
			t.Fatalf("the same file has fid %v and then %v", fid, again)
		}
		u.waitActive(t, fid, 2*time.Minute)
		if err := u.get(within(t, time.Minute), fid, up.cipher, up.content); err != nil {
			t.Errorf("read the file that was stored again: %v", err)
		}
		if err := u.remove(within(t, time.Minute), fid); err != nil {
			t.Fatalf("delete: %v", err)
		}
	}
}

// fragments counts the files on the nodes' disks that lie in a folder named like
// a fid: fragments, and with miners the tags beside them.
func fragments(t *testing.T, fid types.Hash, nodes ...[]*devkit.Node) int {
	t.Helper()
	count := 0
	for _, n := range slices.Concat(nodes...) {
		err := filepath.WalkDir(n.Home(), func(path string, e os.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil // removed meanwhile
			case err == nil && !e.IsDir() && filepath.Base(filepath.Dir(path)) == fid.String():
				count++
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return count
}
