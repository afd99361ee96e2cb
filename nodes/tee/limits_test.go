package tee

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
	api "github.com/gocess/gocess/sdk/tee"
	"github.com/gocess/gocess/storage/pois/wire"
)

func TestPublishedKeys(t *testing.T) {
	b := newBench(t)
	identity, err := b.client.Identity(b.ctx, b.who())
	if err != nil || identity != b.worker.Identity() {
		t.Errorf("identity %x, %v", identity, err)
	}
	key, err := b.client.MasterKey(b.ctx, b.who())
	if err != nil || key != b.master.sign.public {
		t.Errorf("master key %x, %v", key, err)
	}
	rsa, err := b.client.Podr2Key(b.ctx, b.who())
	if err != nil || !bytes.Equal(rsa.Bytes(), b.master.rsa.Public().Bytes()) {
		t.Errorf("podr2 key %v, %v", rsa, err)
	}
	who := b.who()
	for _, m := range []api.Method[api.KeyRequest, api.KeyReply]{api.IdentityPubkey, api.MasterPubkey, api.Podr2Pubkey} {
		reply, err := m.Call(b.ctx, b.client, &api.KeyRequest{Miner: who[:]})
		if err != nil {
			t.Fatal(err)
		}
		stamp := api.StampBytes(reply.Timestamp)
		good := crypto.Verify(crypto.Sr25519, reply.Key, stamp, reply.Signature)
		if m.Name == api.Podr2Pubkey.Name {
			good = b.master.rsa.Public().VerifyRaw(stamp, reply.Signature) == nil
		}
		if !good {
			t.Errorf("%s: the time stamp's signature does not verify", m.Name)
		}
	}
	_, err = b.client.Identity(b.ctx, substrate.AccountID{1})
	refuses(t, "a stranger", err, codes.Internal)
	if !strings.Contains(err.Error(), "not registered") {
		t.Errorf("upstream miners do not understand %q", err)
	}
	b.worker.ring.use([32]byte{})
	_, err = b.client.MasterKey(b.ctx, b.who())
	refuses(t, "a worker without master key", err, codes.Unavailable)
	if _, err := b.client.Identity(b.ctx, b.who()); err != nil {
		t.Error("identity without master key:", err)
	}
}

func TestEachRoleDoesItsOwnWork(t *testing.T) {
	marks := []string{api.CommitChallenge.Path(), api.GenTag.Path(), api.TagV2.Path(), api.NewMinerKey.Path(), api.VerifyDeletion.Path(), api.TaggerKey.Path()}
	verifies := []string{api.VerifySpaceBlock.Path(), api.VerifySpaceTotal.Path(), api.BatchVerify.Path(), api.AggregateSignature.Path(), api.VerifyV2.Path()}
	for r, has := range map[teeworker.Role][2]bool{teeworker.Full: {true, true}, teeworker.Verifier: {false, true}, teeworker.Marker: {true, false}} {
		w := &Worker{cfg: Config{Role: r}}
		offered := make(map[string]bool)
		for _, s := range w.services() {
			for _, m := range s.Streams {
				offered["/"+s.ServiceName+"/"+m.StreamName] = true
			}
		}
		for i, list := range [][]string{marks, verifies} {
			for _, path := range list {
				if offered[path] != has[i] {
					t.Errorf("role %d, %s: %v", r, path, offered[path])
				}
			}
		}
		if !offered[api.IdentityPubkey.Path()] {
			t.Errorf("role %d has no keys", r)
		}
	}
	b := newBench(t, role(teeworker.Marker))
	_, _, err := b.client.VerifyV2(b.ctx, b.who(), nil)
	refuses(t, "a verdict of a marker", err, codes.Unimplemented)
	if _, _, err := b.client.TaggerKey(b.ctx); err != nil {
		t.Error(err)
	}
}

func TestGateIsBusyWhenFull(t *testing.T) {
	g := newGate(1, 1, time.Hour)
	leave, err := g.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error)
	go func() {
		_, err := g.enter(ctx)
		waiting <- err
	}()
	for g.inside.Load() < 2 {
		time.Sleep(time.Millisecond)
	}
	if _, err := g.enter(t.Context()); !api.Busy(err) {
		t.Errorf("beyond the queue: %v", err)
	}
	cancel()
	if err := <-waiting; api.Code(err) != codes.Canceled {
		t.Errorf("a caller that left: %v", err)
	}
	leave()
	if leave, err = g.enter(t.Context()); err != nil {
		t.Fatal(err)
	}
	impatient := newGate(1, 1, time.Nanosecond)
	if _, err := impatient.enter(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := impatient.enter(t.Context()); !api.Busy(err) {
		t.Errorf("after the patience: %v", err)
	}
	leave()
	if g.inside.Load() != 0 || len(g.slots) != 0 {
		t.Error("the gate does not get empty")
	}
}

func TestMinersHaveARate(t *testing.T) {
	b := newBench(t, func(c *Config) { c.MinerRate, c.MinerBurst = 1e-9, 3 })
	for range 3 {
		if _, err := b.client.Identity(b.ctx, b.who()); err != nil {
			t.Fatal(err)
		}
	}
	_, err := b.client.Identity(b.ctx, b.who())
	refuses(t, "the fourth request", err, codes.ResourceExhausted)
	if !api.Busy(err) || !strings.Contains(err.Error(), "busy") {
		t.Errorf("upstream miners do not understand %q", err)
	}
	_, err = b.client.Identity(b.ctx, substrate.AccountID{1})
	refuses(t, "another miner", err, codes.Internal)
}

func TestPanicsStayInTheirCall(t *testing.T) {
	b := newBench(t)
	b.worker.commitments = nil // a bug
	sets, err := idleSets()
	if err != nil {
		t.Fatal(err)
	}
	s := &space{bench: b, sets: sets}
	_, err = b.client.CommitChallenge(b.ctx, s.commitRequest(sets[0]))
	refuses(t, "a call with a bug", err, codes.Internal)
	if _, err := b.client.Identity(b.ctx, b.who()); err != nil {
		t.Error("after a panic:", err)
	}
}

func TestMalformedMessages(t *testing.T) {
	b := newBench(t)
	if _, err := wire.Unmarshal[api.KeyRequest]([]byte{1, 2, 3}); err == nil {
		t.Error("three bytes are a request")
	}
	who := b.who()
	_, err := api.IdentityPubkey.Call(b.ctx, b.client, &api.KeyRequest{Miner: append(who[:], make([]byte, 8<<10)...)})
	refuses(t, "a message above the method's bound", err, codes.InvalidArgument)
	_, err = api.IdentityPubkey.Call(b.ctx, b.client, &api.KeyRequest{Miner: make([]byte, api.MaxMessage+1)})
	refuses(t, "a message above the server's bound", err, codes.ResourceExhausted)
}

// Many miners at once, under the race detector.
func TestManyAtOnce(t *testing.T) {
	b := newBench(t)
	h := b.hold(2)
	c := b.open1(100, namesOf(h))
	proof := b.prove1(c, h...)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			v, err := b.client.BatchVerify(b.ctx, b.who(), c, proof, [256]uint64{})
			if err != nil || !v.Result {
				t.Errorf("%v, %v", v, err)
			}
		})
	}
	wg.Wait()
}

// A host that never finishes what it sends waits for itself only.
func TestReceptionsOfOneHost(t *testing.T) {
	c := newCallers(1, 1, 1, time.Nanosecond)
	done, err := c.receive(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.receive(t.Context()); !api.Busy(err) {
		t.Errorf("a second reception: %v", err)
	}
	done()
	if len(c.hosts) != 0 {
		t.Error("hosts are remembered without need")
	}
	if done, err = c.receive(t.Context()); err != nil {
		t.Fatal(err)
	}
	done()
}
