package miner

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gocess/gocess/internal/devkit/testnet"
	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/storage/segment"
)

// helpers makes miners, from the given one on, miners of genesis with space that
// nobody certified: they take the other columns of files.
func helpers(count, from int) func(*genesis.Spec) error {
	return func(spec *genesis.Spec) error {
		return changeSminer(spec, func(g *sminer.Genesis) error {
			for i := from; i < count; i++ {
				p, err := crypto.FromURI(crypto.Sr25519, minerSURI(i))
				if err != nil {
					return err
				}
				account := types.Address(p.AccountID())
				g.Miners = append(g.Miners, sminer.GenesisMiner{Account: account, Beneficiary: account, IdleSpace: scale.U128From64(1 << 35)})
			}
			return nil
		})
	}
}

const territory = "files"

// put stores a file of two segments of noise and then zeros: it declares it and brings column i to miner i.
func (n *network) put(miners []*Miner, seed byte, size int) types.Hash {
	n.t.Helper()
	dir := n.t.TempDir()
	sink, err := segment.NewDirSink(dir)
	if err != nil {
		n.t.Fatal(err)
	}
	noise := min(size, 2*segment.Size)
	file := io.MultiReader(bytes.NewReader(testnet.Content(seed, noise)), io.NewSectionReader(zeroReader{}, 0, int64(size-noise)))
	manifest, err := segment.Encode(n.ctx, file, sink, segment.EncodeOptions{})
	if err != nil {
		n.t.Fatal(err)
	}
	fid := types.HashOf(manifest.FID)
	declare := filebank.UploadDeclaration{
		FileHash: fid, FileSize: scale.U128From64(uint64(size)),
		UserBrief: filebank.UserBrief{User: n.alice.AccountID(), FileName: filebank.FileName("noise"), TerritoryName: types.TerritoryName(territory)},
	}
	for _, s := range manifest.Segments {
		list := filebank.SegmentList{Hash: types.HashOf(s.ID)}
		for _, f := range s.Fragments {
			list.FragmentList = append(list.FragmentList, types.HashOf(f))
		}
		declare.DealInfo = append(declare.DealInfo, list)
	}
	n.Submit(n.alice, declare)
	for column := range types.FragmentCount {
		for _, s := range manifest.Segments {
			b, err := os.ReadFile(filepath.Join(dir, s.Fragments[column].String()))
			if errors.Is(err, fs.ErrNotExist) {
				b = make([]byte, segment.FragmentSize) // zeros are not stored
			} else if err != nil {
				n.t.Fatal(err)
			}
			n.send(miners[column], fid, types.HashOf(s.Fragments[column]), b)
		}
	}
	n.Until("the file is active", func() (bool, error) { _, ok := n.file(fid); return ok, nil })
	return fid
}

// send brings a fragment to a miner, as gateways do.
func (n *network) send(m *Miner, fid, fragment types.Hash, b []byte) {
	n.t.Helper()
	n.Until("the miner takes the fragment", func() (bool, error) {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		part, err := w.CreateFormFile("file", fragment.String())
		if err != nil {
			return false, err
		}
		if _, err := part.Write(b); err != nil {
			return false, err
		}
		if err := w.Close(); err != nil {
			return false, err
		}
		req, err := http.NewRequestWithContext(n.ctx, http.MethodPut, "http://"+m.Address()+"/fragment", &body)
		if err != nil {
			return false, err
		}
		sig, err := n.alice.Sign([]byte("message"))
		if err != nil {
			return false, err
		}
		for name, value := range map[string]string{
			"Content-Type": w.FormDataContentType(), "Fid": fid.String(), "Fragment": fragment.String(),
			"Account": types.Address(n.alice.AccountID()).String(), "Message": "message", "Signature": hex.EncodeToString(sig),
		} {
			req.Header.Set(name, value)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return false, err
		}
		defer resp.Body.Close()
		var e struct {
			Code int    `json:"code"`
			Msg  string `json:"msg"`
		}
		if err := json.NewDecoder(resp.Body).Decode(&e); err != nil {
			return false, err
		}
		return e.Code == http.StatusOK, errors.New(e.Msg)
	})
}

// tagged waits until the chain counts the tags of all fragments of a miner.
func (n *network) tagged(m *Miner, fid types.Hash) []types.Hash {
	n.t.Helper()
	var mine []types.Hash
	n.Until("tags", func() (bool, error) {
		file, ok := n.file(fid)
		mine = fragmentsOf(file, m.Account())
		for _, s := range file.SegmentList {
			for _, f := range s.FragmentList {
				ok = ok && (f.Miner != m.Account() || f.Tag.IsSome())
			}
		}
		return ok && len(mine) > 0, fmt.Errorf("%+v", m.Status(n.ctx).Jobs)
	})
	return mine
}

// nobody is a TEE worker that does not exist: a miner that asks only this one
// has nothing certified or tagged, which spares the test the time.
var nobody = []types.WorkerPublicKey{{1}}

// fleet starts so many miners, of which only the first makes idle files and has
// its fragments tagged.
func (n *network) fleet(count int, first Config) []*Miner {
	n.t.Helper()
	miners := make([]*Miner, count)
	for i := range miners {
		cfg := n.config(i)
		if i == 0 {
			cfg = first
		}
		if i > 0 {
			cfg.NoIdle, cfg.TEEs = true, nobody
		}
		miners[i] = n.start(cfg)
	}
	return miners
}

func closeAll(t *testing.T, miners []*Miner) {
	t.Helper()
	for _, m := range miners {
		testnet.Closed(t, "miner", m.Close)
	}
}

// certified waits until so many sets of a miner are certified.
func (n *network) certified(m *Miner, sets uint64) {
	n.t.Helper()
	n.Until(fmt.Sprintf("%d certified sets", sets), func() (bool, error) {
		return n.rear(m) >= 256*sets, fmt.Errorf("%+v", m.Status(n.ctx).Jobs)
	})
}

// mintTerritory gives Alice room for files.
func (n *network) mintTerritory() {
	n.t.Helper()
	n.Submit(n.alice, storagehandler.MintTerritory{GiBCount: 4, TerritoryName: types.TerritoryName(territory), Days: 30})
}

// A miner registers, has a set certified, stores a fragment, has it tagged,
// passes a challenge, checks itself, restores what it loses, and drops what is
// deleted.
func TestLifeOfAMiner(t *testing.T) {
	n := startNetwork(t, 12, helpers(12, 1))
	n.mintTerritory()
	miners := n.fleet(12, n.config(0))
	defer closeAll(t, miners)
	m := miners[0]
	n.certified(m, 1)
	n.Until("proofs of version 2", func() (bool, error) {
		v, _, err := sdk.Find(n.ctx, n.chain.Best(), podr2.Versions, m.Account())
		return v == proofVersion, err
	})
	if r := n.miner(m); string(r.State) != sminer.StatePositive || r.IdleSpace != scale.U128From64(n.rear(m)*idleFile) {
		t.Fatalf("state %q with %v bytes of idle space", r.State, r.IdleSpace)
	}

	n.challenge(m) // nothing is stored yet
	if idle, service := n.verdicts(m); !idle || !service {
		t.Fatalf("verdicts without data: %t, %t", idle, service)
	}

	fid := n.put(miners, 1, 40<<20)
	mine := n.tagged(m, fid)
	if len(mine) != 2 {
		t.Fatalf("the miner holds %d fragments of a file of two segments", len(mine))
	}
	for i := range mine {
		if _, err := m.store.Tags(fid, mine[i]); err != nil {
			t.Fatal(err)
		}
	}
	n.Until("the first challenge is over", func() (bool, error) {
		l, err := m.look(n.ctx)
		return err == nil && l.challenge == nil, err
	})
	n.challenge(m)
	if idle, service := n.verdicts(m); !idle || !service {
		t.Fatalf("verdicts with data: %t, %t", idle, service)
	}
	report, err := m.Check(n.ctx, CheckOptions{Proof: true, Tags: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Problems) > 0 || report.Fragments != 2 || report.Tagged != 2 || len(report.Proofs) != 2 || report.IdleFiles < 256 {
		t.Fatalf("%+v", report)
	}
	// The challenge may be over by now, as Check takes its time.
	if s := m.Status(n.ctx); s.State != sminer.StatePositive || s.Fragments != 2 || s.Challenge != nil && !s.Challenge.ServiceJudged || len(s.Workers) != 1 {
		t.Errorf("status %+v", s)
	}

	// A fragment is lost, then a whole folder: both come back with their tags.
	if err := m.store.DropFragment(fid, mine[0]); err != nil {
		t.Fatal(err)
	}
	n.restored(m, fid, mine)
	if err := m.store.Drop(fid); err != nil {
		t.Fatal(err)
	}
	n.restored(m, fid, mine)

	// A deleted file's fragments go, once no challenge asks for them.
	n.Submit(n.alice, filebank.DeleteFile{Owner: n.alice.AccountID(), FileHash: fid})
	n.Until("the deleted file's fragments are gone", func() (bool, error) {
		kept, err := m.store.Kept()
		return len(kept) == 0, errors.Join(err, fmt.Errorf("%+v", m.Status(n.ctx).Jobs))
	})
}

// restored waits until a miner has its fragments with tags.
func (n *network) restored(m *Miner, fid types.Hash, mine []types.Hash) {
	n.t.Helper()
	n.Until("lost fragments are back", func() (bool, error) {
		for _, f := range mine {
			if _, err := m.store.Read(fid, f); err != nil {
				return false, err
			}
			if _, err := m.store.Tags(fid, f); err != nil {
				return false, err
			}
		}
		return true, nil
	})
}

// slow skips a test that takes minutes with the race detector; TestLifeOfAMiner
// runs the same jobs.
func slow(t *testing.T) {
	t.Helper()
	if underRace {
		t.Skip("takes too long with the race detector")
	}
}

// Whatever step of generation and certification a miner dies at, the set is
// certified after the restart, and the store agrees with the chain.
func TestKilledWhileCertifying(t *testing.T) {
	slow(t)
	n := startNetwork(t, 1)
	cfg := n.config(0)
	cfg.MaxSpaceBytes = 64 << 20
	sets := uint64(0)
	for _, at := range []string{"key:made", "generate:start", "generate:done", "certify:proved", "certify:verified", "change:included"} {
		k := newKiller(at)
		cfg.step = k.step
		m := n.dies(k, n.start(cfg), cfg)
		sets++
		n.certified(m, sets)
		n.Until("the store follows the chain", func() (bool, error) {
			st, _, ok := m.idle.opened()
			if !ok {
				return false, nil
			}
			_, pending := st.Pending()
			return !pending && st.Status().Rear == int64(n.rear(m)), nil
		})
		testnet.Closed(t, "miner", m.Close)
		sets = n.rear(m) / 256
		if _, err := os.Stat(filepath.Join(rootOf(cfg.Home, m.Account()), "lock")); err != nil {
			t.Fatal(err)
		}
	}
	report, err := CheckFolder(n.ctx, cfg.Home, testnet.Pair(t, crypto.Sr25519, minerSURI(0)).AccountID(), CheckOptions{Proof: true})
	if err != nil || len(report.Problems) > 0 {
		t.Fatalf("after all that: %+v, %v", report, err)
	}
}

// Whatever step of tagging, of a challenge or of a restoral a miner dies at, it
// goes on after the restart.
func TestKilledWhileServing(t *testing.T) {
	slow(t)
	n := startNetwork(t, 13, helpers(13, 1))
	n.mintTerritory()
	first := n.config(0)
	miners := n.fleet(12, first)
	defer func() { closeAll(t, miners) }()
	n.certified(miners[0], 1)
	// From here on the first miner dies again and again.
	again := func(at string, provoke func()) {
		t.Helper()
		testnet.Closed(t, "miner", miners[0].Close)
		k := newKiller(at)
		cfg := first
		cfg.NoIdle, cfg.step = true, k.step
		miners[0] = n.start(cfg)
		provoke()
		miners[0] = n.dies(k, miners[0], cfg)
	}
	var fid types.Hash
	for i, at := range []string{"tags:stored", "tags:noted", "tags:reported"} {
		again(at, func() { fid = n.put(miners, byte(10+i), 1<<20) })
		for _, f := range n.tagged(miners[0], fid) {
			if _, err := miners[0].store.Tags(fid, f); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, at := range []string{
		"idle:block", "idle:proved", "idle:submitted", "idle:judged", "service:proved", "service:submitted", "service:judged",
	} {
		n.Until("the challenge before is over", func() (bool, error) {
			l, err := miners[0].look(n.ctx)
			return err == nil && l.challenge == nil, err
		})
		again(at, func() { n.challenge(miners[0]) })
		if idle, service := n.verdicts(miners[0]); !idle || !service {
			t.Fatalf("killed at %s: verdicts %t, %t", at, idle, service)
		}
	}
}

// An order is completed only with the fragment, wherever the claimant dies.
func TestKilledWhileRestoring(t *testing.T) {
	slow(t)
	n := startNetwork(t, 13, helpers(13, 1))
	n.mintTerritory()
	// The twelve columns are with miners 1 to 12; the restorer is a thirteenth,
	// started later.
	miners := make([]*Miner, 12)
	for i := range miners {
		c := n.config(i + 1)
		c.NoIdle = true
		miners[i] = n.start(c)
	}
	defer func() { closeAll(t, miners) }()
	r := n.config(0)
	r.RestoreEvery = 300 * r.Every // not before it is wanted
	restorer := n.start(r)
	n.certified(restorer, 1)
	testnet.Closed(t, "miner", restorer.Close)
	r.RestoreEvery, r.NoIdle = r.Every, true
	for i, at := range []string{"restore:claim", "restore:claimed", "restore:stored", "restore:completed"} {
		fid := n.put(miners, byte(20+i), 1<<20)
		victim := miners[i]
		lost := n.tagged(victim, fid)[0]
		k := newKiller(at)
		r.step = k.step
		restorer = n.start(r)
		n.Submit(testnet.Pair(t, crypto.Sr25519, minerSURI(i+1)), filebank.GenerateRestoralOrder{FileHash: fid, RestoralFragment: lost})
		restorer = n.dies(k, restorer, r)
		n.Until("killed at "+at+": the fragment has a new holder", func() (bool, error) {
			file, _ := n.file(fid)
			for _, f := range fragmentsOf(file, restorer.Account()) {
				if f == lost {
					return true, nil
				}
			}
			return false, fmt.Errorf("%+v", restorer.Status(n.ctx).Jobs)
		})
		n.tagged(restorer, fid)
		if _, err := restorer.store.Read(fid, lost); err != nil {
			t.Fatalf("killed at %s: the chain has an order completed without the fragment: %v", at, err)
		}
		file, _ := n.file(fid)
		seen := map[[32]byte]bool{}
		for _, f := range file.SegmentList[0].FragmentList {
			seen[f.Miner] = true
		}
		if len(seen) != types.FragmentCount {
			t.Fatalf("killed at %s: the segment is with %d miners", at, len(seen))
		}
		testnet.Closed(t, "miner", restorer.Close)
	}
}

// Idle files make room for data, wherever the miner dies on the way; the space
// that is left can be proven.
func TestKilledWhileReplacing(t *testing.T) {
	slow(t)
	n := startNetwork(t, 12, helpers(12, 1))
	n.mintTerritory()
	cfg := n.config(0)
	miners := n.fleet(12, cfg)
	defer func() { closeAll(t, miners) }()
	n.certified(miners[0], 1)
	for i, at := range []string{"replace:proved", "replace:verified", "change:included"} {
		testnet.Closed(t, "miner", miners[0].Close)
		k := newKiller(at)
		killed := cfg
		killed.step = k.step
		miners[0] = n.start(killed)
		fid := n.put(miners, byte(30+i), 4*segment.Size) // 32 MiB for each miner: an idle file
		miners[0] = n.dies(k, miners[0], killed)
		n.tagged(miners[0], fid)
		n.Until("killed at "+at+": nothing is left to replace", func() (bool, error) {
			pending, _, err := sdk.Find(n.ctx, n.chain.Best(), sminer.PendingReplacements, miners[0].Account())
			info, _ := n.miner(miners[0]).SpaceProofInfo.Get()
			st, _, ok := miners[0].idle.opened()
			return ok && err == nil && pending.Less(scale.U128From64(idleFile)) && info.Front == uint64(i+1) && st.Status().Front == int64(i+1),
				errors.Join(err, fmt.Errorf("%v pending, front %d: %+v", pending, info.Front, miners[0].Status(n.ctx).Jobs))
		})
	}
	n.challenge(miners[0])
	if idle, service := n.verdicts(miners[0]); !idle || !service {
		t.Fatalf("verdicts afterwards: %t, %t", idle, service)
	}
	if r, err := miners[0].Check(n.ctx, CheckOptions{Proof: true}); err != nil || len(r.Problems) > 0 {
		t.Fatalf("%+v, %v", r, err)
	}
}

// A miner without chain and TEE worker serves what it has and says what it
// waits for.
func TestServesWithoutChain(t *testing.T) {
	home := t.TempDir()
	key := testnet.Pair(t, crypto.Sr25519, "//Lonely")
	s := openStore(t, rootOf(home, key.AccountID()))
	fid := types.HashOf([32]byte{1})
	id, b := fragment(t)
	if err := s.Put(fid, id, b); err != nil {
		t.Fatal(err)
	}
	m, err := Start(t.Context(), Config{
		Home: home, Chain: "ws://" + testnet.FreeAddress(t), Signer: key, Listen: "127.0.0.1:0", AllowPrivate: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer testnet.Closed(t, "miner", m.Close)
	p := newPeers(key, true)
	defer p.close()
	r, err := p.get(t.Context(), m.Address(), fid, id)
	if err != nil {
		t.Fatal(err)
	}
	got, err := readFragment(r, id)
	if err != nil || !bytes.Equal(got, b) {
		t.Fatalf("the fragment differs: %v", err)
	}
	st := m.Status(context.Background())
	if !strings.Contains(st.Problem, "chain") || st.Fragments != 1 || len(st.Jobs) == 0 {
		t.Errorf("status %+v", st)
	}
}
