package rpc_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/gocess/gocess/ledger/rpc"
)

// anyCall calls methods over HTTP with parameters that may be nonsense.
type anyCall struct {
	node    *node
	methods []string
	params  []string // some that mean something to some method
	http    *http.Client
}

func newAnyCall(t testing.TB) *anyCall {
	t.Helper()
	n := startNode(t, rpc.Config{})
	vars := variables(n)
	c := &anyCall{
		node: n,
		params: []string{
			`[]`, `null`, `{"a":1}`, `[null,null]`, `["0x"]`, `["0x3a01","0x",10,null]`, `[[]]`, `[["0x",null,7],"0x00"]`,
			`[[0,"0x1"],1]`, `["Core_version","0x"]`, `["AccountNonceApi_account_nonce","0x00"]`, `[{"hash":"0x"}]`, `[[{"extrinsic":"zz"}]]`,
			vars.Replace(`[$transfer,$best]`), vars.Replace(`[$accounts,10,null,$best]`),
			vars.Replace(`[[$bobKey],$genesis,$best]`), vars.Replace(`[$aliceSS58,$unknown]`),
			vars.Replace(`["TransactionPaymentApi_query_info",$transfer,$hash1]`),
		},
		http: &http.Client{Transport: &http.Transport{DialContext: (&net.Dialer{}).DialContext}},
	}
	t.Cleanup(c.http.CloseIdleConnections)
	var list struct{ Methods []string }
	if err := json.Unmarshal([]byte(n.dial().result("rpc_methods", "")), &list); err != nil {
		t.Fatal(err)
	}
	c.methods = list.Methods
	return c
}

// check calls a method: nothing may panic, fail internally or answer nonsense.
func (c *anyCall) check(t *testing.T, method, params string) {
	t.Helper()
	body := `{"jsonrpc":"2.0","id":1,"method":"` + method + `","params":` + params + `}`
	r, err := c.http.Post("http://"+c.node.addr, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	answer, err := io.ReadAll(r.Body)
	if err != nil || !json.Valid(answer) || strings.Contains(string(answer), `"code":-32603`) {
		t.Fatalf("%s\n%s (%v)", body, answer, err)
	}
}

func TestEveryMethodTakesAnyParams(t *testing.T) {
	c := newAnyCall(t)
	for _, method := range c.methods {
		for _, params := range c.params {
			c.check(t, method, params)
		}
	}
}

// FuzzParams calls any method with any parameters.
func FuzzParams(f *testing.F) {
	c := newAnyCall(f)
	for i, params := range c.params {
		f.Add(uint8(i*31), params)
	}
	f.Fuzz(func(t *testing.T, method uint8, params string) {
		c.check(t, c.methods[int(method)%len(c.methods)], params)
	})
}

// FuzzFollowed calls the methods that work on a follow subscription.
func FuzzFollowed(f *testing.F) {
	n := startNode(f, rpc.Config{})
	vars := variables(n)
	c := n.dial()
	id, _, _ := c.follow(true)
	methods := []string{
		"chainHead_v1_header", "chainHead_v1_body", "chainHead_v1_call", "chainHead_v1_storage",
		"chainHead_v1_continue", "chainHead_v1_stopOperation", "chainHead_v1_unpin",
	}
	for i, rest := range []string{
		`$best`, `$hash1`, `$best,"Core_version","0x"`, `$best,[{"key":$accounts,"type":"descendantsHashes"}],null`,
		`"1"`, `"2"`, `[$hash1,$hash2]`,
	} {
		f.Add(uint8(i), vars.Replace(rest))
	}
	f.Fuzz(func(t *testing.T, method uint8, rest string) {
		c.t = t
		params := `["` + id + `",` + rest + `]`
		if !json.Valid([]byte(params)) {
			return
		}
		answer := c.call(methods[int(method)%len(methods)], params)
		if !json.Valid([]byte(answer)) || strings.Contains(answer, `"code":-32603`) {
			t.Fatalf("%s\n%s", params, answer)
		}
		c.events = nil
	})
}
