package gateway_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit/testnet"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/oss"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/gateway"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/sdk"
	client "github.com/gocess/gocess/sdk/gateway"
)

// What users may and may not do, on one network.
func TestUploads(t *testing.T) {
	n := startNetwork(t, 12, 1)
	for _, c := range []struct {
		name string
		run  func(*testing.T, *network)
	}{
		{"what is refused leaves no trace in the user's space", refusedUploadsCostNothing},
		{"a second user pays and owns, the same user pays once", sameFileTwice},
		{"several files in one request", severalFiles},
		{"a file in chunks", fileInChunks},
		{"an encrypted file in chunks leaves no plaintext", encryptedChunks},
		{"lists and locations", listsAndLocations},
		{"nothing is taken without authorisation", authorisationIsNeeded},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, n.in(t)) })
	}
}

// in is the network for a part of the test that starts and stops nothing.
func (n *network) in(t *testing.T) *network {
	part, net := *n, *n.Network
	net.T, part.Network = t, &net
	return &part
}

func refusedUploadsCostNothing(t *testing.T, n *network) {
	before := n.territory()
	put := func(name, territory string, body []byte, size int64, want string) {
		t.Helper()
		_, err := n.user.Put(n.Ctx, territory, name, bytes.NewReader(body), size, client.PutOptions{Trust: true})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	put("empty", testTerritory, nil, -1, "empty")
	put("ab", testTerritory, []byte("x"), 1, "at least 3")
	put(strings.Repeat("n", 64), testTerritory, []byte("x"), 1, "63")
	put("nowhere", "no such", []byte("x"), 1, "purchase territory")
	put("truncated", testTerritory, make([]byte, 1000), 2000, "EOF")
	put("huge", testTerritory, nil, 1<<30, "insufficient territory space")
	put("endless", testTerritory, make([]byte, 11*32<<20), -1, "insufficient territory space")
	if after := n.territory(); after != before {
		t.Errorf("the territory changed from %+v to %+v", before, after)
	}
	entries, err := filepath.Glob(filepath.Join(n.home, "*", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("left on disk: %s", e)
	}
}

func sameFileTwice(t *testing.T, n *network) {
	bob := testnet.Pair(t, crypto.Sr25519, "//Bob")
	n.lease(bob, 1)
	second, err := client.New(n.gateway.Address(), bob)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	body := testnet.Content(4, 1<<20)
	put := func(c *client.Client) types.Hash {
		t.Helper()
		fid, err := c.Put(n.Ctx, testTerritory, "same.bin", bytes.NewReader(body), int64(len(body)), client.PutOptions{})
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
	n.Until("both are owners", func() (bool, error) {
		m, err := second.Stat(n.Ctx, fid)
		return len(m.Owner) == 2, errors.Join(err, fmt.Errorf("%+v", m.Owner))
	})
	if used, ok := n.territory().UsedSpace.Uint64(); !ok || used != 96<<20 {
		t.Errorf("the first user pays for %d bytes, want 96 MiB once", used)
	}
}

func authorisationIsNeeded(t *testing.T, n *network) {
	n.Submit(n.Alice, oss.CancelAuthorize{Oss: n.gateway.Account()})
	_, err := n.user.Put(n.Ctx, testTerritory, "denied.bin", bytes.NewReader([]byte("x")), 1, client.PutOptions{})
	var refused *client.Error
	if !errors.As(err, &refused) || refused.Code != 403 || refused.Msg != "space is not authorized" {
		t.Errorf("not authorised: %v", err)
	}
}

// file reads a file of the chain.
func (n *network) file(fid types.Hash) filebank.File {
	n.T.Helper()
	f, found, err := sdk.Find(n.Ctx, n.Client.Best(), filebank.Files, fid)
	if err != nil || !found {
		n.T.Fatalf("file %v: found %t, %v", fid, found, err)
	}
	return f
}

// request makes a request that a user signs; nobody does for nil.
func (n *network) request(who crypto.Pair, method, path string, body []byte, headers ...string) *http.Response {
	n.T.Helper()
	req, err := http.NewRequestWithContext(n.Ctx, method, "http://"+n.gateway.Address()+path, bytes.NewReader(body))
	if err != nil {
		n.T.Fatal(err)
	}
	if who != nil {
		message := strconv.FormatInt(time.Now().Add(time.Minute).UnixMilli(), 10)
		signature, err := who.Sign([]byte(message))
		if err != nil {
			n.T.Fatal(err)
		}
		headers = append(headers, "Account", types.Address(who.AccountID()).String(), "Message", message, "Signature", hex.EncodeToString(signature))
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		n.T.Fatal(err)
	}
	n.T.Cleanup(func() { _ = resp.Body.Close() }) // read to its end
	return resp
}

// get answers with the code, that of the envelope if there is one, and the
// content or the envelope's data.
func (n *network) get(who crypto.Pair, path string) (int, []byte) {
	n.T.Helper()
	return n.answer(n.request(who, http.MethodGet, path, nil))
}

func (n *network) answer(resp *http.Response) (int, []byte) {
	n.T.Helper()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		n.T.Fatal(err)
	}
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") || resp.StatusCode != 200 {
		return resp.StatusCode, b
	}
	var e struct {
		Code int             `json:"code"`
		Msg  string          `json:"msg"`
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(b, &e); err != nil {
		n.T.Fatalf("%s: %v", b, err)
	}
	if e.Code != 200 {
		return e.Code, []byte(e.Msg)
	}
	return e.Code, e.Data
}

func severalFiles(t *testing.T, n *network) {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, f := range []struct {
		field, name string
		content     []byte
	}{
		{"file", "one.bin", testnet.Content(10, 1000)},
		{"note", "ignored", []byte("x")},
		{"file", "no", testnet.Content(11, 1000)},
		{"file", "two%20words.bin", testnet.Content(12, 2000)},
	} {
		part, err := w.CreateFormFile(f.field, f.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(f.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	code, data := n.answer(n.request(n.Alice, http.MethodPut, "/files", body.Bytes(), "Territory", testTerritory, "Content-Type", w.FormDataContentType()))
	var got []gateway.StoredFile
	if err := json.Unmarshal(data, &got); err != nil || code != 200 {
		t.Fatalf("%d %s: %v", code, data, err)
	}
	if len(got) != 3 {
		t.Fatalf("%+v", got)
	}
	for i, want := range []gateway.StoredFile{
		{Name: "one.bin", Result: "success", Size: 1000},
		{Name: "no", Result: "failed", Reason: "The file name must be at least 3 characters long"},
		{Name: "two words.bin", Result: "success", Size: 2000},
	} {
		fid := got[i].FID
		if got[i].FID = ""; got[i] != want {
			t.Errorf("file %d: %+v, want %+v", i, got[i], want)
		}
		if want.Result != "success" {
			continue
		}
		id, err := types.ParseHash(fid)
		if err != nil {
			t.Fatal(err)
		}
		m, err := n.user.Stat(n.Ctx, id)
		if err != nil || len(m.Owner) != 1 || m.Owner[0].FileName != want.Name {
			t.Errorf("file %d: %+v, %v", i, m, err)
		}
	}
	if code, text := n.answer(n.request(nil, http.MethodPut, "/files", body.Bytes(), "Territory", testTerritory, "Content-Type", w.FormDataContentType())); code != 403 {
		t.Errorf("unsigned: %d %s", code, text)
	}
}

// chunks sends parts of a file, given by start and end, and checks the answer to
// each; the last one must complete it.
func (n *network) chunks(content []byte, name, cipher string, parts [][2]int, prefixes []string) types.Hash {
	n.T.Helper()
	for i, part := range parts {
		headers := []string{"Territory", testTerritory, "Content-Range", fmt.Sprintf("bytes %d-%d/%d", part[0], part[1]-1, len(content))}
		if cipher != "" {
			headers = append(headers, "Cipher", cipher)
		}
		resp := n.request(n.Alice, http.MethodPut, "/resume/"+name, content[part[0]:part[1]], headers...)
		code, data := n.answer(resp)
		if i < len(parts)-1 {
			if code != 308 || string(data) != "null" || resp.Header.Get("Range") != prefixes[i] {
				n.T.Fatalf("part %v: %d %s, range %q, want %q", part, code, data, resp.Header.Get("Range"), prefixes[i])
			}
			continue
		}
		var stored struct {
			FID types.Hash `json:"fid"`
		}
		if err := json.Unmarshal(data, &stored); err != nil || code != 200 {
			n.T.Fatalf("last part: %d %s: %v", code, data, err)
		}
		return stored.FID
	}
	return types.Hash{}
}

func fileInChunks(t *testing.T, n *network) {
	content := testnet.Content(20, 300_000)
	for _, c := range []struct{ header, body, want string }{
		{"", "x", "Content-Range is missing from the request header"},
		{"bytes 0-0/", "x", "Illegal Content-Range content"},
		{"bytes 5-4/10", "", "Illegal Content-Range content"},
		{"bytes 0-10/10", "12345678901", "Illegal Content-Range content"},
		{"bytes 0-1/10", "1", "received less file content"},
		{"bytes 0-1/10", "123", "received more file content"},
	} {
		headers := []string{"Territory", testTerritory}
		if c.header != "" {
			headers = append(headers, "Content-Range", c.header)
		}
		if code, text := n.answer(n.request(n.Alice, http.MethodPut, "/resume/bad.bin", []byte(c.body), headers...)); code != 400 || string(text) != c.want {
			t.Errorf("%q: %d %s", c.header, code, text)
		}
	}
	// Out of order, over each other, twice.
	fid := n.chunks(content, "chunks.bin", "",
		[][2]int{{200_000, 250_000}, {0, 100_000}, {0, 100_000}, {50_000, 150_000}, {250_000, 300_000}, {150_000, 200_000}},
		[]string{"", "bytes=0-99999", "bytes=0-99999", "bytes=0-149999", "bytes=0-149999"})
	var got bytes.Buffer
	if err := n.user.Get(n.Ctx, fid, &got, client.GetOptions{Verify: true}); err != nil {
		t.Fatal(err)
	}
	same(t, "file in chunks", got.Bytes(), content)
	if left, err := filepath.Glob(filepath.Join(n.home, "partial", "*", "*")); err != nil || len(left) > 0 {
		t.Errorf("left on disk: %v, %v", left, err)
	}
	// Other content under the same name and size does not mix with the first.
	other := testnet.Content(21, 1000)
	first := []string{"Territory", testTerritory, "Content-Range", "bytes 0-99/1000"}
	n.answer(n.request(n.Alice, http.MethodPut, "/resume/mixed.bin", content[:100], first...))
	if code, text := n.answer(n.request(n.Alice, http.MethodPut, "/resume/mixed.bin", other[:100], first...)); code != 400 || !strings.Contains(string(text), "starts afresh") {
		t.Errorf("other content: %d %s", code, text)
	}
	fid = n.chunks(other, "mixed.bin", "", [][2]int{{0, 100}, {100, 1000}}, []string{"bytes=0-99"})
	got.Reset()
	if err := n.user.Get(n.Ctx, fid, &got, client.GetOptions{}); err != nil {
		t.Fatal(err)
	}
	same(t, "the second content", got.Bytes(), other)
}

func encryptedChunks(t *testing.T, n *network) {
	content := testnet.Content(22, 100_000)
	headers := []string{"Territory", testTerritory, "Content-Range", "bytes 33333-66665/100000", "Cipher", testCipher}
	if code, text := n.answer(n.request(n.Alice, http.MethodPut, "/resume/secret.bin", content[33333:66666], headers...)); code != 308 {
		t.Fatalf("%d %s", code, text)
	}
	files, err := filepath.Glob(filepath.Join(n.home, "partial", "*", "*", "data"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	stored, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if len(stored) != 66666 || bytes.Contains(stored, content[40000:40016]) {
		t.Errorf("%d bytes on disk, or plaintext", len(stored))
	}
	for _, cipher := range []string{"", "another"} {
		wrong := []string{"Territory", testTerritory, "Content-Range", "bytes 0-33332/100000"}
		if cipher != "" {
			wrong = append(wrong, "Cipher", cipher)
		}
		if code, text := n.answer(n.request(n.Alice, http.MethodPut, "/resume/secret.bin", content[:33333], wrong...)); code != 400 || !strings.Contains(string(text), "cipher") {
			t.Errorf("cipher %q: %d %s", cipher, code, text)
		}
	}
	fid := n.chunks(content, "secret.bin", testCipher, [][2]int{{0, 33333}, {66666, 100_000}}, []string{"bytes=0-66665"})
	var got bytes.Buffer
	if err := n.user.Get(n.Ctx, fid, &got, client.GetOptions{Cipher: testCipher}); err != nil {
		t.Fatal(err)
	}
	same(t, "encrypted file in chunks", got.Bytes(), content)
}

func listsAndLocations(t *testing.T, n *network) {
	fid, err := n.user.Put(n.Ctx, testTerritory, "listed.bin", strings.NewReader("listed"), 6, client.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	n.active(fid)
	alice := types.Address(n.Alice.AccountID()).String()
	type listed struct {
		Territory, FID string
		Size           int64
	}
	for _, path := range []string{"/file/list?format=v2&Account=" + alice, "/file/list?Territory=" + testTerritory + "&Account=" + alice} {
		_, data := n.get(nil, path)
		var list []listed
		if err := json.Unmarshal(data, &list); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		found := false
		for _, f := range list {
			found = found || f == listed{testTerritory, fid.String(), 96 << 20}
		}
		if !found {
			t.Errorf("%s: %s", path, data)
		}
	}
	code, data := n.get(nil, "/file/list?Account="+alice)
	var raw []struct {
		TerritoryName []byte
		Filehash      []int
		FileSize      int64
	}
	if err := json.Unmarshal(data, &raw); err != nil || code != 200 || len(raw) == 0 {
		t.Fatalf("%d %s: %v", code, data, err)
	}
	if f := raw[len(raw)-1]; string(f.TerritoryName) != testTerritory || len(f.Filehash) != 64 || f.Filehash[0] != int(fid[0]) || f.FileSize != 96<<20 {
		t.Errorf("upstream's form: %s", data)
	}
	for path, want := range map[string]string{
		"/file/list":                                 "400 Please set your Account in the header or url",
		"/file/list?Account=nobody":                  "400 Invalid CESS account: nobody",
		"/file/list?Territory=none&Account=" + alice: "200 null",
		"/file/location/" + strings.Repeat("0", 64):  "404 Not found",
		"/file/location/x":                           "400 invalid fid",
		"/fragment/download?fid=x":                   "403 no permission",
	} {
		if code, data := n.get(nil, path); fmt.Sprint(code, " ", string(data)) != want {
			t.Errorf("%s: %d %s, want %s", path, code, data, want)
		}
	}
	_, data = n.get(nil, "/file/location/"+fid.String())
	var holders map[string]gateway.Holder
	if err := json.Unmarshal(data, &holders); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	list := n.file(fid).SegmentList[0].FragmentList
	for i, f := range list {
		if h := holders[fmt.Sprintf("%d batch fragments", i)]; h.Account != types.Address(f.Miner) {
			t.Errorf("column %d is with %v, not %v", i, h.Account, types.Address(f.Miner))
		}
	}
	for path, want := range map[string]int{
		"/fragment/download?fid=" + fid.String() + "&fragment=" + list[3].Hash.String(): 200,
		"/fragment/download?fid=" + fid.String() + "&fragment=x":                        400,
		"/fragment/download?fragment=" + list[3].Hash.String():                          400,
		"/fragment/download?fid=" + fid.String() + "&fragment=" + fid.String():          404,
	} {
		if code, _ := n.get(n.Alice, path); code != want {
			t.Errorf("%s: %d, want %d", path, code, want)
		}
	}
}
