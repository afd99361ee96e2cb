// Package gosdk drives a running network with the unmodified upstream Go SDK.
// CESS_READY names the network's ready file; CESS_FID a file that Alice stored.
package gosdk

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/AstaFrode/go-substrate-rpc-client/v4/types"
	"github.com/AstaFrode/go-substrate-rpc-client/v4/types/codec"
	"github.com/CESSProject/cess-go-sdk/chain"
	"github.com/CESSProject/cess-go-sdk/utils"
)

type ready struct {
	RPC      string `json:"rpc_ws"`
	Accounts []struct{ Name, Address string }
	Nodes    []struct{ Role, Account string }
}

func network(t *testing.T) ready {
	t.Helper()
	path := os.Getenv("CESS_READY")
	if path == "" {
		t.Skip("CESS_READY is not set: no network runs")
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var r ready
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func connect(t *testing.T, r ready) *chain.ChainClient {
	t.Helper()
	c, err := chain.NewChainClient(context.Background(), "compat", []string{r.RPC}, "//Alice", 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	client := c.(*chain.ChainClient)
	t.Cleanup(client.Close)
	// What DeOSS does at start; then the calls of this test by the same rule.
	// InitExtrinsicsName wants calls that no chain of this revision has.
	if err := client.InitExtrinsicsNameForOSS(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		chain.ExtName_Balances_transferKeepAlive, chain.ExtName_StorageHandler_mint_territory,
		chain.ExtName_Oss_authorize,
	} {
		index, err := client.GetMetadata().FindCallIndex(name)
		if err != nil {
			t.Fatal(err)
		}
		chain.ExtrinsicsName[index] = name
	}
	return client
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestConnection(t *testing.T) {
	r := network(t)
	c := connect(t, r)
	if got := c.GetTokenSymbol(); got != "TCESS" {
		t.Errorf("token symbol %q", got)
	}
	if got := c.GetSignatureAcc(); got != r.Accounts[0].Address {
		t.Errorf("Alice is %s, want %s", got, r.Accounts[0].Address)
	}
	must[chain.SysProperties](t)(c.SystemProperties())
	must[string](t)(c.SystemVersion())
	state := must[chain.SysSyncState](t)(c.SystemSyncState())
	if state.CurrentBlock == 0 || state.CurrentBlock < state.StartingBlock {
		t.Errorf("sync state %+v", state)
	}
	if !must[bool](t)(c.NetListening()) {
		t.Error("the node does not listen")
	}
	must[types.Hash](t)(c.ChainGetFinalizedHead())
}

func TestTransferToken(t *testing.T) {
	r := network(t)
	c := connect(t, r)
	bob := must[[]byte](t)(utils.ParsingPublickey(r.Accounts[1].Address))
	before := must[types.AccountInfo](t)(c.QueryAccountInfoByAccountID(bob, -1))
	hash, err := c.TransferToken(r.Accounts[1].Address, "1000000000000000000")
	if err != nil {
		t.Fatal(err)
	}
	h := must[types.Hash](t)(types.NewHashFromHexString(hash))
	must[uint32](t)(c.QueryBlockNumber(h.Hex()))
	after := must[types.AccountInfo](t)(c.QueryAccountInfoByAccountID(bob, -1))
	if after.Data.Free.Cmp(before.Data.Free.Int) <= 0 {
		t.Errorf("Bob had %v and has %v", before.Data.Free, after.Data.Free)
	}
	must[string](t)(c.QueryTotalIssuance(-1))
	if all := must[[]types.AccountInfo](t)(c.QueryAllAccountInfo(-1)); len(all) < 12 {
		t.Errorf("%d accounts", len(all))
	}
}

func TestTerritoryAndAuthorisation(t *testing.T) {
	r := network(t)
	c := connect(t, r)
	name := fmt.Sprintf("upstream-%d", time.Now().UnixNano())
	if _, err := c.MintTerritory(2, name, 30); err != nil {
		t.Fatal(err)
	}
	alice := c.GetSignatureAccPulickey()
	territory := must[chain.TerritoryInfo](t)(c.QueryTerritory(alice, name, -1))
	if territory.TotalSpace.Int64() != 2<<30 || territory.RemainingSpace.Int64() != 2<<30 {
		t.Errorf("territory %+v", territory)
	}
	eve := must[[]byte](t)(utils.ParsingPublickey(r.Accounts[4].Address))
	if _, err := c.Authorize(eve); err != nil {
		t.Fatal(err)
	}
	list := must[[]types.AccountID](t)(c.QueryAuthorityList(alice, -1))
	found := false
	for _, id := range list {
		found = found || id.ToHexString() == codec.HexEncodeToString(eve)
	}
	if !found {
		t.Errorf("Eve is not among the %d operators", len(list))
	}
	must[string](t)(c.QueryUnitPrice(-1))
	must[uint64](t)(c.QueryTotalIdleSpace(-1))
	must[uint64](t)(c.QueryTotalServiceSpace(-1))
	if got := must[uint64](t)(c.QueryPurchasedSpace(-1)); got < 2<<30 {
		t.Errorf("purchased space %d", got)
	}
}

func TestMiners(t *testing.T) {
	r := network(t)
	c := connect(t, r)
	miners := must[[]types.AccountID](t)(c.QueryAllMiner(-1))
	if len(miners) == 0 {
		t.Fatal("no miners")
	}
	if n := must[uint32](t)(c.QueryCounterForMinerItems(-1)); int(n) < len(miners) {
		t.Errorf("the counter says %d of %d miners", n, len(miners))
	}
	for _, id := range miners {
		m := must[chain.MinerInfo](t)(c.QueryMinerItems(id[:], -1))
		if string(m.State) != chain.MINER_STATE_POSITIVE || len(m.Endpoint) == 0 {
			t.Errorf("miner %s: state %q, endpoint %q", id.ToHexString(), m.State, m.Endpoint)
		}
	}
	must[chain.ExpendersInfo](t)(c.QueryExpenders(-1))
	must[uint32](t)(c.QueryStakingStartBlock(miners[0][:], -1))
	must[[]types.AccountID](t)(c.QueryValidators(-1))
	must[[]chain.ConsensusRrscAppPublic](t)(c.QueryAuthorities(-1))
}

func TestFiles(t *testing.T) {
	r := network(t)
	c := connect(t, r)
	if _, err := c.QueryDealMap("0000000000000000000000000000000000000000000000000000000000000000", -1); err == nil || err.Error() != chain.ERR_Empty {
		t.Errorf("a deal that does not exist: %v", err)
	}
	must[[]chain.StorageOrder](t)(c.QueryDealMapList(-1))
	must[[]chain.OssInfo](t)(c.QueryAllOss(-1))
	fid := os.Getenv("CESS_FID")
	if fid == "" {
		t.Skip("CESS_FID is not set: no file is stored")
	}
	file := must[chain.FileMetadata](t)(c.QueryFile(fid, -1))
	if len(file.SegmentList) == 0 || len(file.SegmentList[0].FragmentList) != 12 {
		t.Errorf("file %+v", file)
	}
	held := must[[]chain.UserFileSliceInfo](t)(c.QueryUserHoldFileList(c.GetSignatureAccPulickey(), -1))
	if len(held) == 0 {
		t.Error("Alice holds no file")
	}
	fids := must[[]string](t)(c.QueryUserFidList(c.GetSignatureAccPulickey(), -1))
	ok := false
	for _, f := range fids {
		ok = ok || f == fid
	}
	if !ok {
		t.Errorf("%s is not among Alice's files %v", fid, fids)
	}
}

// The SDK's walker keeps its place in a block only if every extrinsic has its
// events in order.
func TestParseEveryBlock(t *testing.T) {
	r := network(t)
	c := connect(t, r)
	head := must[uint32](t)(c.QueryBlockNumber(""))
	if head == 0 {
		t.Fatal("no blocks")
	}
	for n := uint64(1); n <= uint64(head); n++ {
		block, err := c.ParseBlockData(n)
		if err != nil {
			t.Fatalf("block %d: %v", n, err)
		}
		if uint64(block.BlockId) != n || block.Timestamp == 0 {
			t.Fatalf("block %d parsed as %d at %d", n, block.BlockId, block.Timestamp)
		}
	}
	t.Logf("parsed %d blocks", head)
}
