package tee

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"sync"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/accumulator"
	"github.com/gocess/gocess/storage/pois/wire"
)

// idleSets are two sets of //Miner's idle files, made once.
var idleSets = sync.OnceValues(func() ([]*pois.Set, error) {
	miner, err := crypto.FromURI(crypto.Sr25519, "//Miner")
	if err != nil {
		return nil, err
	}
	if idleDir, err = os.MkdirTemp("", "tee"); err != nil {
		return nil, err
	}
	var sets []*pois.Set
	for number := int64(1); number <= 2; number++ {
		s, err := pois.OpenSet(smallParams, pois.ID(miner.AccountID()), number, fmt.Sprintf("%s/%d", idleDir, number))
		if err != nil {
			return nil, err
		}
		if err := pois.Generate(context.Background(), s, pois.GenerateOptions{}); err != nil {
			return nil, err
		}
		sets = append(sets, s)
	}
	return sets, nil
})

var idleDir string

func TestMain(m *testing.M) {
	code := m.Run()
	if idleDir != "" {
		_ = os.RemoveAll(idleDir)
	}
	os.Exit(code)
}

// space is a miner's idle space with its accumulator.
type space struct {
	*bench
	sets []*pois.Set
	acc  *accumulator.Accumulator
	info *wire.MinerPoisInfo
}

// setElements caches what takes a second to compute.
var setElements sync.Map // set number → *accumulator.Elements

func (s *space) Elements(set int64) (*accumulator.Elements, error) {
	if e, ok := setElements.Load(set); ok {
		return e.(*accumulator.Elements), nil
	}
	values, err := s.sets[set-1].Elements()
	if err != nil {
		return nil, err
	}
	e, err := accumulator.NewElements(values)
	if err == nil {
		setElements.Store(set, e)
	}
	return e, err
}

// newSpace gets an accumulator key from the worker.
func newSpace(b *bench) *space {
	b.t.Helper()
	sets, err := idleSets()
	if err != nil {
		b.t.Fatal(err)
	}
	b.chain.set(func(c *memoryChain) { c.miners[b.who()] = minerRecord(sminer.StateNotReady) })
	r, err := b.client.NewMinerKey(b.ctx, b.who())
	if err != nil {
		b.t.Fatal(err)
	}
	b.chain.set(func(c *memoryChain) { c.miners[b.who()] = minerRecord(sminer.StatePositive) })
	key, err := accumulator.ParseKey(r.KeyN, r.KeyG)
	if err != nil {
		b.t.Fatal(err)
	}
	s := &space{bench: b, sets: sets}
	s.acc = accumulator.New(key, s)
	s.info = &wire.MinerPoisInfo{Acc: r.Acc, Front: r.Front, Rear: r.Rear, KeyN: r.KeyN, KeyG: r.KeyG, StatusTeeSign: r.StatusTeeSign}
	s.checkStatus(s.info, r.SignatureWithTeeController)
	return s
}

// checkStatus verifies both signatures over a state.
func (s *space) checkStatus(info *wire.MinerPoisInfo, chain []byte) {
	s.t.Helper()
	who := s.who()
	b, err := wire.SpaceProofInfo(who[:], uint64(info.Front), uint64(info.Rear), info.KeyG, info.KeyN, info.Acc)
	if err != nil {
		s.t.Fatal(err)
	}
	identity := s.worker.Identity()
	s.signed(wire.StatusHash(b, nil), info.StatusTeeSign)
	s.signed(wire.StatusHash(b, identity[:]), chain)
}

func (s *space) commitRequest(set *pois.Set) *wire.RequestMinerCommitGenChall {
	s.t.Helper()
	commits, err := set.Commits()
	if err != nil {
		s.t.Fatal(err)
	}
	who := s.who()
	r := &wire.RequestMinerCommitGenChall{MinerID: who[:], Commit: commits}
	r.MinerSign = s.sign(r.SignedBytes())
	return r
}

// prove answers a challenge.
func (s *space) prove(set *pois.Set, challenge *wire.Challenge) (*wire.RequestVerifyCommitAndAccProof, *accumulator.Accumulator) {
	s.t.Helper()
	group, err := set.ProveCommit(s.ctx, challenge.Rows, pois.AllPaths)
	if err != nil {
		s.t.Fatal(err)
	}
	e, err := s.Elements(set.Number())
	if err != nil {
		s.t.Fatal(err)
	}
	next, change, err := s.acc.Insert(e)
	if err != nil {
		s.t.Fatal(err)
	}
	commits, err := set.Commits()
	if err != nil {
		s.t.Fatal(err)
	}
	who := s.who()
	r := &wire.RequestVerifyCommitAndAccProof{
		MinerID: who[:], CommitProofGroup: group, PoisInfo: s.info,
		AccProof: &wire.AccProof{Indexs: commits.FileIndexs, Labels: e.Values, WitChains: change.Chain, AccPath: change.Path},
	}
	r.MinerSign = s.sign(r.SignedBytes())
	return r, next
}

// took takes over an accepted state.
func (s *space) took(next *accumulator.Accumulator, r *wire.ResponseVerifyCommitOrDeletionProof) {
	s.t.Helper()
	s.acc = next
	s.info = &wire.MinerPoisInfo{
		Acc: r.PoisStatus.Acc, Front: r.PoisStatus.Front, Rear: r.PoisStatus.Rear,
		KeyN: s.info.KeyN, KeyG: s.info.KeyG, StatusTeeSign: r.StatusTeeSign,
	}
	s.checkStatus(s.info, r.SignatureWithTeeController)
	if !bytes.Equal(bytes.TrimLeft(s.info.Acc, "\x00"), next.Value()) || s.info.Rear != next.Rear() || s.info.Front != next.Front() {
		s.t.Error("the worker's state is not the miner's")
	}
}

// certify goes through the certification of a set.
func (s *space) certify(set *pois.Set) {
	s.t.Helper()
	challenge, err := s.client.CommitChallenge(s.ctx, s.commitRequest(set))
	if err != nil {
		s.t.Fatal(err)
	}
	r, next := s.prove(set, challenge)
	reply, err := s.client.VerifyCommit(s.ctx, r)
	if err != nil {
		s.t.Fatal(err)
	}
	s.took(next, reply)
}

func TestLifeOfIdleSpace(t *testing.T) {
	s := newSpace(newBench(t))
	s.certify(s.sets[0])
	s.certify(s.sets[1])

	next, change, err := s.acc.Delete(8)
	if err != nil {
		t.Fatal(err)
	}
	who := s.who()
	d := &wire.RequestVerifyDeletionProof{MinerID: who[:], PoisInfo: s.info, WitChain: change.Chain, AccPath: change.Path}
	for file := int64(1); file <= 8; file++ {
		root, err := s.sets[0].FileRoot(file)
		if err != nil {
			t.Fatal(err)
		}
		d.Roots = append(d.Roots, root[:])
	}
	d.MinerSign = s.sign(d.SignedBytes())
	reply, err := s.client.VerifyDeletion(s.ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	s.took(next, reply)

	d.Roots = d.Roots[1:]
	d.MinerSign = s.sign(d.SignedBytes())
	_, err = s.client.VerifyDeletion(s.ctx, d)
	refuses(t, "a deletion that says other files left", err, codes.InvalidArgument)
	s.judgeIdle()
}

func TestCommitChallengeSurvivesRestart(t *testing.T) {
	s := newSpace(newBench(t))
	request := s.commitRequest(s.sets[0])
	challenge, err := s.client.CommitChallenge(s.ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.client.CommitChallenge(s.ctx, request)
	if err != nil || !bytes.Equal(wire.Marshal(again), wire.Marshal(challenge)) {
		t.Error("the same commitment got another question:", err)
	}
	unsigned := &wire.Challenge{Rows: challenge.Rows}
	digest := sha256.Sum256(wire.Marshal(unsigned))
	if err := s.master.rsa.Public().VerifyRaw(digest[:], challenge.ChallTeeSign); err != nil {
		t.Error("signature of the challenge:", err)
	}
	s.restart()
	r, next := s.prove(s.sets[0], challenge)
	reply, err := s.client.VerifyCommit(s.ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	s.restart()
	repeated, err := s.client.VerifyCommit(s.ctx, r)
	if err != nil || !bytes.Equal(wire.Marshal(repeated), wire.Marshal(reply)) {
		t.Error("a repeated request did not get the answer:", err)
	}
	s.took(next, reply)
	other, _ := s.prove(s.sets[1], challengeFor(s, s.sets[1]))
	other.CommitProofGroup = r.CommitProofGroup
	other.MinerSign = s.sign(other.SignedBytes())
	_, err = s.client.VerifyCommit(s.ctx, other)
	refuses(t, "the proof of another set", err, codes.InvalidArgument)
	_, err = s.client.VerifyCommit(s.ctx, other)
	refuses(t, "a second try at a challenge", err, codes.DataLoss)
}

func challengeFor(s *space, set *pois.Set) *wire.Challenge {
	s.t.Helper()
	c, err := s.client.CommitChallenge(s.ctx, s.commitRequest(set))
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

func TestCertifierRefuses(t *testing.T) {
	s := newSpace(newBench(t))
	stranger := substrate.AccountID{7}
	_, err := s.client.NewMinerKey(s.ctx, stranger)
	refuses(t, "a key for a stranger", err, codes.Internal)
	_, err = s.client.NewMinerKey(s.ctx, s.who())
	refuses(t, "a second key", err, codes.InvalidArgument)

	request := s.commitRequest(s.sets[0])
	for what, change := range map[string]func(*wire.RequestMinerCommitGenChall){
		"no signature":      func(r *wire.RequestMinerCommitGenChall) { r.MinerSign = nil },
		"another signature": func(r *wire.RequestMinerCommitGenChall) { r.MinerSign = s.sign([]byte("something else")) },
	} {
		r := *request
		change(&r)
		_, err := s.client.CommitChallenge(s.ctx, &r)
		refuses(t, what, err, codes.Unauthenticated)
	}
	for what, change := range map[string]func(*wire.RequestMinerCommitGenChall){
		"no commitment": func(r *wire.RequestMinerCommitGenChall) { r.Commit = nil },
		"few roots":     func(r *wire.RequestMinerCommitGenChall) { r.Commit = &wire.Commits{FileIndexs: r.Commit.FileIndexs} },
		"a short id":    func(r *wire.RequestMinerCommitGenChall) { r.MinerID = r.MinerID[1:] },
	} {
		r := *request
		change(&r)
		r.MinerSign = s.sign(r.SignedBytes())
		_, err := s.client.CommitChallenge(s.ctx, &r)
		refuses(t, what, err, codes.InvalidArgument)
	}
	// The three forms of a miner's signature.
	raw := request.SignedBytes()
	long, digest := crypto.Blake2b256(raw), sha256.Sum256(raw)
	for _, msg := range [][]byte{raw, long[:], digest[:]} {
		if request.MinerSign, err = s.miner.Sign(msg); err != nil {
			t.Fatal(err)
		}
		if _, err := s.client.CommitChallenge(s.ctx, request); err != nil {
			t.Error("a signature as miners make them:", err)
		}
	}
	challenge := challengeFor(s, s.sets[0])
	honest, _ := s.prove(s.sets[0], challenge)
	forged := *honest
	info := *honest.PoisInfo
	info.Rear, forged.PoisInfo = 256, &info
	forged.MinerSign = s.sign(forged.SignedBytes())
	_, err = s.client.VerifyCommit(s.ctx, &forged)
	refuses(t, "a state that the network did not sign", err, codes.Unauthenticated)
	empty := *honest
	empty.CommitProofGroup, empty.AccProof = nil, nil
	empty.MinerSign = s.sign(empty.SignedBytes())
	_, err = s.client.VerifyCommit(s.ctx, &empty)
	refuses(t, "no proofs", err, codes.InvalidArgument)
	_, err = s.client.VerifyCommit(s.ctx, honest)
	refuses(t, "a challenge that was used up", err, codes.DataLoss)
	s.chain.set(func(c *memoryChain) { c.down = true })
	_, err = s.client.CommitChallenge(s.ctx, request)
	refuses(t, "without a node", err, codes.Unavailable)
}
