package tee

import (
	"testing"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// Whose fragment is whose decides who may have it tagged.
func TestFilesAndDealsListFragments(t *testing.T) {
	mine, other := substrate.AccountID{1}, substrate.AccountID{2}
	a, b := types.HashOf([32]byte{1}), types.HashOf([32]byte{2})
	file := &filebank.File{SegmentList: []filebank.Segment{{FragmentList: []filebank.Fragment{{Hash: a, Miner: mine}, {Hash: b, Miner: other}}}}}
	deal := &filebank.Deal{
		SegmentList:  []filebank.SegmentList{{FragmentList: []types.Hash{a, b}}},
		CompleteList: []filebank.CompleteInfo{{Index: 1, Miner: mine}, {Index: 9, Miner: mine}, {Index: 0, Miner: mine}},
	}
	for _, c := range []struct {
		who      substrate.AccountID
		fragment types.Hash
		file     bool
		deal     bool
	}{
		{mine, a, true, true}, {mine, b, false, false}, {other, b, true, false}, {other, a, false, false},
	} {
		if got := fileLists(file, c.who, c.fragment); got != c.file {
			t.Errorf("file: %v of %x: %v", c.fragment, c.who[0], got)
		}
		if got := dealLists(deal, c.who, c.fragment); got != c.deal {
			t.Errorf("deal: %v of %x: %v", c.fragment, c.who[0], got)
		}
	}
}
