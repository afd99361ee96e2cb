package tee

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
	api "github.com/gocess/gocess/sdk/tee"
	"github.com/gocess/gocess/storage/pois"
)

// smallParams make a set of idle files in a moment.
var smallParams = pois.Params{K: 8, N: 256, D: 1}

// bench is a worker with its master key behind a real socket, chain state that
// the test writes, and one registered miner.
type bench struct {
	t      *testing.T
	ctx    context.Context
	home   string
	chain  *memoryChain
	master *master
	tagger *taggerV2
	miner  crypto.Pair
	worker *Worker
	client *api.Client
	cfg    Config
}

func newBench(t *testing.T, change ...func(*Config)) *bench {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	miner, err := crypto.FromURI(crypto.Sr25519, "//Miner")
	if err != nil {
		t.Fatal(err)
	}
	tagger, err := newTaggerV2([32]byte{42})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, ctx: ctx, home: t.TempDir(), chain: newMemoryChain(smallParams), master: vectorMaster(t), tagger: tagger, miner: miner}
	stash := substrate.AccountID{9}
	b.cfg = Config{Home: b.home, Chain: "unused", Signer: sdk.Signer(miner), Stash: &stash, Listen: "127.0.0.1:0", Logger: slog.New(slog.NewTextHandler(t.Output(), nil))}
	for _, f := range change {
		f(&b.cfg)
	}
	if err := b.cfg.complete(); err != nil {
		t.Fatal(err)
	}
	b.chain.set(func(c *memoryChain) {
		c.keys = [][32]byte{b.master.sign.public}
		c.tagger = tagger.key.Public()
		c.miners[b.who()] = minerRecord(sminer.StatePositive)
	})
	b.start()
	t.Cleanup(b.stop)
	return b
}

func minerRecord(state string) sminer.Miner {
	return sminer.Miner{State: sminer.State(state), SpaceProofInfo: scale.Some(types.SpaceProofInfo{})}
}

func (b *bench) who() substrate.AccountID { return b.miner.AccountID() }

// start runs the worker on what its folder holds.
func (b *bench) start() {
	b.t.Helper()
	w, err := open(b.cfg, [32]byte{1}, b.chain)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := w.ring.addMaster(b.master); err != nil {
		b.t.Fatal(err)
	}
	if err := w.ring.setTagger(b.tagger); err != nil {
		b.t.Fatal(err)
	}
	w.ring.use(b.master.sign.public)
	w.ring.publish(b.tagger.key.Public().Bytes())
	if w.server, err = w.listen(b.cfg.Listen); err != nil {
		b.t.Fatal(err)
	}
	b.worker = w
	if b.client, err = api.Dial(b.ctx, w.Endpoint()); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) stop() {
	b.t.Helper()
	if b.worker == nil {
		return
	}
	if err := b.client.Close(); err != nil {
		b.t.Error(err)
	}
	if err := b.worker.server.close(); err != nil {
		b.t.Error(err)
	}
	b.worker = nil
}

// restart ends the worker and starts it again on its folder.
func (b *bench) restart() {
	b.t.Helper()
	b.stop()
	b.start()
}

// signed checks a signature of the network's master key.
func (b *bench) signed(digest [32]byte, signature []byte) {
	b.t.Helper()
	if !crypto.Verify(crypto.Sr25519, b.master.sign.public[:], digest[:], signature) {
		b.t.Error("the signature does not verify")
	}
}

// refuses holds that a call failed with a code.
func refuses(t *testing.T, what string, err error, code codes.Code) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: accepted", what)
	} else if got := api.Code(err); got != code {
		t.Errorf("%s: %v: %v, want %v", what, got, err, code)
	}
}

// sign signs as upstream miners do: the bytes, or their hash if they are many.
func (b *bench) sign(raw []byte) []byte {
	b.t.Helper()
	if len(raw) > 256 {
		h := crypto.Blake2b256(raw)
		raw = h[:]
	}
	s, err := b.miner.Sign(raw)
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func role(r teeworker.Role) func(*Config) {
	return func(c *Config) {
		c.Role = r
		if r == teeworker.Marker {
			c.Stash = nil
		}
	}
}
