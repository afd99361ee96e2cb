package gateway_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gocess/gocess/internal/devkit/testnet"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/gateway"
	"github.com/gocess/gocess/primitives/substrate"
	client "github.com/gocess/gocess/sdk/gateway"
	"github.com/gocess/gocess/storage/segment"
)

const testCipher = "correct horse"

// Files are stored by twelve miners and can be had from any four of them.
func TestStoreAndRestore(t *testing.T) {
	n := startNetwork(t, 13, 2)
	plain, secret := testnet.Content(1, 40<<20), testnet.Content(2, 40<<20)

	fid, err := n.user.Put(n.Ctx, testTerritory, "plain.bin", bytes.NewReader(plain), int64(len(plain)), client.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var early bytes.Buffer
	if err := n.user.Get(n.Ctx, fid, &early, client.GetOptions{}); err != nil {
		t.Fatalf("read before miners have the file: %v", err)
	}
	same(t, "read before miners have the file", early.Bytes(), plain)
	hidden, err := n.user.Put(n.Ctx, testTerritory, "secret.bin", bytes.NewReader(secret), int64(len(secret)), client.PutOptions{Cipher: testCipher})
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
	if err := n.user.GetFile(n.Ctx, fid, path, client.GetOptions{Verify: true}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "restored file", got, plain)
	var part bytes.Buffer
	if err := n.user.Get(n.Ctx, hidden, &part, client.GetOptions{Cipher: testCipher, Offset: 33 << 20, Length: 1 << 20}); err != nil {
		t.Fatal(err)
	}
	same(t, "part of the encrypted file", part.Bytes(), secret[33<<20:34<<20])
	// A miner that restores gets what neither cache nor holder has, also of the
	// encrypted file.
	for _, id := range []types.Hash{fid, hidden} {
		for _, fragment := range n.lost(id) {
			if status, b := n.get(n.Alice, "/fragment/download?fid="+id.String()+"&fragment="+fragment.String()); status != 200 || types.HashOf(sha256.Sum256(b)) != fragment {
				t.Errorf("fragment %v of file %v: status %d, %d bytes", fragment, id, status, len(b))
			}
		}
	}
	var refused *client.Error
	if err := n.user.Get(n.Ctx, hidden, &part, client.GetOptions{Cipher: "wrong"}); !errors.As(err, &refused) || refused.Code != 400 {
		t.Errorf("wrong cipher: %v", err)
	}
	var stored bytes.Buffer
	if err := n.user.Get(n.Ctx, hidden, &stored, client.GetOptions{}); err != nil {
		t.Fatal(err)
	}
	if stored.Len() != len(secret) || bytes.Equal(stored.Bytes()[:1<<20], secret[:1<<20]) {
		t.Errorf("without cipher: %d bytes, or plaintext", stored.Len())
	}
	if _, err := n.user.Delete(n.Ctx, fid); err != nil {
		t.Fatal(err)
	}
	if err := n.user.Get(n.Ctx, fid, &part, client.GetOptions{}); !errors.As(err, &refused) || refused.Code != 404 {
		t.Errorf("deleted file: %v", err)
	}
}

// lost are the fragments of a file's first segment whose miners have stopped,
// one of data and one of parity.
func (n *network) lost(fid types.Hash) (out []types.Hash) {
	n.T.Helper()
	running := make(map[substrate.AccountID]bool)
	for _, m := range n.miners {
		running[m.Account()] = true
	}
	list := n.file(fid).SegmentList[0].FragmentList
	for _, part := range [][]filebank.Fragment{list[:segment.DataShards], list[segment.DataShards:]} {
		i := slices.IndexFunc(part, func(f filebank.Fragment) bool { return !running[f.Miner] })
		if i < 0 {
			n.T.Fatalf("all miners of %v run", fid)
		}
		out = append(out, part[i].Hash)
	}
	return out
}
