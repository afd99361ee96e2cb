package gosdk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/AstaFrode/go-substrate-rpc-client/v4/types"
	"github.com/CESSProject/cess-go-sdk/chain"
	"github.com/CESSProject/cess-go-sdk/utils"
)

// actor is an account with a client of the upstream SDK.
type actor struct {
	*chain.ChainClient
	t *testing.T
}

func (a actor) key() []byte {
	if a.ChainClient == nil {
		return make([]byte, 32) // TestEveryMethodIsTested looks at names only
	}
	return a.GetSignatureAccPulickey()
}

// world is the state that calls make and queries read.
type world struct {
	t    *testing.T
	net  ready
	ours *ours

	alice, bob           actor
	miner, poor, gateway actor // their accounts are new

	suffix        string
	first, second string // territories of Alice
	sold          string // one that Bob wants to buy
	token         types.H256

	deal          string                  // fid of a file that is being stored
	segments      []chain.SegmentDataInfo // of it
	fid, fragment string                  // of a file that is stored; the fragment is lost
	holder        []byte                  // the miner that lost it
	audited       []byte                  // a miner with a challenge
	left          []byte                  // a miner that leaves
	leaver        string                  // its secret
	validator     []byte                  // a stash
	past          uint32                  // an era that is over
	worker        chain.WorkerPublicKey
}

func newActor(t *testing.T, r ready, suri string) actor {
	t.Helper()
	c, err := chain.NewChainClient(context.Background(), "compat", []string{r.RPC}, suri, 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	client := c.(*chain.ChainClient)
	t.Cleanup(client.Close)
	return actor{client, t}
}

// knowCalls lets the SDK find the outcome of every call it can make.
// InitExtrinsicsName would stop at calls that no chain of this revision has.
func knowCalls(t *testing.T, c *chain.ChainClient) {
	t.Helper()
	chain.ExtrinsicsName = map[types.CallIndex]string{}
	for _, name := range []string{
		chain.ExtName_Audit_submit_idle_proof, chain.ExtName_Audit_submit_service_proof,
		chain.ExtName_Audit_submit_verify_idle_result, chain.ExtName_Audit_submit_verify_service_result,
		chain.ExtName_Balances_transferKeepAlive,
		chain.ExtName_Oss_authorize, chain.ExtName_Oss_cancel_authorize, chain.ExtName_Oss_register,
		chain.ExtName_Oss_update, chain.ExtName_Oss_destroy,
		chain.ExtName_FileBank_upload_declaration, chain.ExtName_FileBank_delete_file, chain.ExtName_FileBank_transfer_report,
		chain.ExtName_FileBank_generate_restoral_order, chain.ExtName_FileBank_claim_restoral_order,
		chain.ExtName_FileBank_claim_restoral_noexist_order, chain.ExtName_FileBank_restoral_order_complete,
		chain.ExtName_FileBank_cert_idle_space, chain.ExtName_FileBank_replace_idle_space,
		chain.ExtName_FileBank_calculate_report, chain.ExtName_FileBank_territory_file_delivery,
		chain.ExtName_Sminer_increase_collateral, chain.ExtName_Sminer_miner_exit, chain.ExtName_Sminer_miner_withdraw,
		chain.ExtName_Sminer_receive_reward, chain.ExtName_Sminer_register_pois_key, chain.ExtName_Sminer_regnstk,
		chain.ExtName_Sminer_regnstk_assign_staking, chain.ExtName_Sminer_update_beneficiary, chain.ExtName_Sminer_update_endpoint,
		chain.ExtName_StorageHandler_mint_territory, chain.ExtName_StorageHandler_expanding_territory,
		chain.ExtName_StorageHandler_renewal_territory, chain.ExtName_StorageHandler_reactivate_territory,
		chain.ExtName_StorageHandler_territory_consignment, chain.ExtName_StorageHandler_cancel_consignment,
		chain.ExtName_StorageHandler_buy_consignment, chain.ExtName_StorageHandler_cancel_purchase_action,
	} {
		index, err := c.GetMetadata().FindCallIndex(name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		chain.ExtrinsicsName[index] = name
	}
}

// call is a method of the SDK that sends an extrinsic.
type call struct {
	method string
	send   func() (block string, err error)
	// want is the error that the chain must answer with, "" for success.
	want string
	// refused is a part of the error of a call that no block includes.
	refused string
}

// do makes one call and holds its outcome against the wanted one.
func (w *world) do(by actor, c call) {
	w.t.Helper()
	block, err := c.send()
	for try := 0; err != nil && strings.Contains(err.Error(), "Priority is too low") && try < 5; try++ {
		time.Sleep(time.Second) // the account's own node was faster
		block, err = c.send()
	}
	if c.refused != "" {
		if err == nil || !strings.Contains(err.Error(), c.refused) {
			w.t.Errorf("%s: %v, want an error with %q", c.method, err, c.refused)
		}
		return
	}
	if block == "" {
		w.t.Errorf("%s: not in a block: %v", c.method, err)
		return
	}
	if got := w.ours.outcome(block, by.key()); got != c.want {
		w.t.Errorf("%s: %q (%v), want %q", c.method, got, err, c.want)
	}
	if (err == nil) != (c.want == "") {
		w.t.Errorf("%s: the SDK says %v, the chain %q", c.method, err, c.want)
	}
}

// hash64 is a hash of a file, a segment or a fragment that nobody has.
func hash64(seed string) string {
	h := sha256.Sum256([]byte(seed))
	return hex.EncodeToString(h[:])
}

func fileHash(text string) (h chain.FileHash) {
	for i := range h {
		h[i] = types.U8(text[i])
	}
	return h
}

// fileOf is a file of one segment that nobody has: its name is the hash of the
// segments' hashes.
func fileOf(seed string) (fid string, list []chain.SegmentDataInfo) {
	inner := sha256.Sum256([]byte(seed))
	outer := sha256.Sum256(inner[:])
	s := chain.SegmentDataInfo{SegmentHash: hex.EncodeToString(inner[:])}
	for i := range 12 {
		s.FragmentHash = append(s.FragmentHash, hash64(fmt.Sprint(seed, i)))
	}
	return hex.EncodeToString(outer[:]), []chain.SegmentDataInfo{s}
}

// invalid is how the node refuses calls that the SDK encodes otherwise than any
// chain of this revision takes them: cancel_authorize with a length before the
// account, territory_file_delivery with a text instead of a hash,
// territory_consignment without the price, and miner_exit with a number where
// increase_declaration_space is meant.
const invalid = "Extrinsic has invalid format"

// calls are all methods of the SDK that send an extrinsic, by signer, in an
// order in which they make sense. The signers' lists run side by side.
func (w *world) calls() map[*actor][]call {
	tokens := func(n string) string { return n + chain.TokenPrecision_CESS }
	a, m, g := w.alice, w.miner, w.gateway
	acc := func(x actor) string { return x.GetSignatureAcc() }
	space := chain.SpaceProofInfo{Miner: types.AccountID(m.key())}
	sig := make(types.Bytes, 64)
	none := hash64("none" + w.suffix)
	return map[*actor][]call{
		&w.alice: {
			{method: "TransferToken", send: func() (string, error) { return a.TransferToken(acc(w.bob), tokens("1")) }},
			{method: "MintTerritory", send: func() (string, error) { return a.MintTerritory(2, w.first, 30) }},
			{method: "MintTerritory", send: func() (string, error) { return a.MintTerritory(1, w.second, 30) }},
			{method: "MintTerritory", send: func() (string, error) { return a.MintTerritory(1, w.sold, 30) }},
			{method: "ExpandingTerritory", send: func() (string, error) { return a.ExpandingTerritory(w.first, 1) }},
			{method: "RenewalTerritory", send: func() (string, error) { return a.RenewalTerritory(w.first, 30) }},
			{method: "ReactivateTerritory", want: "StorageHandler.NotExpire", send: func() (string, error) { return a.ReactivateTerritory(w.first, 30) }},
			{method: "Authorize", send: func() (string, error) { return a.Authorize(w.gateway.key()) }},
			{method: "Authorize", send: func() (string, error) { return a.Authorize(w.bob.key()) }},
			{method: "CancelAuthorize", refused: invalid, send: func() (string, error) { return a.CancelAuthorize(w.bob.key()) }},
			{method: "PlaceStorageOrder UploadDeclaration", send: func() (string, error) {
				return a.PlaceStorageOrder(w.deal, "a file", w.first, w.segments, a.key(), 1<<20)
			}},
			{method: "TerritoryFileDelivery", refused: invalid, send: func() (string, error) { return a.TerritoryFileDelivery(a.key(), none, w.second) }},
			{method: "DeleteFile", want: "FileBank.NonExistent", send: func() (string, error) { return a.DeleteFile(a.key(), none) }},
			{method: "TerritoryConsignment", refused: invalid, send: func() (string, error) { return a.TerritoryConsignment(w.sold) }},
			{method: "SendEvmCall", refused: "EVM", send: func() (string, error) {
				return a.SendEvmCall(types.H160{}, types.H160{}, nil, types.U256{}, 0, types.U256{}, nil)
			}},
		},
		&w.miner: {
			{method: "RegnstkSminer", send: func() (string, error) { return m.RegnstkSminer(acc(m), []byte("127.0.0.1:1"), 4000, 1) }},
			{method: "IncreaseCollateral", send: func() (string, error) { return m.IncreaseCollateral(m.key(), tokens("10")) }},
			{method: "UpdateBeneficiary", send: func() (string, error) { return m.UpdateBeneficiary(acc(w.bob)) }},
			{method: "UpdateSminerEndpoint", send: func() (string, error) { return m.UpdateSminerEndpoint([]byte("127.0.0.1:2")) }},
			{method: "IncreaseDeclarationSpace", refused: invalid, send: func() (string, error) { return m.IncreaseDeclarationSpace(1) }},
			{method: "RegisterPoisKey", want: "Sminer.VerifyTeeSigFailed", send: func() (string, error) { return m.RegisterPoisKey(space.PoisKey, sig, sig, w.worker) }},
			{method: "ReceiveReward", want: "Sminer.NotpositiveState", send: func() (string, error) { return m.ReceiveReward() }},
			{method: "MinerExitPrep", want: "the origin may not make this call", send: func() (string, error) { return m.MinerExitPrep() }},
			{method: "MinerWithdraw", want: "Sminer.StateError", send: func() (string, error) { return m.MinerWithdraw() }},
			{method: "CertIdleSpace", want: "FileBank.TeeNoPermission", send: func() (string, error) { return m.CertIdleSpace(space, sig, sig, w.worker) }},
			{method: "ReplaceIdleSpace", want: "FileBank.TeeNoPermission", send: func() (string, error) { return m.ReplaceIdleSpace(space, sig, sig, w.worker) }},
			{method: "CalculateReport", want: "FileBank.VerifyTeeSigFailed", send: func() (string, error) {
				return m.CalculateReport(sig, chain.TagSigInfo{Miner: types.AccountID(m.key()), Filehash: fileHash(none)})
			}},
			{method: "TransferReport", want: "FileBank.MinerStateError", send: func() (string, error) { return m.TransferReport(1, none) }},
		},
		&w.poor: {
			{method: "RegnstkAssignStaking", send: func() (string, error) {
				return w.poor.RegnstkAssignStaking(acc(w.poor), []byte("127.0.0.1:1"), acc(w.bob), 1)
			}},
			{method: "GenerateRestoralOrder", want: "FileBank.NonExistent", send: func() (string, error) { return w.poor.GenerateRestoralOrder(none, none) }},
			{method: "ClaimRestoralOrder", want: "FileBank.MinerStateError", send: func() (string, error) { return w.poor.ClaimRestoralOrder(none) }},
			{method: "ClaimRestoralNoExistOrder", want: "FileBank.MinerStateError", send: func() (string, error) {
				return w.poor.ClaimRestoralNoExistOrder(w.poor.key(), none, none)
			}},
			{method: "RestoralOrderComplete", want: "FileBank.MinerStateError", send: func() (string, error) { return w.poor.RestoralOrderComplete(none) }},
			{method: "SubmitIdleProof", want: "Audit.NoChallenge", send: func() (string, error) { return w.poor.SubmitIdleProof(make([]types.U8, 32)) }},
			{method: "SubmitServiceProof", want: "Audit.NoChallenge", send: func() (string, error) { return w.poor.SubmitServiceProof(make([]types.U8, 32)) }},
			{method: "SubmitVerifyIdleResult", want: "Audit.NoChallenge", send: func() (string, error) {
				return w.poor.SubmitVerifyIdleResult(make([]types.U8, 32), 0, 0, chain.Accumulator{}, true, sig, w.worker)
			}},
			{method: "SubmitVerifyServiceResult", want: "Audit.NoChallenge", send: func() (string, error) {
				return w.poor.SubmitVerifyServiceResult(true, sig, chain.BloomFilter{}, w.worker)
			}},
		},
		&w.gateway: {
			{method: "RegisterOss", send: func() (string, error) { return g.RegisterOss("http://one") }},
			{method: "UpdateOss", send: func() (string, error) { return g.UpdateOss("http://two") }},
			{method: "DestroyOss", send: func() (string, error) { return g.DestroyOss() }},
			{method: "RegisterOss", send: func() (string, error) { return g.RegisterOss("http://three") }},
		},
	}
}

// market are calls on what others made.
func (w *world) market() map[*actor][]call {
	sell := func(name string) func() (string, error) {
		return func() (string, error) { return w.alice.CancelConsignment(name) }
	}
	return map[*actor][]call{&w.alice: {
		{method: "CancelConsignment", send: sell(w.second)},
	}, &w.bob: {
		{method: "BuyConsignment", send: func() (string, error) { return w.bob.BuyConsignment(w.token, "mine"+w.suffix) }},
		{method: "CancelPurchaseAction", send: func() (string, error) { return w.bob.CancelPurchaseAction(w.token) }},
		{method: "BuyConsignment", send: func() (string, error) { return w.bob.BuyConsignment(w.token, "mine"+w.suffix) }},
	}}
}

// run makes the calls of several signers side by side.
func (w *world) run(lists map[*actor][]call) {
	var all sync.WaitGroup
	for by, list := range lists {
		all.Go(func() {
			for _, c := range list {
				w.do(*by, c)
			}
		})
	}
	all.Wait()
}

// others are methods that neither query the state nor send an extrinsic.
var others = strings.Fields(`ChainGetBlock ChainGetBlockHash ChainGetFinalizedHead Close GetBalances GetCurrentRpcAddr
	GetMetadata GetNetworkEnv GetRpcState GetSDKName GetSignatureAcc GetSignatureAccPulickey GetSubstrateAPI GetTokenSymbol
	GetURI InitExtrinsicsName InitExtrinsicsNameForMiner InitExtrinsicsNameForOSS NetListening ParseBlockData ReconnectRpc
	RetrieveAllEventName RetrieveEvent SetBalances SetRpcState Sign SubmitExtrinsic SystemChain SystemProperties
	SystemSyncState SystemVersion Verify`)

// No method of the SDK may be forgotten: each is a query, a call or one of the
// others.
func TestEveryMethodIsTested(t *testing.T) {
	w := &world{}
	known := map[string]bool{}
	for _, name := range others {
		known[name] = true
	}
	for _, lists := range []map[*actor][]call{w.calls(), w.market()} {
		for _, list := range lists {
			for _, c := range list {
				for _, name := range strings.Fields(c.method) {
					known[name] = true
				}
			}
		}
	}
	for _, q := range w.queries() {
		known[q.method] = true
	}
	methods := reflect.TypeFor[*chain.ChainClient]()
	for i := range methods.NumMethod() {
		name := methods.Method(i).Name
		if !known[name] {
			t.Errorf("%s is not tested", name)
		}
		delete(known, name)
	}
	for name := range known {
		t.Errorf("the SDK has no method %s", name)
	}
}

func (w *world) publicKey(address string) []byte {
	w.t.Helper()
	return must[[]byte](w.t)(utils.ParsingPublickey(address))
}
