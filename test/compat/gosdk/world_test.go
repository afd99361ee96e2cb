package gosdk

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/AstaFrode/go-substrate-rpc-client/v4/signature"
	"github.com/AstaFrode/go-substrate-rpc-client/v4/types"
	"github.com/CESSProject/cess-go-sdk/chain"
)

// errMoved says that the state changed between two questions.
var errMoved = errors.New("the state changed meanwhile")

// long is true when the network may take minutes until there is everything to
// read: two eras and several audits.
var long = os.Getenv("CESS_COMPAT_LONG") != ""

// All calls and queries of the SDK: the calls make the state that the queries
// read, both as the project's own SDK does.
func TestAllOfTheSDK(t *testing.T) {
	r := network(t)
	w := &world{t: t, net: r, ours: startOurs(t, r), suffix: fmt.Sprint(time.Now().UnixNano() % 1e9)}
	w.alice, w.bob = newActor(t, r, "//Alice"), newActor(t, r, "//Bob")
	knowCalls(t, w.alice.ChainClient)
	for name, a := range map[string]*actor{"Miner": &w.miner, "Poor": &w.poor, "Gateway": &w.gateway} {
		*a = newActor(t, r, "//Compat"+name+w.suffix)
	}
	w.first, w.second, w.sold = "first"+w.suffix, "second"+w.suffix, "sold"+w.suffix
	w.deal, w.segments = fileOf("deal" + w.suffix)
	w.fund()
	w.run(w.calls())
	territory := must[chain.TerritoryInfo](t)(w.alice.QueryTerritory(w.alice.key(), w.sold, -1))
	w.token = territory.Token
	for _, name := range []string{w.second, w.sold} {
		w.cess("tx", "StorageHandler.territory_consignment", name, "100TCESS", "--from", "//Alice")
	}
	w.run(w.market())
	w.stake()
	w.lose()
	w.find()
	for _, q := range w.queries() {
		t.Run(q.method, func(t *testing.T) { w.testQuery(t, q) })
	}
}

// fund pays for the new accounts and bonds for Bob's nomination; the upstream
// SDK has no calls for staking.
func (w *world) fund() {
	w.t.Helper()
	for a, n := range map[*actor]string{&w.miner: "10000", &w.poor: "100", &w.gateway: "100"} {
		if _, err := w.alice.TransferToken(a.GetSignatureAcc(), n+chain.TokenPrecision_CESS); err != nil {
			w.t.Fatal(err)
		}
	}
}

// cess runs the project's own program.
func (w *world) cess(args ...string) {
	w.t.Helper()
	cmd := exec.Command(os.Getenv("CESS_BIN"), args...)
	cmd.Env = append(os.Environ(), "CESS_NODE="+w.net.RPC)
	if out, err := cmd.CombinedOutput(); err != nil {
		w.t.Fatalf("cess %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// stake makes Bob a nominator, and the validator one that takes a tenth.
func (w *world) stake() {
	w.t.Helper()
	validators := must[[]types.AccountID](w.t)(w.alice.QueryValidators(-1))
	w.validator = validators[0][:]
	if os.Getenv("CESS_BIN") == "" {
		w.t.Fatal("CESS_BIN names no binary: run make build first")
	}
	if _, set := w.ours.item("Staking.Ledger", "", w.bob.key()); !set {
		w.cess("tx", "Staking.bond", "1000TCESS", "Staked", "--from", "//Bob")
	}
	w.cess("tx", "Staking.nominate", `["`+hexOf(w.validator)+`"]`, "--from", "//Bob")
	w.cess("tx", "Staking.validate", `{"commission":100000000,"blocked":false}`, "--from", "//Alice//stash")
}

// find picks a worker, an audited miner and an era that is over.
func (w *world) find() {
	w.t.Helper()
	workers := must[[]chain.WorkerInfo](w.t)(w.alice.QueryAllWorkers(-1))
	w.worker = workers[0].Pubkey
	miners := must[[]types.AccountID](w.t)(w.alice.QueryAllMiner(-1))
	w.audited = miners[0][:]
	// One that has been audited before is better.
	pick := func(item string) {
		for _, m := range miners {
			if _, set := w.ours.item(item, "", m[:]); set {
				w.audited = m[:]
				return
			}
		}
	}
	pick("Audit.ChallengeSnapShot")
	w.past = w.paidEra()
	if !long {
		return
	}
	from := w.past
	start := must[uint32](w.t)(w.alice.QueryStakingStartBlock(w.left, -1))
	lock := integer(must[[]byte](w.t)(w.alice.GetMetadata().FindConstantValue("Sminer", "StakingLockBlock")))
	w.until("a miner may leave", func() bool {
		return must[uint32](w.t)(w.alice.QueryBlockNumber("")) > start+uint32(lock.Uint64())
	})
	w.cess("tx", "Sminer.miner_exit_prep", hexOf(w.left), "--from", w.leaver)
	w.until("a miner left and two eras passed", func() bool {
		_, left := w.ours.item("Sminer.RestoralTarget", "", w.left)
		w.past = w.paidEra()
		return left && w.past >= from+2
	})
	w.until("an audited miner is audited again", func() bool {
		for _, m := range miners {
			_, now := w.ours.item("Audit.ChallengeSnapShot", "", m[:])
			_, before := w.ours.item("Sminer.CompleteMinerSnapShot", "", m[:])
			if now && before {
				w.audited = m[:]
				return true
			}
		}
		return false
	})
}

// paidEra is the newest era that was paid, the first one if none was.
func (w *world) paidEra() uint32 {
	w.t.Helper()
	for era := must[uint32](w.t)(w.alice.QueryCurrentEra(-1)); era > 0; era-- {
		if _, set := w.ours.item("Staking.ErasValidatorReward", "", encode(era)); set {
			return era
		}
	}
	return 0
}

func (w *world) until(what string, holds func() bool) {
	w.t.Helper()
	const limit = 12 * time.Minute // a miner may leave after 600 blocks
	for deadline := time.Now().Add(limit); !holds(); time.Sleep(500 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("not after %v: %s", limit, what)
		}
	}
}

// lose lets a miner tell that it lost a fragment of a file, with the key that
// its node uses too.
func (w *world) lose() {
	w.t.Helper()
	if w.fid = os.Getenv("CESS_FID"); w.fid == "" {
		w.t.Fatal("CESS_FID is not set: no file is stored")
	}
	secrets := map[types.AccountID]string{}
	for i := range 14 {
		suri := fmt.Sprint("//Miner", i+1)
		pair, err := signature.KeyringPairFromSecret(suri, 11330)
		if err != nil {
			w.t.Fatal(err)
		}
		secrets[types.AccountID(pair.PublicKey)] = suri
	}
	file := must[chain.FileMetadata](w.t)(w.alice.QueryFile(w.fid, -1))
	lost := file.SegmentList[0].FragmentList[0]
	var text strings.Builder
	for _, b := range lost.Hash {
		text.WriteByte(byte(b))
	}
	w.holder, w.fragment = lost.Miner[:], text.String()
	// The upstream SDK waits in vain if the node's own call takes the nonce.
	w.cess("tx", "FileBank.generate_restoral_order", w.fid, w.fragment, "--from", secrets[lost.Miner])
	for id, suri := range secrets {
		if id != lost.Miner {
			w.left, w.leaver = id[:], suri
		}
	}
}

// testQuery is holds for a query that must find what the network has had the
// time to make.
func (w *world) testQuery(t *testing.T, q query) {
	if found := w.holds(t, q); !found && (q.lacks == "" || long && (q.lacks == soon || q.lacks == gone)) {
		t.Error("nothing is stored")
	} else if !found {
		t.Logf("nothing is stored: %s", q.lacks)
	}
}

// holds compares a query at the best block and at one of the past with the own
// SDK. It says whether something was stored at either; true for what is compared
// with nothing.
func (w *world) holds(t *testing.T, q query) (found bool) {
	if q.fails != "" {
		// The SDK turns its own panics into empty answers.
		v, err := q.ask(-1)
		if err == nil && !reflect.ValueOf(v).IsZero() || err != nil && !strings.Contains(err.Error(), q.fails) {
			t.Errorf("%+v, %v; want an error with %q: it %s", v, err, q.fails, q.why)
		}
		return true
	}
	if q.item == "" {
		if _, err := q.ask(-1); err != nil {
			t.Error(err)
		}
		return true
	}
	blocks := []int32{-1, 0}
	if q.latest {
		blocks = blocks[:1]
	}
	for i, block := range blocks {
		var absent bool
		var err error
		for range 20 {
			at := ""
			if i == 1 {
				head := must[uint32](t)(w.alice.QueryBlockNumber(""))
				block = int32(head) - 1
				hash := must[types.Hash](t)(w.alice.ChainGetBlockHash(uint32(block)))
				at = hash.Hex()
			}
			if absent, err = w.hold(q, block, at); err == nil {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		if err != nil {
			t.Errorf("block %d: %v", block, err)
		}
		found = found || !absent
	}
	return found
}
