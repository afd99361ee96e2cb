package filebank_test

import (
	"errors"
	"slices"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/runtime"
)

// fragment draws a fragment of a stored file and its holder.
func (m *machine) fragment(t *rapid.T) (fid hash, f filebank.Fragment) {
	d := m.stored(t)
	file, ok := filebank.Files.Get(m.Ctx(), d.fid)
	if !ok {
		return d.fid, filebank.Fragment{Hash: d.segments[0].FragmentList[0], Miner: m.miners[0]}
	}
	s := rapid.SampledFrom(file.SegmentList).Draw(t, "segment")
	return d.fid, rapid.SampledFrom(s.FragmentList).Draw(t, "fragment")
}

// either is who mostly, and sometimes any miner.
func (m *machine) either(t *rapid.T, who account) account {
	if rapid.IntRange(0, 7).Draw(t, "stranger") == 0 {
		return rapid.SampledFrom(m.miners).Draw(t, "miner")
	}
	return who
}

// lose lets a miner order the restoral of one of its fragments.
func (m *machine) lose(t *rapid.T) {
	fid, f := m.fragment(t)
	who := m.either(t, f.Miner)
	err := m.call(t, who, filebank.GenerateRestoralOrder{FileHash: fid, RestoralFragment: f.Hash})
	m.settle(t)
	if err == nil {
		m.done["lost"]++
	}
}

// claim lets two miners have a try at an order, or at fragments of a miner
// that left.
func (m *machine) claim(t *rapid.T) {
	var txs []palletstest.Tx
	for range 2 {
		who := rapid.SampledFrom(m.miners).Draw(t, "claimant")
		var call runtime.Call = filebank.ClaimRestoralOrder{RestoralFragment: m.anyOrder(t).FragmentHash}
		if rapid.IntRange(0, 3).Draw(t, "of a leaver") == 0 {
			fid, f := m.fragment(t)
			left := slices.DeleteFunc(slices.Clone(m.miners), func(a account) bool { return !sminer.RestoralTargets.Contains(m.Ctx(), a) })
			if file, ok := filebank.Files.Get(m.Ctx(), fid); ok && len(left) > 0 {
				for _, g := range file.SegmentList[0].FragmentList {
					if slices.Contains(left, g.Miner) {
						f = g
					}
				}
			}
			call = filebank.ClaimRestoralNoexistOrder{Miner: f.Miner, FileHash: fid, RestoralFragment: f.Hash}
		}
		txs = append(txs, palletstest.Tx{Signer: who, Call: call})
	}
	for _, err := range m.calls(t, txs...) {
		if err == nil {
			m.done["claimed"]++
		} else if errors.Is(err, filebank.ErrRulesNotAllowed) {
			m.done["claim refused to a holder"]++
		}
	}
	m.settle(t)
}

func (m *machine) restore(t *rapid.T) {
	o := m.anyOrder(t)
	holder := func() account {
		f, _ := filebank.Files.Get(m.Ctx(), o.FileHash)
		for _, s := range f.SegmentList {
			for _, frag := range s.FragmentList {
				if frag.Hash == o.FragmentHash {
					return frag.Miner
				}
			}
		}
		return account{}
	}
	before := holder()
	who := m.either(t, o.Miner)
	err := m.call(t, who, filebank.RestoralOrderComplete{FragmentHash: o.FragmentHash})
	m.settle(t)
	switch now := holder(); {
	case err == nil:
		m.done["restored"]++
		if now != who || filebank.RestoralOrders.Contains(m.Ctx(), o.FragmentHash) {
			t.Fatal("a restored fragment is not with its claimant")
		}
	case now != before && now != account{}:
		t.Fatal("a fragment moved without being restored")
	}
}

// anyOrder is an order, claimed ones first, if there is one.
func (m *machine) anyOrder(t *rapid.T) filebank.RestoralOrder {
	var all, claimed []filebank.RestoralOrder
	for _, o := range filebank.RestoralOrders.Iter(m.Ctx()) {
		all = append(all, o)
		if o.Deadline != 0 {
			claimed = append(claimed, o)
		}
	}
	if len(claimed) > 0 && rapid.Bool().Draw(t, "claimed") {
		all = claimed
	}
	if len(all) == 0 {
		return filebank.RestoralOrder{FragmentHash: hashOf("none"), Miner: m.miners[0]}
	}
	return rapid.SampledFrom(all).Draw(t, "order")
}
