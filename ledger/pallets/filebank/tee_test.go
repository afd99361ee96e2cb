package filebank_test

import (
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/schedulercredit"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
)

// The TEE workers of every world: two with validators behind them, one marker
// without, and a verifier, which may not tag.
var (
	fullTEE     = types.WorkerPublicKey{2, 1}
	secondTEE   = types.WorkerPublicKey{1, 2}
	markerTEE   = types.WorkerPublicKey{3}
	verifierTEE = types.WorkerPublicKey{4}
	strangerTEE = types.WorkerPublicKey{5}

	fullStash, secondStash = palletstest.Account("stash 1"), palletstest.Account("stash 2")

	oldMaster, master = pair("//Old"), pair("//Master")
)

func pair(suri string) crypto.Pair {
	p, err := crypto.FromURI(crypto.Sr25519, suri)
	if err != nil {
		panic(err)
	}
	return p
}

// launch registers the workers, and their master key after one roll.
func launch(ctx *runtime.Context) {
	for _, w := range []teeworker.Worker{
		{PublicKey: fullTEE, Role: teeworker.Full, StashAccount: scale.Some(fullStash)},
		{PublicKey: secondTEE, Role: teeworker.Full, StashAccount: scale.Some(secondStash)},
		{PublicKey: markerTEE, Role: teeworker.Marker},
		{PublicKey: verifierTEE, Role: teeworker.Verifier, StashAccount: scale.Some(fullStash)},
	} {
		teeworker.Workers.Put(ctx, w.PublicKey, w)
	}
	key := func(p crypto.Pair) teeworker.MasterKeyInfo {
		return teeworker.MasterKeyInfo{PublicKey: [32]byte(p.Public()), Holder: fullTEE}
	}
	teeworker.MasterKeyHistory.Put(ctx, []teeworker.MasterKeyInfo{key(oldMaster)})
	teeworker.MasterKeyStatus.Put(ctx, teeworker.Launched{Key: key(master)})
}

func sign(p crypto.Pair, payload [32]byte) types.SignatureBytes {
	sig, err := p.Sign(payload[:])
	if err != nil {
		panic(err)
	}
	return sig
}

// poisKey is the PoIS key of a miner.
func poisKey(who account) (k types.PoISKey) {
	copy(k.G[:], who[:])
	copy(k.N[32:], who[:])
	return k
}

// certify gives a miner the PoIS record that its idle space stands for.
func certify(ctx *runtime.Context, who account) {
	m, _ := sminer.Miners.Get(ctx, who)
	files, _ := m.IdleSpace.Div64(sminer.IdleFileSize.Get(ctx)).Uint64()
	key := poisKey(who)
	m.SpaceProofInfo = scale.Some(types.SpaceProofInfo{
		Miner: who, Rear: files, PoISKey: key, Accumulator: key.G,
	})
	sminer.Miners.Put(ctx, who, m)
}

func (w *world) proofInfo(miner int) types.SpaceProofInfo {
	w.t.Helper()
	info, ok := w.miner(miner).SpaceProofInfo.Get()
	if !ok {
		w.t.Fatal("the miner has no PoIS record")
	}
	return info
}

// tagReport is the call of a miner whose untagged fragments of a file the given
// worker tagged.
func tagReport(ctx *runtime.Context, who account, fid hash, tee types.WorkerPublicKey) filebank.CalculateReport {
	info := filebank.TagSigInfo{Miner: who, FileHash: fid}
	f, _ := filebank.Files.Get(ctx, fid)
	for _, s := range f.SegmentList {
		for _, frag := range s.FragmentList {
			if frag.Miner == who && frag.Avail && !frag.Tag.IsSome() {
				info.Digest = append(info.Digest, filebank.DigestInfo{Fragment: frag.Hash, TEEPuk: tee})
			}
		}
	}
	return signedReport(info)
}

func signedReport(info filebank.TagSigInfo) filebank.CalculateReport {
	return filebank.CalculateReport{TEESig: sign(master, info.Payload()), TagSigInfo: info}
}

// cert is the call that brings a miner's idle files up to rear.
func (w *world) cert(miner int, rear uint64) filebank.CertIdleSpace {
	w.t.Helper()
	info := w.proofInfo(miner)
	info.Rear = rear
	info.Accumulator[7]++
	return signedIdle(info, fullTEE)
}

func signedIdle(info types.SpaceProofInfo, tee types.WorkerPublicKey) filebank.CertIdleSpace {
	return filebank.CertIdleSpace{
		IdleSigInfo: info, TEESigNeedVerify: sign(master, filebank.IdleSpacePayload(info, tee)),
		TEESig: sign(master, crypto.Blake2b256([]byte("kept as it is"))), TEEPuk: tee,
	}
}

// replace is the call that removes a miner's idle files up to front.
func (w *world) replace(miner int, front uint64) filebank.ReplaceIdleSpace {
	w.t.Helper()
	info := w.proofInfo(miner)
	info.Front = front
	info.Accumulator[9]++
	return filebank.ReplaceIdleSpace(signedIdle(info, fullTEE))
}

// points are the credit of a validator for the work of its TEE worker.
func (w *world) points(stash account) uint64 {
	return schedulercredit.CurrentCounters.Get(w.Ctx(), stash).Points
}

// leave forces a miner out for good.
func (w *world) leave(miner int) {
	w.t.Helper()
	w.do(func(ctx *runtime.Context) {
		if err := forceExit(ctx, w.miners[miner]); err != nil {
			w.t.Fatal(err)
		}
	})
}
