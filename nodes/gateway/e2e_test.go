package gateway_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gocess/gocess/nodes/gateway"
	client "github.com/gocess/gocess/sdk/gateway"
)

const testCipher = "correct horse"

// Files are stored by twelve miners and can be had from any four of them.
func TestStoreAndRestore(t *testing.T) {
	n := startNetwork(t, 13, 2)
	plain, secret := content(1, 40<<20), content(2, 40<<20)

	fid, err := n.user.Put(n.ctx, testTerritory, "plain.bin", bytes.NewReader(plain), int64(len(plain)), client.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var early bytes.Buffer
	if err := n.user.Get(n.ctx, fid, &early, client.GetOptions{}); err != nil {
		t.Fatalf("read before miners have the file: %v", err)
	}
	same(t, "read before miners have the file", early.Bytes(), plain)
	hidden, err := n.user.Put(n.ctx, testTerritory, "secret.bin", bytes.NewReader(secret), int64(len(secret)), client.PutOptions{Cipher: testCipher})
	if err != nil {
		t.Fatal(err)
	}
	miners := make(map[string]bool)
	for _, c := range n.active(fid).Columns {
		miners[c.Miner.String()] = true
	}
	if len(miners) != 12 {
		t.Errorf("%d miners hold the file, want 12", len(miners))
	}
	n.active(hidden)

	// Only what miners have is left: no cache, four miners.
	n.stopGateway()
	n.stopMiners(8)
	if err := os.RemoveAll(n.home); err != nil {
		t.Fatal(err)
	}
	n.startGateway(gateway.Config{})
	path := filepath.Join(t.TempDir(), "copy")
	if err := n.user.GetFile(n.ctx, fid, path, client.GetOptions{Verify: true}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "restored file", got, plain)
	var part bytes.Buffer
	if err := n.user.Get(n.ctx, hidden, &part, client.GetOptions{Cipher: testCipher, Offset: 33 << 20, Length: 1 << 20}); err != nil {
		t.Fatal(err)
	}
	same(t, "part of the encrypted file", part.Bytes(), secret[33<<20:34<<20])
	var refused *client.Error
	if err := n.user.Get(n.ctx, hidden, &part, client.GetOptions{Cipher: "wrong"}); !errors.As(err, &refused) || refused.Code != 400 {
		t.Errorf("wrong cipher: %v", err)
	}
	var stored bytes.Buffer
	if err := n.user.Get(n.ctx, hidden, &stored, client.GetOptions{}); err != nil {
		t.Fatal(err)
	}
	if stored.Len() != len(secret) || bytes.Equal(stored.Bytes()[:1<<20], secret[:1<<20]) {
		t.Errorf("without cipher: %d bytes, or plaintext", stored.Len())
	}
	if _, err := n.user.Delete(n.ctx, fid); err != nil {
		t.Fatal(err)
	}
	if err := n.user.Get(n.ctx, fid, &part, client.GetOptions{}); !errors.As(err, &refused) || refused.Code != 404 {
		t.Errorf("deleted file: %v", err)
	}
}

// What is refused leaves no trace in the user's space.
func TestRefusedUploadsCostNothing(t *testing.T) {
	n := startNetwork(t, 12, 1)
	before := n.territory()
	put := func(name, territory string, body []byte, size int64, want string) {
		t.Helper()
		_, err := n.user.Put(n.ctx, territory, name, bytes.NewReader(body), size, client.PutOptions{Trust: true})
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
