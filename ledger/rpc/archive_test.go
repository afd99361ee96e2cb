package rpc_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/rpc"
	"github.com/gocess/gocess/ledger/state"
)

// drain reads the events of a subscription up to the one that starts with last.
func (c *client) drain(method, id, last string) []string {
	c.t.Helper()
	var out []string
	for {
		e := c.event()
		if e.Method != method || e.Params.Subscription != id {
			c.t.Fatalf("got %+v, want %s of %s", e, method, id)
		}
		out = append(out, string(e.Params.Result))
		if strings.HasPrefix(out[len(out)-1], last) {
			return out
		}
	}
}

func TestArchiveStorage(t *testing.T) {
	n := startNode(t, rpc.Config{})
	vars := variables(n)
	c := n.dial()
	read := func(params, last string) []string {
		t.Helper()
		return c.drain("archive_v1_storageEvent", c.subscribe("archive_v1_storage", vars.Replace(params)), last)
	}
	const done, failed = `{"event":"storageDone"}`, `{"event":"storageError"`
	got := read(`[$hash2,[{"key":$bobKey,"type":"value"},{"key":$bobKey,"type":"hash"},{"key":$nobodyKey,"type":"value"}],null]`, done)
	want := []string{
		vars.Replace(`{"event":"storage","key":$bobKey,"value":`) + c.result("state_getStorage", vars.Replace("[$bobKey,$hash2]")) + `}`,
		vars.Replace(`{"event":"storage","key":$bobKey,"hash":`) + c.result("state_getStorageHash", vars.Replace("[$bobKey,$hash2]")) + `}`,
		done,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	if got := read(`[$hash1,[{"key":$bobKey,"type":"value"}]]`, done); len(got) != 1 {
		t.Errorf("before the transfer: %v", got)
	}
	accounts := n.count(c, vars.Replace("$accounts"), vars.Replace("$hash1"))
	if got := read(`[$hash1,[{"key":$accounts,"type":"descendantsValues"}]]`, done); len(got) != accounts+1 {
		t.Errorf("all %d accounts: %v", accounts, got)
	}
	got = read(`[$hash1,[{"key":$accounts,"type":"descendantsHashes","paginationStartKey":$aliceKey}]]`, done)
	if len(got) != 2 || !strings.Contains(got[0], vars.Replace(`"key":$rewardKey,"hash":"0x`)) {
		t.Errorf("accounts after Alice's: %v", got)
	}
	if got := read(`[$hash1,[{"key":$accounts,"type":"descendantsValues"}],"0x01"]`, done); len(got) != 1 {
		t.Errorf("child trie: %v", got)
	}
	if got := read(`[$unknown,[]]`, failed); !strings.Contains(got[0], "UnknownBlock") {
		t.Errorf("unknown block: %v", got)
	}
	for _, params := range []string{
		`[$hash1]`, `[$hash1,[{"key":"0x0","type":"value"}]]`, `[$hash1,[{"type":"value"}]]`, `[$hash1,[7]]`,
		`[$hash1,[{"key":"0x00","type":"value","paginationStartKey":"0x00"}]]`,
	} {
		if got := c.call("archive_v1_storage", vars.Replace(params)); !strings.Contains(got, "-32602") {
			t.Errorf("%s: %s", params, got)
		}
	}
}

// The difference of two states is the same whether the block still knows what
// it wrote or all keys are compared, and turns the one into the other.
func TestArchiveStorageDiff(t *testing.T) {
	for name, opts := range map[string]func(*setup){
		"written keys known":     withChain(),
		"written keys forgotten": withChain(chain.WithRecent(1, 0)),
	} {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, rpc.Config{}, opts)
			vars := variables(n)
			c := n.dial()
			diff := func(params, last string) []string {
				t.Helper()
				return c.drain("archive_v1_storageDiffEvent", c.subscribe("archive_v1_storageDiff", vars.Replace(params)), last)
			}
			const done, failed = `{"event":"storageDiffDone"}`, `{"event":"storageDiffError"`

			for _, step := range []struct {
				params        string
				before, after string
			}{
				{`[$hash2]`, "$hash1", "$hash2"},
				{`[$best,null,$genesis]`, "$genesis", "$best"},
			} {
				pairs := n.pairs(c, vars.Replace(step.before))
				for _, text := range diff(step.params, done) {
					var e struct{ Event, Key, Value, Type string }
					if err := json.Unmarshal([]byte(text), &e); err != nil {
						t.Fatal(err)
					}
					_, had := pairs[e.Key]
					switch {
					case e.Event == "storageDiffDone":
					case e.Type == "added" && !had, e.Type == "modified" && had && pairs[e.Key] != e.Value:
						pairs[e.Key] = e.Value
					case e.Type == "deleted" && had:
						delete(pairs, e.Key)
					default:
						t.Errorf("%s: had %v: %s", step.params, had, text)
					}
				}
				want := n.pairs(c, vars.Replace(step.after))
				if len(pairs) != len(want) {
					t.Errorf("%s: %d pairs, want %d", step.params, len(pairs), len(want))
				}
				for key, value := range want {
					if pairs[key] != value {
						t.Errorf("%s: %s is %q, want %q", step.params, key, pairs[key], value)
					}
				}
			}

			got := diff(`[$hash2,[{"key":$bobKey,"returnType":"hash"},{"key":$nobodyKey,"returnType":"value"},{"returnType":"value","childTrieKey":"0x01"}]]`, done)
			want := vars.Replace(`{"event":"storageDiff","key":$bobKey,"hash":`) + c.result("state_getStorageHash", vars.Replace("[$bobKey,$hash2]")) + `,"type":"added"}`
			if len(got) != 2 || got[0] != want {
				t.Errorf("got %v, want %s", got, want)
			}
			if got := diff(`[$best,null,$best]`, done); len(got) != 1 {
				t.Errorf("a block and itself: %v", got)
			}
			for _, params := range []string{`[$unknown]`, `[$best,null,$unknown]`, `[$hash1,null,$hash2]`, `[$genesis]`} {
				if got := diff(params, failed); len(got) != 1 {
					t.Errorf("%s: %v", params, got)
				}
			}
			for _, params := range []string{`[$best,[{"key":"0x00"}]]`, `[$best,[{"returnType":"size"}]]`, `[$best,7]`} {
				if got := c.call("archive_v1_storageDiff", vars.Replace(params)); !strings.Contains(got, "-32602") {
					t.Errorf("%s: %s", params, got)
				}
			}
		})
	}
}

// count is the number of keys under a prefix after a block.
func (n *node) count(c *client, prefix, hash string) int {
	n.t.Helper()
	var list []string
	if err := json.Unmarshal([]byte(c.result("state_getKeys", "["+prefix+","+hash+"]")), &list); err != nil {
		n.t.Fatal(err)
	}
	return len(list)
}

// pairs reads the whole state after a block.
func (n *node) pairs(c *client, hash string) map[string]string {
	n.t.Helper()
	var list [][2]string
	if err := json.Unmarshal([]byte(c.result("state_getPairs", `["0x",`+hash+`]`)), &list); err != nil {
		n.t.Fatal(err)
	}
	pairs := make(map[string]string, len(list))
	for _, p := range list {
		pairs[p[0]] = p[1]
	}
	return pairs
}

// More than a page comes whole and in order.
func TestLongArchiveAnswers(t *testing.T) {
	n := startNode(t, rpc.Config{})
	n.fund(5000)
	best := quoted(n.chain.Best().Hash)
	c := n.dial()
	prefix := hexes(system.Accounts.Prefix())
	id := c.subscribe("archive_v1_storage", `[`+best+`,[{"key":`+prefix+`,"type":"descendantsValues"}]]`)
	got := c.drain("archive_v1_storageEvent", id, `{"event":"storageDone"}`)
	if len(got) < 5000 || !slices.IsSorted(got[:len(got)-1]) {
		t.Errorf("%d events", len(got))
	}
	id = c.subscribe("archive_v1_storageDiff", `[`+best+`]`)
	if got := c.drain("archive_v1_storageDiffEvent", id, `{"event":"storageDiffDone"}`); len(got) != 5001 {
		t.Errorf("%d differences, want 5000", len(got)-1)
	}
}

func TestPrunedNodeHasNoArchive(t *testing.T) {
	n := startNode(t, rpc.Config{Pruned: true}, withStore(state.WithRetention(2)))
	for range 8 {
		n.produce()
	}
	if err := n.store.Prune(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := n.dial()
	if got := c.result("rpc_methods", ""); strings.Contains(got, "archive_") || !strings.Contains(got, "chainHead_v1_follow") {
		t.Errorf("methods %s", got)
	}
	// The head is followed as on any node, from where the state is kept.
	id, begin, _ := c.follow(true)
	c.start("chainHead_v1_storage", `["`+id+`",`+quoted(begin.FinalizedBlockHashes[0])+`,[{"key":"0x00","type":"value"}],null]`)
	if e := c.followed(id); e.Event != "operationStorageDone" {
		t.Errorf("state: %s", e.raw)
	}
	c.start("chainHead_v1_body", `["`+id+`",`+quoted(begin.FinalizedBlockHashes[0])+`]`)
	if e := c.followed(id); e.Event != "operationBodyDone" {
		t.Errorf("body: %s", e.raw)
	}
}
