package tee

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit/testnet"
	"github.com/gocess/gocess/ledger/genesis"
	podr2chain "github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
	api "github.com/gocess/gocess/sdk/tee"
)

// network is a real chain in this process on which governance asked //Tee to
// make the master key.
type network struct {
	*testnet.Network
	tees map[string]string // address by name
}

func startNetwork(t *testing.T, change ...func(*genesis.DevOptions)) *network {
	t.Helper()
	n := &network{tees: map[string]string{"//Tee": testnet.FreeAddress(t)}}
	dev := genesis.DevOptions{
		TEE:     &genesis.DevTEE{SURI: "//Tee", Endpoint: "http://" + n.tees["//Tee"]},
		Pace:    genesis.DevPace{ChallengePeriod: 1_000_000},
		Endowed: []string{"//Tee2", "//Miner"},
	}
	for _, f := range change {
		f(&dev)
	}
	n.Network = testnet.Start(t, testnet.Options{Dev: dev})
	return n
}

// address stays the same for a name, so that a worker can restart.
func (n *network) address(name string) string {
	if n.tees[name] == "" {
		n.tees[name] = testnet.FreeAddress(n.T)
	}
	return n.tees[name]
}

// start runs a worker in its folder. The caller closes it.
func (n *network) start(name string, change ...func(*Config)) *Worker {
	n.T.Helper()
	bonded := testnet.Pair(n.T, crypto.Sr25519, "//Alice//stash")
	stash := substrate.AccountID(bonded.AccountID())
	key := testnet.Pair(n.T, crypto.Sr25519, name)
	cfg := Config{
		Home: filepath.Join(n.Dir, strings.Trim(name, "/")), Chain: n.RPC, Signer: key, Stash: &stash, StashSigner: bonded,
		Listen: n.address(name), Every: 300 * time.Millisecond, Logger: slog.New(slog.NewTextHandler(n.T.Output(), nil)),
	}
	for _, f := range change {
		f(&cfg)
	}
	w, err := Start(n.Ctx, cfg)
	if err != nil {
		n.T.Fatal(err)
	}
	return w
}

// first runs the worker that the genesis names.
func (n *network) first() *Worker {
	key := testnet.Pair(n.T, crypto.Sr25519, "//Tee")
	return n.start("//Tee", func(c *Config) { c.Identity = key })
}

func (n *network) launched() (teeworker.MasterKeyInfo, bool) {
	n.T.Helper()
	status, err := sdk.Get(n.Ctx, n.Client.Best(), teeworker.MasterKeyStatus)
	if err != nil {
		n.T.Fatal(err)
	}
	l, ok := status.(teeworker.Launched)
	return l.Key, ok
}

func (n *network) taggerKey() []byte {
	n.T.Helper()
	raw, err := n.Client.Best().Raw(n.Ctx, podr2chain.TaggerKey.Key())
	if err != nil {
		n.T.Fatal(err)
	}
	if raw == nil {
		return nil
	}
	key, err := podr2chain.TaggerKey.DecodeValue(raw)
	if err != nil {
		n.T.Fatal(err)
	}
	return key
}

// serves says whether a worker has the master key on chain and the published
// key of version 2.
func (n *network) serves(w *Worker) func() (bool, error) {
	return func() (bool, error) {
		info, ok := n.launched()
		m := w.ring.current()
		return ok && m != nil && m.sign.public == info.PublicKey && w.ring.published() != nil, nil
	}
}

func TestLifeOfANetworksKeys(t *testing.T) {
	n := startNetwork(t)
	first := n.first()
	n.Until("the launch of the master key", n.serves(first))
	key, tagger := n.taggerKey(), first.ring.version2().seed
	if !bytes.Equal(key, first.ring.version2().key.Public().Bytes()) {
		t.Error("the chain has another key of version 2")
	}

	second := n.start("//Tee2")
	n.Until("the hand-over to a second worker", n.serves(second))
	if second.ring.version2().seed != tagger {
		t.Error("the second worker has another key of version 2")
	}
	if second.Identity() == first.Identity() {
		t.Error("both workers have one identity")
	}

	// The first holder restarts in the middle of a rotation that makes the
	// second one the holder.
	old, _ := n.launched()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	n.Root(teeworker.LaunchMasterKey{Holder: second.Identity(), RollIfLaunched: true})
	n.Until("the rotation", func() (bool, error) {
		info, ok := n.launched()
		return ok && info.PublicKey != old.PublicKey && info.Holder == second.Identity(), nil
	})
	first = n.first()
	n.Until("the new key at the worker that was away", n.serves(first))
	if first.ring.version2().seed != tagger || !bytes.Equal(n.taggerKey(), key) {
		t.Error("the key of version 2 did not survive the rotation")
	}
	if len(first.ring.all()) != 2 || len(second.ring.all()) != 2 {
		t.Error("the earlier master key is lost")
	}

	// The first worker is removed, comes back by itself and goes on serving.
	n.Root(teeworker.ForceClearTEE{Worker: first.Identity()})
	n.Until("registration after removal", func() (bool, error) {
		_, found, err := sdk.Find(n.Ctx, n.Client.Best(), teeworker.Workers, first.Identity())
		return found, err
	})
	c, err := api.Dial(n.Ctx, first.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	n.Closes("client", c.Close)
	if public, _, err := c.TaggerKey(n.Ctx); err != nil || !bytes.Equal(public, key) {
		t.Errorf("the key of version 2 after all: %v", err)
	}

	// Governance clears a key of version 2 that leaked: the holder makes another
	// one, and the other worker gets it.
	n.Root(podr2chain.ClearTaggerKey{})
	n.Until("another key of version 2", func() (bool, error) {
		now := n.taggerKey()
		return now != nil && !bytes.Equal(now, key), nil
	})
	n.Until("the other key at the holder", n.serves(second))
	n.Until("the other key at the first worker", n.serves(first))
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}

func TestRecordsGetOutdated(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	info := teeworker.WorkerRegistrationInfo{Role: teeworker.Marker, Endpoint: "http://a:1"}
	record := func(change func(*teeworker.Worker)) *teeworker.Worker {
		w := &teeworker.Worker{
			Role: info.Role, Endpoint: info.Endpoint, LastUpdated: uint64(now.Unix()) - 3600,
			AttestationProvider: scale.Some(teeworker.ProviderDcap),
		}
		change(w)
		return w
	}
	for what, c := range map[string]struct {
		self             *teeworker.Worker
		attested, cannot bool // what outdated says with and without evidence at hand
	}{
		"missing":      {nil, true, true},
		"fresh":        {record(func(*teeworker.Worker) {}), false, false},
		"moved":        {record(func(w *teeworker.Worker) { w.Endpoint = "http://a:2" }), true, true},
		"other role":   {record(func(w *teeworker.Worker) { w.Role = teeworker.Full }), true, true},
		"other stash":  {record(func(w *teeworker.Worker) { w.StashAccount = scale.Some(substrate.AccountID{1}) }), true, true},
		"old evidence": {record(func(w *teeworker.Worker) { w.LastUpdated -= 24 * 3600 }), true, false},
		"no evidence":  {record(func(w *teeworker.Worker) { w.AttestationProvider = scale.None[teeworker.AttestationProvider]() }), true, false},
	} {
		if outdated(c.self, info, true, now) != c.attested || outdated(c.self, info, false, now) != c.cannot {
			t.Errorf("%s: %v with evidence, %v without", what, outdated(c.self, info, true, now), outdated(c.self, info, false, now))
		}
	}
}

// The master key goes to machines with evidence, or where the chain does not
// ask for any.
func TestWhoGetsTheMasterKey(t *testing.T) {
	w := &Worker{cfg: Config{MaxConfidence: 3}}
	with := func(p scale.Option[teeworker.AttestationProvider], level uint8) *teeworker.Worker {
		return &teeworker.Worker{AttestationProvider: p, ConfidenceLevel: level}
	}
	none := scale.None[teeworker.AttestationProvider]()
	for _, c := range []struct {
		record        *teeworker.Worker
		open, trusted bool
	}{
		{with(none, 128), false, false}, {with(none, 128), true, true},
		{with(scale.Some(teeworker.ProviderRoot), 128), false, false}, {with(scale.Some(teeworker.ProviderRoot), 128), true, true},
		{with(scale.Some(teeworker.ProviderDcap), 1), false, true}, {with(scale.Some(teeworker.ProviderDcap), 3), false, true},
		{with(scale.Some(teeworker.ProviderDcap), 4), false, false}, {with(scale.Some(teeworker.ProviderDcap), 4), true, false},
	} {
		if err := w.trusts(c.record, c.open); (err == nil) != c.trusted {
			t.Errorf("%+v, open %v: %v", c.record, c.open, err)
		}
	}
}
