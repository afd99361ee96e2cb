package sim

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/oss"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/storage/segment"
)

// data is a file as its owner sees it.
type data struct {
	fid      types.Hash
	segments []filebank.SegmentList
}

func hashOf(format string, args ...any) types.Hash {
	return types.HashOf(sha256.Sum256(fmt.Appendf(nil, format, args...)))
}

// newData makes up the n segments of file i. Every fifth file shares its first
// segment with the one before.
func newData(i, n int) data {
	var d data
	var digests []segment.Hash
	for k := range n {
		of := i
		if k == 0 && i%5 == 4 {
			of--
		}
		s := filebank.SegmentList{Hash: hashOf("segment %d of %d", k, of)}
		for j := range types.FragmentCount {
			s.FragmentList = append(s.FragmentList, hashOf("fragment %d of %d of %d", j, k, of))
		}
		digest, err := s.Hash.Digest()
		if err != nil {
			panic(err)
		}
		d.segments, digests = append(d.segments, s), append(digests, digest)
	}
	d.fid = types.HashOf(segment.FID(digests))
	return d
}

func (s *sim) territory() (account, runtime.Call) {
	who, name, gib, days := pick(s, s.users), pick(s, s.names), uint32(s.rng.IntN(5)), uint32(s.rng.IntN(80))
	_, ok := storagehandler.Territories.Get(s.Ctx(), who, name)
	if !ok {
		return who, storagehandler.MintTerritory{GiBCount: gib, TerritoryName: name, Days: days}
	}
	if t, _ := storagehandler.Territories.Get(s.Ctx(), who, name); t.State == storagehandler.TerritoryExpired && s.chance(2) {
		return who, storagehandler.ReactivateTerritory{TerritoryName: name, Days: days}
	}
	switch s.rng.IntN(6) {
	case 0:
		return who, storagehandler.ExpandingTerritory{TerritoryName: name, GiBCount: uint32(s.rng.IntN(2))}
	case 1:
		return who, storagehandler.RenewalTerritory{TerritoryName: name, Days: days}
	case 2, 3:
		return who, storagehandler.ReactivateTerritory{TerritoryName: name, Days: days}
	case 4:
		return pick(s, s.users), storagehandler.OtherReactivateTerritory{TargetAccount: who, TerritoryName: name, Days: days}
	}
	return who, storagehandler.TerritoryRename{OldName: name, NewName: pick(s, s.names)}
}

func (s *sim) market() (account, runtime.Call) {
	ctx := s.Ctx()
	who, name := pick(s, s.users), pick(s, s.names)
	if s.chance(4) {
		return who, storagehandler.CreateOrder{
			TargetAccount: pick(s, s.users), TerritoryName: name, OrderType: storagehandler.OrderType(s.rng.IntN(3)),
			GiBCount: uint32(s.rng.IntN(4)), Days: uint32(s.rng.IntN(30)), Expired: uint32(s.rng.IntN(20)),
		}
	}
	if s.chance(3) {
		for id := range storagehandler.PayOrders.Iter(ctx) {
			return who, storagehandler.ExecOrder{OrderID: id}
		}
	}
	for token, c := range storagehandler.Consignments.Iter(ctx) {
		switch buyer, sold := c.Buyer.Get(); {
		case s.chance(3):
			continue
		case sold && s.chance(4):
			return buyer, storagehandler.CancelPurchaseAction{Token: token}
		case sold && s.chance(2):
			return c.User, storagehandler.ExecConsignment{Token: token, TerritoryName: name}
		case s.chance(5):
			return c.User, storagehandler.CancelConsignment{TerritoryName: name}
		default:
			return who, storagehandler.BuyConsignment{Token: token, Rename: name}
		}
	}
	if s.chance(2) {
		return who, storagehandler.TerritoryGrants{TerritoryName: name, Receiver: pick(s, s.users)}
	}
	return who, storagehandler.TerritoryConsignment{TerritoryName: name, Price: types.Tokens(uint64(s.rng.IntN(100)))}
}

func (s *sim) gateway() (account, runtime.Call) {
	g := pick(s, s.gateways)
	switch s.rng.IntN(6) {
	case 0:
		return g, oss.Register{Endpoint: types.PeerID{byte(s.rng.IntN(256))}, Domain: oss.Domain("gateway.example")}
	case 1:
		return g, oss.Update{Domain: oss.Domain("other.example")}
	case 2:
		return g, oss.Destroy{}
	case 3:
		return pick(s, s.users), oss.CancelAuthorize{Oss: g}
	}
	return pick(s, s.users), oss.Authorize{Operator: g}
}

func (s *sim) declare() (account, runtime.Call) {
	d, owner := pick(s, s.pool), pick(s, s.users)
	signer, where := owner, pick(s, s.names)
	if s.chance(6) {
		signer = pick(s, s.gateways)
	}
	if t, ok := storagehandler.Territories.Get(s.Ctx(), owner, where); (!ok || t.State != storagehandler.TerritoryActive) && s.hopeless() {
		return account{}, nil
	}
	if s.chance(8) {
		return signer, filebank.TerritoryFileDelivery{User: owner, FileHash: s.stored(), TargetTerritory: pick(s, s.names)}
	}
	call := filebank.UploadDeclaration{
		FileHash: d.fid, DealInfo: slices.Clone(d.segments), FileSize: scale.U128From64(uint64(len(d.segments))*types.SegmentSize - 5),
		UserBrief: filebank.UserBrief{User: owner, FileName: filebank.FileName("file"), TerritoryName: where},
	}
	if s.chance(10) {
		call.DealInfo = call.DealInfo[1:]
	}
	return signer, call
}

// stored is a file, if there is one.
func (s *sim) stored() types.Hash {
	d := pick(s, s.pool)
	for range 8 {
		if filebank.Files.Contains(s.Ctx(), d.fid) {
			break
		}
		d = pick(s, s.pool)
	}
	return d.fid
}

// deal is an open deal, mostly the one that is closest to completion.
func (s *sim) deal() (fid types.Hash, deal filebank.Deal, ok bool) {
	seen, best := 0, s.rng.IntN(4) > 0
	for id, d := range filebank.Deals.Iter(s.Ctx()) {
		seen++
		if seen == 1 || best && len(d.CompleteList) > len(deal.CompleteList) || !best && s.chance(seen) {
			fid, deal = id, d
		}
	}
	return fid, deal, seen > 0
}

// ready are the miners in service that have room.
func (s *sim) ready(room scale.U128) (list []account) {
	for who, m := range sminer.Miners.Iter(s.Ctx()) {
		if string(m.State) == sminer.StatePositive && !m.IdleSpace.Less(room) {
			list = append(list, who)
		}
	}
	return list
}

func (s *sim) transfer() (account, runtime.Call) {
	fid, d, ok := s.deal()
	if !ok && s.hopeless() {
		return account{}, nil
	}
	miners, columns := s.ready(fragmentSize.SaturatingMul(scale.U128From64(uint64(len(d.SegmentList))))), []uint8{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	for _, r := range d.CompleteList {
		miners = slices.DeleteFunc(miners, func(who account) bool { return who == r.Miner })
		columns = slices.DeleteFunc(columns, func(i uint8) bool { return i == r.Index })
	}
	if len(miners) == 0 || s.chance(12) {
		miners = s.miners
	}
	if s.chance(12) {
		columns = []uint8{0, 1, 5, 12, 13}
	}
	return pick(s, miners), filebank.TransferReport{Index: pick(s, columns), DealHash: fid}
}

// fragment is one of a stored file, preferably one that fits.
func (s *sim) fragment(fits func(filebank.Fragment) bool) (types.Hash, filebank.Fragment) {
	fid := s.stored()
	f, ok := filebank.Files.Get(s.Ctx(), fid)
	if !ok {
		return fid, filebank.Fragment{Hash: hashOf("none"), Miner: pick(s, s.miners)}
	}
	frag := pick(s, pick(s, f.SegmentList).FragmentList)
	for range 20 {
		if fits(frag) {
			break
		}
		frag = pick(s, pick(s, f.SegmentList).FragmentList)
	}
	return fid, frag
}

func (s *sim) tag() (account, runtime.Call) {
	fid, frag := s.fragment(func(f filebank.Fragment) bool { return f.Avail && f.Tag.IsNone() })
	who, tee := frag.Miner, pick(s, []types.WorkerPublicKey{fullTEE, fullTEE, secondTEE, markerTEE, s.tee()})
	info := filebank.TagSigInfo{Miner: who, FileHash: fid}
	f, _ := filebank.Files.Get(s.Ctx(), fid)
	for _, seg := range f.SegmentList {
		for _, frag := range seg.FragmentList {
			if frag.Miner == who && frag.Avail && frag.Tag.IsNone() {
				info.Digest = append(info.Digest, filebank.DigestInfo{Fragment: frag.Hash, TEEPuk: tee})
			}
		}
	}
	if len(info.Digest) == 0 && s.hopeless() {
		return who, nil
	}
	return who, filebank.CalculateReport{TEESig: s.sign(info.Payload()), TagSigInfo: info}
}

// remove is mostly called off while there are few files: what happens to stored
// ones is of interest.
func (s *sim) remove() (account, runtime.Call) {
	fid := s.stored()
	f, ok := filebank.Files.Get(s.Ctx(), fid)
	files := 0
	for range filebank.Files.Iter(s.Ctx()) {
		files++
	}
	if (!ok || files < fewFiles) && s.hopeless() {
		return account{}, nil
	}
	owner := pick(s, s.users)
	if ok && len(f.Owner) > 0 {
		owner = pick(s, f.Owner).User
	}
	signer := owner
	if s.chance(4) {
		signer = pick(s, s.gateways)
	}
	return signer, filebank.DeleteFile{Owner: owner, FileHash: fid}
}

func (s *sim) lose() (account, runtime.Call) {
	fid, frag := s.fragment(func(f filebank.Fragment) bool { return f.Avail })
	if !filebank.Files.Contains(s.Ctx(), fid) && s.hopeless() {
		return account{}, nil
	}
	return frag.Miner, filebank.GenerateRestoralOrder{FileHash: fid, RestoralFragment: frag.Hash}
}

// orders are the restoral orders, claimed or not.
func (s *sim) orders(claimed bool) (list []filebank.RestoralOrder) {
	for _, o := range filebank.RestoralOrders.Iter(s.Ctx()) {
		if (o.Deadline != 0) == claimed {
			list = append(list, o)
		}
	}
	return list
}

func (s *sim) claim() (account, runtime.Call) {
	if left := s.left(); len(left) > 0 && s.chance(2) {
		var all []filebank.ClaimRestoralNoexistOrder
		for fid, f := range filebank.Files.Iter(s.Ctx()) {
			for _, seg := range f.SegmentList {
				for _, frag := range seg.FragmentList {
					if slices.Contains(left, frag.Miner) {
						all = append(all, filebank.ClaimRestoralNoexistOrder{Miner: frag.Miner, FileHash: fid, RestoralFragment: frag.Hash})
					}
				}
			}
		}
		if len(all) > 0 {
			c := pick(s, all)
			return s.helper(c.FileHash, c.RestoralFragment), c
		}
	}
	if open := s.orders(false); len(open) > 0 {
		o := pick(s, open)
		return s.helper(o.FileHash, o.FragmentHash), filebank.ClaimRestoralOrder{RestoralFragment: o.FragmentHash}
	}
	if s.hopeless() {
		return account{}, nil
	}
	_, frag := s.fragment(func(filebank.Fragment) bool { return true })
	return pick(s, s.miners), filebank.ClaimRestoralOrder{RestoralFragment: frag.Hash}
}

// helper is a miner that may restore a fragment, mostly.
func (s *sim) helper(fid, fragment types.Hash) account {
	f, _ := filebank.Files.Get(s.Ctx(), fid)
	miners := s.ready(fragmentSize)
	for _, seg := range f.SegmentList {
		if slices.ContainsFunc(seg.FragmentList, func(frag filebank.Fragment) bool { return frag.Hash == fragment }) {
			for _, frag := range seg.FragmentList {
				miners = slices.DeleteFunc(miners, func(who account) bool { return who == frag.Miner })
			}
		}
	}
	if len(miners) == 0 || s.chance(8) {
		miners = s.miners
	}
	return pick(s, miners)
}

func (s *sim) restore() (account, runtime.Call) {
	if list := s.orders(true); len(list) > 0 {
		o := pick(s, list)
		return o.Miner, filebank.RestoralOrderComplete{FragmentHash: o.FragmentHash}
	}
	return s.claim()
}

// left are the miners that others restore fragments for.
func (s *sim) left() (list []account) {
	for who := range sminer.RestoralTargets.Iter(s.Ctx()) {
		list = append(list, who)
	}
	return list
}

func (s *sim) idleProof(who account, step func(*types.SpaceProofInfo)) (filebank.CertIdleSpace, bool) {
	m, _ := sminer.Miners.Get(s.Ctx(), who)
	info, ok := m.SpaceProofInfo.Get()
	if !ok {
		return filebank.CertIdleSpace{}, false
	}
	step(&info)
	info.Accumulator[s.rng.IntN(256)]++
	tee := s.tee()
	return filebank.CertIdleSpace{
		IdleSigInfo: info, TEESigNeedVerify: s.sign(filebank.IdleSpacePayload(info, tee)),
		TEESig: s.sign(crypto.Blake2b256([]byte("kept as it is"))), TEEPuk: tee,
	}, true
}

func (s *sim) certify() (account, runtime.Call) {
	who := pick(s, s.miners)
	call, ok := s.idleProof(who, func(i *types.SpaceProofInfo) { i.Rear += uint64(s.rng.IntN(400)) })
	if !ok {
		return who, nil
	}
	return who, call
}

func (s *sim) replace() (account, runtime.Call) {
	who := pick(s, s.miners)
	pending, _ := sminer.PendingReplacements.Get(s.Ctx(), who).Div64(idleFile).Uint64()
	if pending == 0 && s.hopeless() {
		return who, nil
	}
	call, ok := s.idleProof(who, func(i *types.SpaceProofInfo) {
		i.Front += min(pending, uint64(1+s.rng.IntN(30))) + uint64(s.rng.IntN(8)/7)
	})
	if !ok {
		return who, nil
	}
	return who, filebank.ReplaceIdleSpace(call)
}
