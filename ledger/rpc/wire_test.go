package rpc_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gocess/gocess/ledger/rpc"
)

// wireMethods are the methods of spec/wire.md §5.3, §5.4, §5.7 and §5.8, in its
// order, with parameters that make sense to the ledger of variables. Those with
// a code are answered with that error, and not listed by rpc_methods. The
// methods on session keys have a test of their own, and eth_* (§5.9) are not
// this interface's.
var wireMethods = []struct {
	names  string // the canonical one and its aliases
	params string
	code   int
}{
	{"rpc_methods", `[]`, 0},
	{"system_name", `[]`, 0},
	{"system_version", `[]`, 0},
	{"system_chain", `[]`, 0},
	{"system_chainType", `[]`, 0},
	{"system_properties", `[]`, 0},
	{"system_health", `[]`, 0},
	{"system_syncState", `[]`, 0},
	{"system_nodeRoles", `[]`, 0},
	{"system_localPeerId", `[]`, 0},
	{"system_localListenAddresses", `[]`, 0},
	{"system_peers", `[]`, 0},
	{"system_unstable_networkState system_networkState", `[]`, 0},
	{"system_accountNextIndex account_nextIndex", `[$aliceSS58]`, 0},
	{"system_dryRun system_dryRunAt", `[$pending]`, 0},
	{"system_removeReservedPeer", `["id"]`, 0},
	{"system_reservedPeers", `[]`, 0},
	{"system_addReservedPeer", `["/ip4/127.0.0.1/tcp/30333/p2p/b"]`, 0},
	{"system_addLogFilter", `["sync=debug"]`, -32000},
	{"system_resetLogFilter", `[]`, -32000},

	{"chain_getBlockHash chain_getHead", `[1]`, 0},
	{"chain_getFinalizedHead chain_getFinalisedHead", `[]`, 0},
	{"chain_getHeader", `[$hash1]`, 0},
	{"chain_getBlock", `[$hash2]`, 0},
	{"chain_subscribeNewHeads chain_subscribeNewHead subscribe_newHead", `[]`, 0},
	{"chain_unsubscribeNewHeads chain_unsubscribeNewHead unsubscribe_newHead", `["0x00"]`, 0},
	{"chain_subscribeFinalizedHeads chain_subscribeFinalisedHeads", `[]`, 0},
	{"chain_unsubscribeFinalizedHeads chain_unsubscribeFinalisedHeads", `["0x00"]`, 0},
	{"chain_subscribeAllHeads", `[]`, 0},
	{"chain_unsubscribeAllHeads", `["0x00"]`, 0},

	{"state_getMetadata", `[]`, 0},
	{"state_getRuntimeVersion chain_getRuntimeVersion", `[$hash1]`, 0},
	{"state_subscribeRuntimeVersion chain_subscribeRuntimeVersion", `[]`, 0},
	{"state_unsubscribeRuntimeVersion chain_unsubscribeRuntimeVersion", `["0x00"]`, 0},
	{"state_call state_callAt", `["Core_version","0x",$hash1]`, 0},
	{"state_getStorage state_getStorageAt", `[$aliceKey,$hash1]`, 0},
	{"state_getStorageHash state_getStorageHashAt", `[$aliceKey,$hash1]`, 0},
	{"state_getStorageSize state_getStorageSizeAt", `[$aliceKey,$hash1]`, 0},
	{"state_getKeysPaged state_getKeysPagedAt", `[$accounts,10,null,$hash1]`, 0},
	{"state_getKeys", `[$accounts,$hash1]`, 0},
	{"state_getPairs", `[$accounts,$hash1]`, 0},
	{"state_queryStorage", `[[$aliceKey],$hash1]`, 0},
	{"state_queryStorageAt", `[[$aliceKey],$hash1]`, 0},
	{"state_subscribeStorage", `[[$aliceKey]]`, 0},
	{"state_unsubscribeStorage", `["0x00"]`, 0},
	{"state_getReadProof", `[[$aliceKey],$hash1]`, 0},
	{"state_getChildReadProof", `["0x00",["0x00"],$hash1]`, 0},
	{"state_traceBlock", `[$hash2,null,null,null]`, 0},
	{"state_trieMigrationStatus", `[]`, 0},
	{"childstate_getKeys state_getChildKeys", `["0x00","0x",$hash1]`, 0},
	{"childstate_getKeysPaged childstate_getKeysPagedAt", `["0x00","0x",10,null,$hash1]`, 0},
	{"childstate_getStorage state_getChildStorage", `["0x00","0x",$hash1]`, 0},
	{"childstate_getStorageHash state_getChildStorageHash", `["0x00","0x",$hash1]`, 0},
	{"childstate_getStorageSize state_getChildStorageSize", `["0x00","0x",$hash1]`, 0},
	{"childstate_getStorageEntries", `["0x00",["0x00"],$hash1]`, 0},

	{"author_pendingExtrinsics", `[]`, 0},
	{"author_unwatchExtrinsic", `["0x00"]`, 0},
	{"author_removeExtrinsic", `[[]]`, 0},

	{"payment_queryInfo", `[$pending]`, 0},
	{"payment_queryFeeDetails", `[$pending]`, 0},
	{"offchain_localStorageSet", `["PERSISTENT","0x01","0x02"]`, 0},
	{"offchain_localStorageGet", `["PERSISTENT","0x01"]`, 0},
	{"net_listening", `[]`, 0},
	{"net_version", `[]`, 0},
	{"net_peerCount", `[]`, 0},

	{"babe_epochAuthorship rrsc_epochAuthorship", `[]`, 0},
	{"grandpa_roundState", `[]`, -32000},
	{"grandpa_proveFinality", `[1]`, -32000},
	{"grandpa_subscribeJustifications", `[]`, -32000},
	{"grandpa_unsubscribeJustifications", `["0x00"]`, -32000},
	{"beefy_getFinalizedHead", `[]`, -32000},
	{"beefy_subscribeJustifications", `[]`, -32000},
	{"beefy_unsubscribeJustifications", `["0x00"]`, -32000},
	{"mmr_root", `[]`, -32000},
	{"mmr_generateProof", `[[1]]`, -32000},
	{"mmr_verifyProof", `[{}]`, -32000},
	{"mmr_verifyProofStateless", `["0x00",{}]`, -32000},
	{"sync_state_genSyncSpec", `[true]`, -32000},
	{"dev_getBlockStats", `[$hash1]`, -32000},

	{"chainSpec_v1_chainName", `[]`, 0},
	{"chainSpec_v1_genesisHash", `[]`, 0},
	{"chainSpec_v1_properties", `[]`, 0},
	{"chainHead_v1_header", `["0x00",$hash1]`, 0},
	{"chainHead_v1_body", `["0x00",$hash1]`, 0},
	{"chainHead_v1_call", `["0x00",$hash1,"Core_version","0x"]`, 0},
	{"chainHead_v1_storage", `["0x00",$hash1,[],null]`, 0},
	{"chainHead_v1_continue", `["0x00","1"]`, 0},
	{"chainHead_v1_stopOperation", `["0x00","1"]`, 0},
	{"chainHead_v1_unpin", `["0x00",$hash1]`, 0},
	{"chainHead_v1_follow", `[true]`, 0},
	{"chainHead_v1_unfollow", `["0x00"]`, 0},
	{"transaction_v1_stop", `["0x00"]`, -32602}, // no such operation: the specification wants an error
	{"transactionWatch_v1_unwatch", `["0x00"]`, 0},
	{"archive_v1_genesisHash", `[]`, 0},
	{"archive_v1_finalizedHeight", `[]`, 0},
	{"archive_v1_hashByHeight", `[1]`, 0},
	{"archive_v1_header", `[$hash1]`, 0},
	{"archive_v1_body", `[$hash1]`, 0},
	{"archive_v1_call", `[$hash1,"Core_version","0x"]`, 0},
	{"archive_v1_storage", `[$hash1,[],null]`, 0},
	{"archive_v1_stopStorage", `["0x00"]`, 0},
	{"archive_v1_storageDiff", `[$hash1]`, 0},
	{"archive_v1_stopStorageDiff", `["0x00"]`, 0},

	{"ces_getStorageChanges", `[$genesis,$hash2]`, 0},
	{"ces_getStorageChangesWithRoot", `[$hash1,$hash2]`, 0},
	{"ces_getStorageChangesAt", `[$hash2]`, 0},
	{"ces_getMqNextSequence", `["00"]`, 20006},

	// Last: they take the pending extrinsic.
	{"transactionWatch_v1_submitAndWatch", `["0x00"]`, 0},
	{"transaction_v1_broadcast", `["0x00"]`, 0},
	{"author_submitExtrinsic", `[$pending]`, 1013},
	{"author_submitAndWatchExtrinsic", `[$pending]`, 1013},
}

// memory is off-chain storage that lasts as long as the test.
type memory struct {
	mu    sync.Mutex
	pairs map[string][]byte
}

func (m *memory) Get(key []byte) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.pairs[string(key)], nil
}

func (m *memory) Set(key, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.pairs) == 1 && m.pairs[string(key)] == nil {
		return fmt.Errorf("%w: one key is enough", rpc.ErrOffchainFull)
	}
	m.pairs[string(key)] = value
	return nil
}

// Every method that spec/wire.md lists is answered, or says why it is not; and
// rpc_methods lists those that are answered, and nothing else.
func TestEveryMethodOfTheSpec(t *testing.T) {
	n := startNode(t, rpc.Config{}, withNode(smallNetwork{}), withOffchain(&memory{pairs: map[string][]byte{}}))
	vars := variables(n)
	c := n.dial()
	var listed struct{ Methods []string }
	if err := json.Unmarshal([]byte(c.result("rpc_methods", "")), &listed); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, m := range wireMethods {
		for _, name := range strings.Fields(m.names) {
			known[name] = true
			answer := c.call(name, vars.Replace(m.params))
			if m.code == 0 && !strings.HasPrefix(answer, `{"jsonrpc":"2.0","id":1,"result":`) {
				t.Errorf("%s %s: %.300s", name, m.params, answer)
			}
			if m.code != 0 && !strings.HasPrefix(answer, fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"error":{"code":%d,"message":"`, m.code)) {
				t.Errorf("%s %s: %.300s, want error %d", name, m.params, answer, m.code)
			}
			unavailable := m.code == -32000 || m.code == 20006
			if slices.Contains(listed.Methods, name) == unavailable {
				t.Errorf("%s is listed: %v", name, !unavailable)
			}
		}
	}
	for _, name := range listed.Methods {
		if !known[name] && !strings.HasPrefix(name, "author_") {
			t.Errorf("%s is listed, and not in the table of this test", name)
		}
	}
}
