package gateway_test

import (
	"bytes"
	"net"
	"testing"

	"github.com/gocess/gocess/internal/devkit/testnet"
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
		pair := testnet.Pair(t, crypto.Sr25519, minerKey(i))
		if pair.AccountID() == gone.Account() {
			n.Submit(pair, sminer.UpdateEndpoint{Endpoint: types.Endpoint("http://" + silent.Addr().String() + "/none")})
		}
	}
	silent.Close()
	n.startGateway(gateway.Config{})
	body := testnet.Content(3, 1<<20)
	fid, err := n.user.Put(n.Ctx, testTerritory, "restart.bin", bytes.NewReader(body), int64(len(body)), client.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	n.stopGateway()
	n.startGateway(gateway.Config{})
	var got bytes.Buffer
	if err := n.user.Get(n.Ctx, fid, &got, client.GetOptions{}); err != nil {
		t.Fatal(err)
	}
	same(t, "after the restart", got.Bytes(), body)
	n.active(fid)
}
