//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/oss"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// user is somebody who keeps files in a network. It speaks the wire format of
// spec/gateway.md §2 itself, so that the tests do not depend on the SDK's view
// of it.
type user struct {
	net   *devkit.Network
	chain *sdk.Client
	key   crypto.Pair
	http  *http.Client
}

func newUser(t *testing.T, net *devkit.Network, chain *sdk.Client, suri string) *user {
	t.Helper()
	key, err := crypto.FromURI(crypto.Sr25519, suri)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &user{net, chain, key, &http.Client{Transport: transport}}
}

func (u *user) account() substrate.AccountID { return u.key.AccountID() }

// txTimeout bounds an extrinsic; the chain may be down for a part of it.
const txTimeout = 2 * time.Minute

// mint leases a territory for thirty days.
func (u *user) mint(t *testing.T, territory string, gib uint32) {
	t.Helper()
	call := storagehandler.MintTerritory{GiBCount: gib, TerritoryName: types.TerritoryName(territory), Days: 30}
	if _, err := u.chain.Submit(within(t, txTimeout), u.key, call); err != nil {
		t.Fatalf("mint territory %q: %v", territory, err)
	}
}

// authorize lets an account declare and delete files of the user.
func (u *user) authorize(t *testing.T, operator substrate.AccountID) {
	t.Helper()
	if _, err := u.chain.Submit(within(t, txTimeout), u.key, oss.Authorize{Operator: operator}); err != nil {
		t.Fatalf("authorize %v: %v", types.Address(operator), err)
	}
}

// gatewayAccount is the account of the network's gateway.
func gatewayAccount(t *testing.T, net *devkit.Network) substrate.AccountID {
	t.Helper()
	account, err := types.ParseAddress(net.Node("gateway-1").Account)
	if err != nil {
		t.Fatal(err)
	}
	return account
}

// credentials sign a request, for a while from now.
func (u *user) credentials(validFor time.Duration) (http.Header, error) {
	message := strconv.FormatInt(time.Now().Add(validFor).Unix(), 10)
	signature, err := u.key.Sign([]byte(message))
	if err != nil {
		return nil, err
	}
	h := http.Header{}
	h.Set("Account", types.Address(u.account()).String())
	h.Set("Message", message)
	h.Set("Signature", "0x"+hex.EncodeToString(signature))
	return h, nil
}

// upload is one PUT /file. Its zero values are those of a request in order.
type upload struct {
	content
	territory, name, cipher string
	header                  http.Header // replaces headers
}

// request builds the multipart request of an upload. Its length is known
// beforehand, as that of common clients is.
func (u *user) request(ctx context.Context, up upload) (*http.Request, error) {
	var head bytes.Buffer
	form := multipart.NewWriter(&head)
	if _, err := form.CreatePart(map[string][]string{
		"Content-Disposition": {mime.FormatMediaType("form-data", map[string]string{"name": "file", "filename": up.name})},
		"Content-Type":        {"application/octet-stream"},
	}); err != nil {
		return nil, err
	}
	tail := "\r\n--" + form.Boundary() + "--\r\n"
	length := int64(head.Len()) + up.size + int64(len(tail))
	body := io.MultiReader(&head, up.reader(), bytes.NewReader([]byte(tail)))
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, u.net.Gateway+"/file", io.NopCloser(body))
	if err != nil {
		return nil, err
	}
	req.ContentLength = length
	if req.Header, err = u.credentials(time.Hour); err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Territory", up.territory)
	if up.cipher != "" {
		req.Header.Set("Cipher", up.cipher)
	}
	for k, v := range up.header {
		req.Header[k] = v
	}
	return req, nil
}

// refusal is an answer of the gateway other than success.
type refusal struct {
	Code int
	Msg  string
}

func (r *refusal) Error() string { return fmt.Sprintf("the gateway answered %d: %s", r.Code, r.Msg) }

// put uploads a file and returns its fid: the gateway has acknowledged it.
func (u *user) put(ctx context.Context, up upload) (types.Hash, error) {
	req, err := u.request(ctx, up)
	if err != nil {
		return types.Hash{}, err
	}
	resp, err := u.http.Do(req)
	if err != nil {
		return types.Hash{}, err
	}
	defer resp.Body.Close()
	var data struct {
		FID types.Hash `json:"fid"`
	}
	return data.FID, envelope(resp, &data)
}

// maxAnswer bounds an answer that is no file.
const maxAnswer = 1 << 20

// envelope reads the gateway's answer (spec/gateway.md §2.1): status 200
// whatever the outcome.
func envelope(resp *http.Response, data any) error {
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return err
	}
	var e struct {
		Code int             `json:"code"`
		Msg  string          `json:"msg"`
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return fmt.Errorf("answer with status %d, %.200q: %w", resp.StatusCode, raw, err)
	}
	switch {
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("status %d instead of 200 around code %d: %s", resp.StatusCode, e.Code, e.Msg)
	case e.Code != http.StatusOK:
		return &refusal{e.Code, e.Msg}
	}
	return json.Unmarshal(e.Data, data)
}

// get downloads a file and compares it with what it must be.
func (u *user) get(ctx context.Context, fid types.Hash, cipher string, want content) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.net.Gateway+"/file/download/"+fid.String(), nil)
	if err != nil {
		return err
	}
	if cipher != "" {
		req.Header.Set("Cipher", cipher)
	}
	resp, err := u.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if got := resp.Header.Get("Content-Type"); got != "application/octet-stream" {
		if err := envelope(resp, new(json.RawMessage)); err != nil {
			return err
		}
		return fmt.Errorf("content type %q", got)
	}
	return want.compare(resp.Body)
}

// stillStored is the gateway's answer while it does not know of the last report
// yet; it follows the chain a moment behind.
var stillStored = &refusal{400, "the file is still being stored; it can be deleted when it is active"}

// remove deletes a file through the gateway.
func (u *user) remove(ctx context.Context, fid types.Hash) error {
	for {
		err := u.tryRemove(ctx, fid)
		var r *refusal
		if !errors.As(err, &r) || *r != *stillStored || ctx.Err() != nil {
			return err
		}
		time.Sleep(pollEvery)
	}
}

func (u *user) tryRemove(ctx context.Context, fid types.Hash) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, u.net.Gateway+"/file/"+fid.String(), nil)
	if err != nil {
		return err
	}
	if req.Header, err = u.credentials(time.Hour); err != nil {
		return err
	}
	resp, err := u.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return envelope(resp, new(json.RawMessage))
}

// waitActive waits until the chain has a file as Active.
func (u *user) waitActive(t *testing.T, fid types.Hash, limit time.Duration) filebank.File {
	t.Helper()
	ctx := within(t, limit+time.Minute)
	var file filebank.File
	eventually(t, limit, "FileBank.File "+fid.String()+" is Active", func() string {
		f, found, err := sdk.Find(ctx, u.chain.Best(), filebank.Files, fid)
		switch {
		case err != nil:
			return err.Error()
		case !found:
			return u.progress(ctx, fid)
		case f.State != filebank.FileActive:
			return fmt.Sprintf("state %d", f.State)
		}
		file = f
		return ""
	})
	return file
}

// progress tells what a file that is not there yet waits for.
func (u *user) progress(ctx context.Context, fid types.Hash) string {
	deal, found, err := sdk.Find(ctx, u.chain.Best(), filebank.Deals, fid)
	switch {
	case err != nil:
		return err.Error()
	case !found:
		return "no file and no deal"
	}
	return fmt.Sprintf("%d of %d columns are reported", len(deal.CompleteList), types.FragmentCount)
}

// mustPut uploads a file that must be taken.
func (u *user) mustPut(t *testing.T, up upload) types.Hash {
	t.Helper()
	fid, err := u.put(within(t, 5*time.Minute), up)
	if err != nil {
		t.Fatalf("put %v: %v", up.content, err)
	}
	return fid
}

// refused asserts what the gateway answers.
func refused(t *testing.T, err error, code int, msg string) {
	t.Helper()
	var r *refusal
	if !errors.As(err, &r) {
		t.Fatalf("got %v, want code %d, %q", err, code, msg)
	}
	if r.Code != code || r.Msg != msg {
		t.Fatalf("got code %d, %q, want code %d, %q", r.Code, r.Msg, code, msg)
	}
}
