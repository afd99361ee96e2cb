package gateway_test

import (
	"bytes"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/gocess/gocess/ledger/pallets/oss"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/gateway"
	"github.com/gocess/gocess/primitives/crypto"
	client "github.com/gocess/gocess/sdk/gateway"
)

// An acknowledged upload is finished after a restart, also when miners that
// refuse connections or take fragments and stay silent are on the chain's
// list: their columns go to others.
func TestUploadSurvivesRestartAndBadMiners(t *testing.T) {
	n := startNetwork(t, 14, 1)
	n.stopGateway()
	// Two of fourteen are out of reach; the twelve others are just enough.
	n.stopMiners(1)
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	gone := n.miners[0]
	n.stopMiners(1)
	for i := range 14 {
		pair := pairOf(t, crypto.Sr25519, minerKey(i))
		if pair.AccountID() == gone.Account() {
			if _, err := n.chain.Submit(n.ctx, pair, sminer.UpdateEndpoint{Endpoint: types.Endpoint("http://" + silent.Addr().String() + "/none")}); err != nil {
				t.Fatal(err)
			}
		}
	}
	silent.Close()
	n.startGateway(gateway.Config{})
	body := content(3, 1<<20)
	fid, err := n.user.Put(n.ctx, testTerritory, "restart.bin", bytes.NewReader(body), int64(len(body)), client.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	n.stopGateway()
	n.startGateway(gateway.Config{})
	var got bytes.Buffer
	if err := n.user.Get(n.ctx, fid, &got, client.GetOptions{}); err != nil {
		t.Fatal(err)
	}
	same(t, "after the restart", got.Bytes(), body)
	n.active(fid)
}

// A second user of the same bytes pays and owns, without another deal; the
// same user pays once.
func TestSameFileTwice(t *testing.T) {
	n := startNetwork(t, 12, 1)
	bob := pairOf(t, crypto.Sr25519, "//Bob")
	n.lease(bob, 1)
	second, err := client.New(n.gateway.Address(), bob)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	body := content(4, 1<<20)
	put := func(c *client.Client) types.Hash {
		t.Helper()
		fid, err := c.Put(n.ctx, testTerritory, "same.bin", bytes.NewReader(body), int64(len(body)), client.PutOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return fid
	}
	fid := put(n.user)
	put(n.user)
	put(second) // while the deal of the first is open, or just closed
	n.active(fid)
	put(n.user)
	for {
		m, err := second.Stat(n.ctx, fid)
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Owner) == 2 {
			break
		}
		select {
		case <-n.ctx.Done():
			t.Fatalf("owners: %+v", m.Owner)
		case <-time.After(100 * time.Millisecond):
		}
	}
	if used, ok := n.territory().UsedSpace.Uint64(); !ok || used != 96<<20 {
		t.Errorf("the first user pays for %d bytes, want 96 MiB once", used)
	}
}

// Without authorisation nothing is taken.
func TestAuthorisationIsNeeded(t *testing.T) {
	n := startNetwork(t, 12, 1)
	if _, err := n.chain.Submit(n.ctx, n.alice, oss.CancelAuthorize{Oss: n.gateway.Account()}); err != nil {
		t.Fatal(err)
	}
	_, err := n.user.Put(n.ctx, testTerritory, "denied.bin", bytes.NewReader([]byte("x")), 1, client.PutOptions{})
	var refused *client.Error
	if !errors.As(err, &refused) || refused.Code != 403 || refused.Msg != "space is not authorized" {
		t.Errorf("not authorised: %v", err)
	}
}
