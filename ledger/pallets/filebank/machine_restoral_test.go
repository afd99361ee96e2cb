package filebank_test

import (
	"errors"
	"slices"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
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

// restoral takes one to three steps of the way of a lost fragment.
func (m *machine) restoral(t *rapid.T) {
	for _, step := range []func(*rapid.T){m.lose, m.claim, m.restore} {
		if rapid.IntRange(0, 4).Draw(t, "skip") < 4 {
			step(t)
			m.check(t)
		}
	}
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
		o := m.anyOrder(t)
		var call runtime.Call = filebank.ClaimRestoralOrder{RestoralFragment: o.FragmentHash}
		if fid, f, ok := m.abandoned(t); ok && rapid.IntRange(0, 3).Draw(t, "of a leaver") > 0 {
			call = filebank.ClaimRestoralNoexistOrder{Miner: f.Miner, FileHash: fid, RestoralFragment: f.Hash}
			o = filebank.RestoralOrder{FileHash: fid, FragmentHash: f.Hash, OriginMiner: f.Miner}
		}
		txs = append(txs, palletstest.Tx{Signer: m.either(t, m.helper(t, o)), Call: call})
	}
	for i, err := range m.calls(t, txs...) {
		_, leaver := txs[i].Call.(filebank.ClaimRestoralNoexistOrder)
		switch {
		case err == nil && leaver:
			m.done["claimed of a leaver"]++
		case err == nil:
			m.done["claimed"]++
		case errors.Is(err, filebank.ErrRulesNotAllowed):
			m.done["claim refused to a holder"]++
		}
	}
	m.settle(t)
}

// helper is a miner that could restore the fragment of an order, if there is
// one.
func (m *machine) helper(t *rapid.T, o filebank.RestoralOrder) account {
	f, _ := filebank.Files.Get(m.Ctx(), o.FileHash)
	free := slices.Clone(m.miners)
	for _, s := range f.SegmentList {
		is := func(frag filebank.Fragment) bool { return frag.Hash == o.FragmentHash && frag.Miner == o.OriginMiner }
		if !slices.ContainsFunc(s.FragmentList, is) {
			continue
		}
		for _, frag := range s.FragmentList {
			free = slices.DeleteFunc(free, func(who account) bool { return who == frag.Miner })
		}
		break
	}
	free = slices.DeleteFunc(free, func(who account) bool {
		miner, _ := sminer.Miners.Get(m.Ctx(), who)
		return string(miner.State) != sminer.StatePositive
	})
	if len(free) == 0 {
		free = m.miners
	}
	return rapid.SampledFrom(free).Draw(t, "helper")
}

// abandoned is a fragment of a miner that left.
func (m *machine) abandoned(t *rapid.T) (fid hash, f filebank.Fragment, ok bool) {
	type place struct {
		fid hash
		filebank.Fragment
	}
	var all []place
	for fid, file := range filebank.Files.Iter(m.Ctx()) {
		for _, s := range file.SegmentList {
			for _, frag := range s.FragmentList {
				if sminer.RestoralTargets.Contains(m.Ctx(), frag.Miner) {
					all = append(all, place{fid, frag})
				}
			}
		}
	}
	if len(all) == 0 {
		return fid, f, false
	}
	p := rapid.SampledFrom(all).Draw(t, "abandoned fragment")
	return p.fid, p.Fragment, true
}

// restore lets a claimant complete its order, mostly.
func (m *machine) restore(t *rapid.T) {
	o := m.anyOrder(t)
	who := m.either(t, o.Miner)
	held := func() (n int) {
		f, _ := filebank.Files.Get(m.Ctx(), o.FileHash)
		for _, s := range f.SegmentList {
			for _, frag := range s.FragmentList {
				if frag.Hash == o.FragmentHash && frag.Miner == who && frag.Avail {
					n++
				}
			}
		}
		return n
	}
	before := held()
	err := m.call(t, who, filebank.RestoralOrderComplete{FragmentHash: o.FragmentHash})
	m.settle(t)
	switch after := held(); {
	case err == nil && (after != before+1 || filebank.RestoralOrders.Contains(m.Ctx(), o.FragmentHash)):
		t.Fatal("a restored fragment is not with its claimant")
	case err == nil:
		m.done["restored"]++
	case after > before:
		t.Fatal("a fragment moved without being restored")
	}
}

// prove certifies or replaces idle files of a miner, more or less rightly.
func (m *machine) prove(t *rapid.T) {
	i := rapid.IntRange(0, len(m.miners)-1).Draw(t, "miner")
	info, ok := m.miner(i).SpaceProofInfo.Get()
	if !ok {
		return
	}
	idle := scale.U128From64(sminer.IdleFileSize.Get(m.Ctx()))
	pending, _ := sminer.PendingReplacements.Get(m.Ctx(), m.miners[i]).DivMod(idle)
	n, _ := pending.Uint64()
	replace := rapid.IntRange(0, 2).Draw(t, "replace") > 0
	if replace {
		info.Front += min(n, uint64(rapid.IntRange(0, 9).Draw(t, "files"))) + uint64(rapid.IntRange(0, 5).Draw(t, "too many")/5)
	} else {
		info.Rear += uint64(rapid.IntRange(0, 3).Draw(t, "files"))
	}
	c := signedIdle(info, rapid.SampledFrom([]types.WorkerPublicKey{fullTEE, secondTEE, markerTEE, fullTEE, verifierTEE}).Draw(t, "worker"))
	var call runtime.Call = c
	if replace {
		call = filebank.ReplaceIdleSpace(c)
	}
	err := m.call(t, m.either(t, m.miners[i]), call)
	m.settle(t)
	if err == nil && replace {
		m.done["replaced"]++
	} else if err == nil {
		m.done["certified"]++
	}
}

// challenge opens or ends a challenge of a miner, as Audit does: the list of
// fragments that it is about must not keep fragments from coming and going.
func (m *machine) challenge(t *rapid.T) {
	who := rapid.SampledFrom(m.miners[:12]).Draw(t, "miner")
	m.do(func(ctx *runtime.Context) {
		if podr2.Frozen.Contains(ctx, who) {
			podr2.API{}.Release(ctx, who)
		} else {
			podr2.API{}.Freeze(ctx, who)
		}
	})
	m.settle(t)
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
