package trie

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/ChainSafe/gossamer/pkg/trie/proof"
)

// TestReadProofs has gossamer verify the proofs of a running node against the
// state roots of its headers. CESS_READY names the network's ready file.
func TestReadProofs(t *testing.T) {
	file := os.Getenv("CESS_READY")
	if file == "" {
		t.Skip("CESS_READY names no ready file")
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var network struct {
		URL string `json:"rpc_http"`
	}
	if err := json.Unmarshal(b, &network); err != nil {
		t.Fatal(err)
	}
	node := node{t, network.URL}

	var best string
	node.call(&best, "chain_getFinalizedHead")
	var header struct{ Number, ParentHash string }
	node.call(&header, "chain_getHeader", best)
	for _, block := range []string{best, header.ParentHash} {
		var header struct{ StateRoot string }
		node.call(&header, "chain_getHeader", block)
		root := unhex(t, header.StateRoot)
		var keys []string
		node.call(&keys, "state_getKeysPaged", "0x", 1000, nil, block)
		if len(keys) < 100 {
			t.Fatalf("the state has %d keys", len(keys))
		}
		// Of each pallet some, so that the way to them differs.
		proved := 0
		for i := 0; i < len(keys); i += 5 {
			var value string
			node.call(&value, "state_getStorage", keys[i], block)
			var read struct {
				At    string
				Proof []string
			}
			node.call(&read, "state_getReadProof", []string{keys[i]}, block)
			if read.At != block {
				t.Fatalf("proof at %s, asked for %s", read.At, block)
			}
			nodes := make([][]byte, len(read.Proof))
			for j, n := range read.Proof {
				nodes[j] = unhex(t, n)
			}
			key, want := unhex(t, keys[i]), unhex(t, value)
			if len(want) == 0 {
				continue // gossamer counts an empty value as absent in places
			}
			if err := proof.Verify(nodes, root, key, want); err != nil {
				t.Errorf("%s at %s: %v", keys[i], block, err)
			}
			if err := proof.Verify(nodes, root, key, append(bytes.Clone(want), 1)); err == nil {
				t.Errorf("%s at %s: another value verifies", keys[i], block)
			}
			proved++
		}
		if proved < 20 {
			t.Errorf("%d proofs at %s", proved, block)
		}
	}
}

type node struct {
	t   *testing.T
	url string
}

// call decodes the result of a method into result.
func (n node) call(result any, method string, params ...any) {
	n.t.Helper()
	request, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
	if err != nil {
		n.t.Fatal(err)
	}
	r, err := http.Post(n.url, "application/json", bytes.NewReader(request))
	if err != nil {
		n.t.Fatal(err)
	}
	defer r.Body.Close()
	answer := struct {
		Result any
		Error  json.RawMessage
	}{Result: result}
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil || answer.Error != nil {
		n.t.Fatal(fmt.Errorf("%s: %s %w", method, answer.Error, err))
	}
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.TrimPrefix(text, "0x"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
