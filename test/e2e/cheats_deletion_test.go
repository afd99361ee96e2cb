//go:build e2e

package e2e

import (
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// deletedSegments is the size of the file that is deleted: its miners have ten
// fragments each, and must replace an idle file of the size of eight.
const deletedSegments = 10

// deletion is of a file that one of its holders does not let go, as it does not
// let go the idle files in whose place the fragments came.
type deletion struct {
	*suspect
	fid     types.Hash
	holders []*devkit.Node
}

// happens deletes the file once honest holders have replaced idle files.
func (d *deletion) happens(t *testing.T, owner *user, honest map[substrate.AccountID]bool) {
	t.Helper()
	front := func(who substrate.AccountID) uint64 {
		info, _ := minerRecord(t, owner.chain, who).SpaceProofInfo.Get()
		return info.Front
	}
	eventually(t, 5*time.Minute, "honest miners replace idle files", func() string {
		for who := range honest {
			if front(who) == 0 {
				return types.Address(who).String() + " has not"
			}
		}
		return ""
	})
	pending, _, err := sdk.Find(within(t, time.Minute), owner.chain.Best(), sminer.PendingReplacements, d.who)
	if want := u128((deletedSegments + 1) * types.FragmentSize); err != nil || front(d.who) != 0 || pending != want {
		t.Errorf("%s: %d idle files and %v bytes left to replace, want 0 and %v; %v", d.way, front(d.who), pending, want, err)
	}
	call := filebank.DeleteFile{Owner: owner.account(), FileHash: d.fid}
	if _, err := owner.chain.Submit(within(t, txTimeout), owner.key, call); err != nil {
		t.Fatal(err)
	}
}

// gainsNothing checks that the idle files that were kept prove well and count
// for nothing: the chain took their space when the fragments came.
func (d *deletion) gainsNothing(t *testing.T, c *court) {
	t.Helper()
	rounds := d.rounds(c)
	if len(rounds) == 0 {
		return // reported already
	}
	s := rounds[0].challenge.Snapshot
	files := s.SpaceProofInfo.Rear - s.SpaceProofInfo.Front
	want := u128(files * types.IdleFileSize).SaturatingSub(u128((deletedSegments + 1) * types.FragmentSize))
	if s.IdleSpace != want || !rounds[0].idle.Or(false) {
		t.Errorf("%s: %d idle files count %v bytes, want %v; proven: %v", d.way, files, s.IdleSpace, want, rounds[0].idle)
	}
}
