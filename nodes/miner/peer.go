package miner

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/storage/segment"
)

// peers fetches fragments from other miners and from gateways.
type peers struct {
	signer sdk.Signer
	http   *http.Client
}

const (
	peerDialTimeout   = 5 * time.Second
	peerAnswerTimeout = 30 * time.Second // to the first byte
	peerTimeout       = 5 * time.Minute  // for a whole fragment
	signatureLife     = 10 * time.Minute
)

func newPeers(signer sdk.Signer, allowPrivate bool) *peers {
	dialer := &net.Dialer{Timeout: peerDialTimeout}
	if !allowPrivate {
		dialer.Control = publicOnly
	}
	return &peers{signer: signer, http: &http.Client{
		Timeout: peerTimeout,
		Transport: &http.Transport{
			DialContext:           dialer.DialContext,
			MaxIdleConns:          32,
			IdleConnTimeout:       time.Minute,
			TLSHandshakeTimeout:   peerDialTimeout,
			ResponseHeaderTimeout: peerAnswerTimeout,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (p *peers) close() { p.http.CloseIdleConnections() }

var errEndpoint = errors.New("the endpoint is no public address")

// publicOnly is a net.Dialer.Control that refuses private addresses, whatever
// name they hide behind.
func publicOnly(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	ip, err := netip.ParseAddr(host)
	ip = ip.Unmap()
	if err != nil || ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified() || ip.IsMulticast() {
		return fmt.Errorf("%s: %w", address, errEndpoint)
	}
	return nil
}

// baseURL reads what nodes publish: host:port or a URL, possibly padded with
// zero bytes.
func baseURL(text string) (string, error) {
	text, _, _ = strings.Cut(text, "\x00")
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(text, " \t\r\n") {
		return "", fmt.Errorf("%.100q: %w", text, errEndpoint)
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// get opens a fragment at another miner. The content is not verified.
func (p *peers) get(ctx context.Context, endpoint string, fid, fragment types.Hash) (io.ReadCloser, error) {
	base, err := baseURL(endpoint)
	if err != nil {
		return nil, err
	}
	return p.open(ctx, base+"/fragment", fid, fragment)
}

// download gets a fragment from a gateway and checks its hash.
func (p *peers) download(ctx context.Context, domain string, fid, fragment types.Hash) ([]byte, error) {
	base, err := baseURL(domain)
	if err != nil {
		return nil, err
	}
	r, err := p.open(ctx, base+"/fragment/download?fid="+fid.String()+"&fragment="+fragment.String(), fid, fragment)
	if err != nil {
		return nil, err
	}
	return readFragment(r, fragment)
}

func (p *peers) open(ctx context.Context, address string, fid, fragment types.Hash) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	message := strconv.FormatInt(time.Now().Add(signatureLife).UnixMilli(), 10)
	signature, err := p.signer.Sign([]byte(message))
	if err != nil {
		return nil, fmt.Errorf("sign request: %w", err)
	}
	req.Header.Set("Fid", fid.String())
	req.Header.Set("Fragment", fragment.String())
	req.Header.Set("Account", types.Address(p.signer.AccountID()).String())
	req.Header.Set("Message", message)
	req.Header.Set("Signature", hex.EncodeToString(signature))
	resp, err := p.http.Do(req)
	if err != nil {
		return nil, err
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	sized := resp.ContentLength == segment.FragmentSize || resp.ContentLength < 0
	if resp.StatusCode == http.StatusOK && kind != "application/json" && sized {
		return resp.Body, nil
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	return nil, errors.Join(fmt.Errorf("%s answers %s: %.200s", address, resp.Status, b), err, resp.Body.Close())
}

// readFragment reads a whole fragment, closes r and checks the hash.
func readFragment(r io.ReadCloser, fragment types.Hash) ([]byte, error) {
	defer r.Close()
	b := make([]byte, segment.FragmentSize)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, fmt.Errorf("read fragment %v: %w", fragment, err)
	}
	if types.HashOf(sha256.Sum256(b)) != fragment {
		return nil, fmt.Errorf("fragment %v: %w", fragment, ErrHash)
	}
	return b, nil
}
