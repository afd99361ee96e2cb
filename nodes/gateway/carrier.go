package gateway

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/storage/segment"
)

type syscallConn = syscall.RawConn

// carrier brings fragments to miners and fetches them (spec/gateway.md §3.4,
// §5.2). Connections are kept; bodies stream from and to the disk.
type carrier struct {
	signer sdk.Signer
	http   *http.Client
}

const (
	dialTimeout     = 5 * time.Second
	answerTimeout   = 30 * time.Second // from the end of a request to the first byte of the answer
	fragmentTimeout = 5 * time.Minute
	signatureLife   = 10 * time.Minute
	maxAnswerBytes  = 64 << 10
)

func newCarrier(signer sdk.Signer, refusePrivate bool) *carrier {
	dialer := &net.Dialer{Timeout: dialTimeout}
	if refusePrivate {
		dialer.Control = publicOnly
	}
	return &carrier{signer: signer, http: &http.Client{
		Transport: &http.Transport{
			DialContext:           dialer.DialContext,
			MaxIdleConns:          256,
			MaxIdleConnsPerHost:   4,
			IdleConnTimeout:       90 * time.Second,
			TLSHandshakeTimeout:   dialTimeout,
			ResponseHeaderTimeout: answerTimeout,
			ExpectContinueTimeout: time.Second,
			WriteBufferSize:       64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (c *carrier) close() { c.http.CloseIdleConnections() }

var (
	// errForeign is a miner's word that no open deal has the fragment: its
	// node does not know the deal yet, or it is over.
	errForeign = errors.New("the miner's node does not know the deal")
	errAnswer  = errors.New("the miner's answer is none")
)

// put sends a fragment; an empty path means the fragment of zeros, which goes
// without content.
func (c *carrier) put(ctx context.Context, endpoint string, fid, fragment types.Hash, path string) error {
	ctx, cancel := context.WithTimeout(ctx, fragmentTimeout)
	defer cancel()
	const boundary = "fragment-5f0e8a3cf1d64a9b"
	head := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + fragment.String() +
		"\"\r\nContent-Type: application/octet-stream\r\n\r\n"
	tail := "\r\n--" + boundary + "--\r\n"
	var content io.Reader = bytes.NewReader(nil)
	size := int64(0)
	if path != "" {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		content, size = f, segment.FragmentSize
	}
	body := io.MultiReader(bytes.NewReader([]byte(head)), io.LimitReader(content, size), bytes.NewReader([]byte(tail)))
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, endpoint+"/fragment", io.NopCloser(body))
	if err != nil {
		return err
	}
	req.ContentLength = int64(len(head)) + size + int64(len(tail))
	req.Header.Set("Content-Type", "multipart/form-data; boundary="+boundary)
	req.Header.Set("Expect", "100-continue") // it may have the fragment already
	if err := c.sign(req.Header, fid, fragment); err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return answer(resp)
}

// answer reads a miner's envelope.
func answer(resp *http.Response) error {
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes))
	if err != nil {
		return err
	}
	var e struct {
		Code int    `json:"code"`
		Msg  string `json:"msg"`
	}
	switch err := json.Unmarshal(b, &e); {
	case err != nil:
		return fmt.Errorf("%w: HTTP status %d", errAnswer, resp.StatusCode)
	case e.Code == http.StatusBadRequest && e.Msg == "fragment does not match fid":
		return errForeign
	case resp.StatusCode != http.StatusOK || e.Code != http.StatusOK:
		return fmt.Errorf("the miner answers %d: %.200s", max(e.Code, resp.StatusCode), e.Msg)
	}
	return nil
}

// get opens a fragment. The content is not verified.
func (c *carrier) get(ctx context.Context, endpoint string, fid, fragment types.Hash) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint+"/fragment", nil)
	if err != nil {
		return nil, err
	}
	if err := c.sign(req.Header, fid, fragment); err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	sized := resp.ContentLength == segment.FragmentSize || resp.ContentLength < 0
	if resp.StatusCode == http.StatusOK && kind != "application/json" && sized {
		return resp.Body, nil
	}
	defer resp.Body.Close()
	if err := answer(resp); err != nil {
		return nil, err
	}
	return nil, errAnswer
}

// sign sets the headers that name a fragment and who asks for it.
func (c *carrier) sign(h http.Header, fid, fragment types.Hash) error {
	message := strconv.FormatInt(time.Now().Add(signatureLife).UnixMilli(), 10)
	signature, err := c.signer.Sign([]byte(message))
	if err != nil {
		return fmt.Errorf("sign request: %w", err)
	}
	h.Set("Fid", fid.String())
	h.Set("Fragment", fragment.String())
	h.Set("Account", types.Address(c.signer.AccountID()).String())
	h.Set("Message", message)
	h.Set("Signature", hex.EncodeToString(signature))
	return nil
}
