// Package gateway is the client of a CESS gateway: it stores and fetches
// files over HTTP.
//
//	c, err := gateway.New("http://127.0.0.1:8080", alice)
//	fid, err := c.PutFile(ctx, "photos", "cat.jpg", gateway.PutOptions{})
//	err = c.GetFile(ctx, fid, "copy.jpg", gateway.GetOptions{})
//
// A gateway need not be trusted with what it stores: Put computes the fid from
// the bytes that it sends and refuses an answer with another one, and Get can
// do the same with what it receives. It does see the content, and a Cipher;
// encrypt before you store what it must not see.
package gateway

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/sdk"
)

// Client speaks with one gateway for one account. It is safe for concurrent
// use.
type Client struct {
	url    string
	signer sdk.Signer
	http   *http.Client
}

// Error is a gateway's refusal.
type Error struct {
	Code int // as in HTTP: 400, 403, 404 …
	Msg  string
}

func (e *Error) Error() string { return fmt.Sprintf("the gateway answers %d: %s", e.Code, e.Msg) }

var (
	// ErrAnswer is returned when what answers is no gateway.
	ErrAnswer = errors.New("the answer is not a gateway's")
	// ErrMismatch is returned when a gateway's fid is not that of the bytes.
	ErrMismatch = errors.New("the gateway's fid does not match the content")
	// ErrSigner is returned by calls that need a signature without a signer,
	// or with one that is not sr25519, the only scheme that gateways know.
	ErrSigner = errors.New("an sr25519 signer is needed")
)

// New is a client of the gateway at address, a URL or host:port. A nil signer
// can read only.
func New(address string, signer sdk.Signer) (*Client, error) {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("gateway address %q: host:port or an http URL is needed", address)
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	// Gateways ask for the body once they have asked the chain.
	t.ExpectContinueTimeout = 15 * time.Second
	t.WriteBufferSize = 64 << 10
	return &Client{url: strings.TrimRight(address, "/"), signer: signer, http: &http.Client{Transport: t}}, nil
}

// Close drops idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

const signatureLife = 10 * time.Minute

// sign sets the headers that say who asks. They are valid for ten minutes.
func (c *Client) sign(h http.Header) error {
	if c.signer == nil || c.signer.Scheme() != crypto.Sr25519 {
		return ErrSigner
	}
	message := strconv.FormatInt(time.Now().Add(signatureLife).UnixMilli(), 10)
	signature, err := c.signer.Sign([]byte(message))
	if err != nil {
		return fmt.Errorf("sign request: %w", err)
	}
	h.Set("Account", types.Address(c.signer.AccountID()).String())
	h.Set("Message", message)
	h.Set("Signature", hex.EncodeToString(signature))
	return nil
}

// maxAnswerBytes bounds envelopes; files are not in one.
const maxAnswerBytes = 64 << 20

// envelope reads an answer and its data into out.
func envelope(resp *http.Response, out any) error {
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes))
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	var e struct {
		Code *int            `json:"code"`
		Msg  string          `json:"msg"`
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(b, &e); err != nil || e.Code == nil {
		return fmt.Errorf("%w: HTTP status %d", ErrAnswer, resp.StatusCode)
	}
	if *e.Code != http.StatusOK {
		return &Error{*e.Code, e.Msg}
	}
	if out == nil {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(e.Data))
	if err := dec.Decode(out); err != nil {
		return fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	return nil
}

// ask sends a request without body and reads the envelope.
func (c *Client) ask(ctx context.Context, method, path string, signed bool, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, nil)
	if err != nil {
		return err
	}
	if signed {
		if err := c.sign(req.Header); err != nil {
			return err
		}
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return envelope(resp, out)
}

// Metadata is what the chain knows of a file.
type Metadata struct {
	FID   string  `json:"fid"`
	Size  uint64  `json:"size"` // bytes
	Owner []Owner `json:"owner"`
}

// Owner is a user that has a file, and the user's name for it.
type Owner struct {
	User     types.Address `json:"user"`
	FileName string        `json:"file_name"`
}

// Stat looks a file up.
func (c *Client) Stat(ctx context.Context, fid types.Hash) (m Metadata, err error) {
	err = c.ask(ctx, http.MethodGet, "/file/metadata/"+fid.String(), false, &m)
	return m, err
}

// Status tells how far an upload is.
type Status struct {
	FID      string   `json:"fid"`
	State    string   `json:"state"` // declaring, distributing, active, failed
	Segments int      `json:"segments"`
	Columns  []Column `json:"columns"`
	Why      string   `json:"why"` // what it waits for, or why it failed
}

// Column is one of the twelve parts that go to miners.
type Column struct {
	Index uint8          `json:"index"` // 1 to 12
	Miner *types.Address `json:"miner"`
	State string         `json:"state"` // waiting, sending, sent, reported
	Tries int            `json:"tries"`
	Error string         `json:"error"`
}

// Active is the state of a file that is stored by twelve miners.
const Active = "active"

// Status asks how far an upload is.
func (c *Client) Status(ctx context.Context, fid types.Hash) (s Status, err error) {
	err = c.ask(ctx, http.MethodGet, "/file/status/"+fid.String(), false, &s)
	return s, err
}

// Delete gives up the signer's copies of a file and returns the block that
// says so.
func (c *Client) Delete(ctx context.Context, fid types.Hash) (block string, err error) {
	var data map[string]string
	err = c.ask(ctx, http.MethodDelete, "/file/"+fid.String(), true, &data)
	return data["block hash"], err
}

// Version asks which gateway answers.
func (c *Client) Version(ctx context.Context) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+"/version", nil)
	if err != nil {
		return "", err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var v string
	if err := json.NewDecoder(io.LimitReader(resp.Body, 4<<10)).Decode(&v); err != nil || resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%w: HTTP status %d", ErrAnswer, resp.StatusCode)
	}
	return v, nil
}
