//go:build e2e

package e2e

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/types"
)

// Every upload that cannot be is refused with an error that says why, and
// leaves nothing behind: neither on chain nor on the gateway's disk.
func TestRefusals(t *testing.T) {
	t.Parallel()
	rng := seeded(t)
	network := devkit.Start(t, devkit.Config{})
	chain := network.Client(t)
	gateway := gatewayAccount(t, network)
	alice := newUser(t, network, chain, "//Alice") // has all she needs
	bob := newUser(t, network, chain, "//Bob")     // authorised nobody
	eve := newUser(t, network, chain, "//Eve")     // authorised somebody else
	alice.mint(t, "room", 1)
	alice.mint(t, "full", 1)
	alice.authorize(t, gateway)
	bob.mint(t, "room", 1)
	eve.mint(t, "room", 1)
	eve.authorize(t, bob.account())
	fill(t, alice, "full")

	// Tags turn locked space into service space some time after the upload.
	for _, f := range list(t, chain.Best(), filebank.Files) {
		eventually(t, 5*time.Minute, "what fills the territory has tags", func() string { return untagged(t, chain, f.Key) })
	}
	before := readBooks(t, chain, alice, bob, eve)
	small := content{seed: rng.Uint64() | 1, size: 1000}
	const room = "remaining space in the territory is less than 100663296"
	tooLong := strings.Repeat("n", 64)
	for _, c := range []struct {
		name string
		user *user
		up   upload
		code int
		msg  string
	}{
		{"0 bytes", alice, upload{territory: "room", name: "empty.bin"}, 400, "the file is empty"},
		{"0 bytes encrypted", alice, upload{territory: "room", name: "empty.bin", cipher: "c"}, 400, "the file is empty"},
		{"name too long", alice, upload{content: small, territory: "room", name: tooLong}, 400, "The file name length cannot exceed 63 characters"},
		{"name too short", alice, upload{content: small, territory: "room", name: "ab"}, 400, "The file name must be at least 3 characters long"},
		{"no territory", alice, upload{content: small, territory: "nowhere", name: "file.bin"}, 400, "please purchase territory first"},
		{"full territory", alice, upload{content: small, territory: "full", name: "file.bin"}, 400, room},
		{"cipher too long", alice, upload{content: small, territory: "room", name: "file.bin", cipher: strings.Repeat("c", 33)}, 400, "the cipher must have 1 to 32 bytes"},
		{"wrong signature", alice, upload{content: small, territory: "room", name: "file.bin", header: wrongSignature(rng)}, 403, "no permission"},
		{"another's signature", alice, upload{content: small, territory: "room", name: "file.bin", header: signed(t, bob, time.Hour, alice)}, 403, "no permission"},
		{"expired signature", alice, upload{content: small, territory: "room", name: "file.bin", header: signed(t, alice, -time.Second, alice)}, 403, "no permission"},
		{"no gateway authorised", bob, upload{content: small, territory: "room", name: "file.bin"}, 403, "space is not authorized"},
		{"other gateway authorised", eve, upload{content: small, territory: "room", name: "file.bin"}, 403, "Please authorize this gateway account: " + types.Address(gateway).String()},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.user.put(within(t, time.Minute), c.up)
			refused(t, err, c.code, c.msg)
		})
	}
	t.Run("truncated body", func(t *testing.T) { truncatedBody(t, alice, small) })
	t.Run("truncated form", func(t *testing.T) { truncatedForm(t, alice, small) })
	t.Run("connection lost", func(t *testing.T) { connectionLost(t, alice, small) })

	// Whatever a refused upload might still do, it would have done by now.
	grow(t, chain, 3)
	readBooks(t, chain, alice, bob, eve).same(t, before)
	for _, folder := range []string{"arriving", "fragments"} {
		emptyDepot(t, network, folder)
	}
	if err := network.Check(); err != nil {
		t.Error(err)
	}
	// The gateway still works.
	fid := alice.mustPut(t, upload{content: small, territory: "room", name: "file.bin"})
	alice.waitActive(t, fid, 2*time.Minute)
}

// fill takes so much of a territory of 1 GiB that no segment fits any more: ten
// segments of zeros, which cost no disk, of the 10.7 there is room for.
func fill(t *testing.T, u *user, territory string) {
	t.Helper()
	file := content{size: 10 * types.SegmentSize}
	fid := u.mustPut(t, upload{content: file, territory: territory, name: "zeros.bin"})
	u.waitActive(t, fid, activeWithin)
	if err := u.get(within(t, 5*time.Minute), fid, "", file); err != nil {
		t.Errorf("read 320 MiB of zeros: %v", err)
	}
}

func wrongSignature(rng *rand.Rand) http.Header {
	signature := make([]byte, 64)
	for i := range signature {
		signature[i] = byte(rng.Uint32())
	}
	return http.Header{"Signature": {"0x" + hex.EncodeToString(signature)}}
}

// signed are credentials that one user made in the name of another.
func signed(t *testing.T, by *user, validFor time.Duration, name *user) http.Header {
	t.Helper()
	h, err := by.credentials(validFor)
	if err != nil {
		t.Fatal(err)
	}
	h.Set("Account", types.Address(name.account()).String())
	return h
}

// truncatedBody ends a request before the announced length is reached; the
// client still listens.
func truncatedBody(t *testing.T, u *user, c content) {
	conn, req := partial(t, u, c)
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		t.Fatalf("no answer to a truncated upload: %v", err)
	}
	defer resp.Body.Close()
	refused(t, envelope(resp, new(struct{})), 400, "network error")
}

// connectionLost goes away in the middle of a request.
func connectionLost(t *testing.T, u *user, c content) {
	conn, _ := partial(t, u, c)
	if err := conn.SetLinger(0); err != nil { // reset
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
}

// partial sends the head and half of the body of an upload.
func partial(t *testing.T, u *user, c content) (*net.TCPConn, *http.Request) {
	t.Helper()
	ctx := within(t, time.Minute)
	req, err := u.request(ctx, upload{content: c, territory: "room", name: "part.bin"})
	if err != nil {
		t.Fatal(err)
	}
	where, err := url.Parse(u.net.Gateway)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", where.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // some close it before
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	var raw bytes.Buffer
	if err := req.Write(&raw); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(raw.Bytes()[:raw.Len()-int(c.size)/2]); err != nil {
		t.Fatal(err)
	}
	return conn.(*net.TCPConn), req
}

// truncatedForm sends a whole request whose form ends too early.
func truncatedForm(t *testing.T, u *user, c content) {
	req, err := u.request(within(t, time.Minute), upload{content: c, territory: "room", name: "part.bin"})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(req.Body)
	if err != nil {
		t.Fatal(err)
	}
	raw = raw[:len(raw)-int(c.size)/2]
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
	resp, err := u.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	refused(t, envelope(resp, new(struct{})), 400, "network error")
}

// emptyDepot fails the test if a folder of the gateway holds fragments.
func emptyDepot(t *testing.T, network *devkit.Network, folder string) {
	t.Helper()
	root := filepath.Join(network.Node("gateway-1").Home(), folder)
	eventually(t, time.Minute, "the gateway's folder "+folder+" has no fragments", func() string {
		var left []string
		err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				left = append(left, path)
			}
			return err
		})
		if err != nil || len(left) > 0 {
			return fmt.Sprint(left, err)
		}
		return ""
	})
}
