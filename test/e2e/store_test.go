//go:build e2e

package e2e

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/types"
)

// activeWithin is the project's promise: a file is safe with twelve miners a
// minute after its last byte.
const activeWithin = time.Minute

// A file comes back byte by byte after eight of its twelve miners and the
// gateway were killed and the gateway lost all it had, encrypted or not.
func TestFileOutlivesItsMiners(t *testing.T) {
	t.Parallel()
	rng := seeded(t)
	size := int64(200 * miB)
	if testing.Short() {
		size = 40 * miB
	}
	net := devkit.Start(t, devkit.Config{})
	chain := net.Client(t)
	alice := newUser(t, net, chain, "//Alice")
	alice.mint(t, "photos", 4)
	alice.authorize(t, gatewayAccount(t, net))

	for _, cipher := range []string{"", "correct horse"} {
		name := "plain"
		if cipher != "" {
			name = "encrypted"
		}
		t.Run(name, func(t *testing.T) {
			file := upload{
				content:   content{seed: rng.Uint64() | 1, size: size},
				territory: "photos", name: name + ".bin", cipher: cipher,
			}
			fid := alice.mustPut(t, file)
			uploaded := time.Now()
			stored := alice.waitActive(t, fid, activeWithin)
			t.Logf("%d MiB: Active %v after the upload's end", size/miB, time.Since(uploaded).Round(time.Millisecond))
			if stored.FileSize != u128(uint64(size)) {
				t.Errorf("FileBank.File has size %v, want %d", stored.FileSize, size)
			}
			killed := killHolders(t, rng, net, stored, 8)
			gateway := net.Node("gateway-1")
			gateway.Kill(t)
			gateway.Wipe(t)
			gateway.Restart(t)
			if err := alice.get(within(t, 5*time.Minute), fid, cipher, file.content); err != nil {
				t.Errorf("read the file from the 4 miners that are left: %v", err)
			}
			if cipher != "" {
				checkWrongCipher(t, alice, fid, file.content)
			}
			for _, m := range killed {
				m.Restart(t)
			}
		})
	}
	readBooks(t, chain, alice).settled(t)
	if err := net.Check(); err != nil {
		t.Error(err)
	}
}

// killHolders kills some of the twelve miners that store a file.
func killHolders(t *testing.T, rng *rand.Rand, net *devkit.Network, file filebank.File, count int) []*devkit.Node {
	t.Helper()
	holders := make(map[types.Address]bool)
	for _, f := range file.SegmentList[0].FragmentList {
		holders[types.Address(f.Miner)] = true
	}
	if len(holders) != types.FragmentCount {
		t.Fatalf("%d miners store the file, want %d", len(holders), types.FragmentCount)
	}
	var nodes []*devkit.Node
	for _, n := range net.Nodes("miner") {
		if account, err := types.ParseAddress(n.Account); err == nil && holders[types.Address(account)] {
			nodes = append(nodes, n)
		}
	}
	rng.Shuffle(len(nodes), func(i, j int) { nodes[i], nodes[j] = nodes[j], nodes[i] })
	for _, n := range nodes[:count] {
		n.Kill(t)
	}
	return nodes[:count]
}

// checkWrongCipher makes sure that what is stored is not the plain file: without
// the cipher the bytes differ, with another one the gateway says so.
func checkWrongCipher(t *testing.T, u *user, fid types.Hash, plain content) {
	t.Helper()
	if err := u.get(within(t, 5*time.Minute), fid, "", plain); err == nil {
		t.Error("the encrypted file can be read without its cipher")
	}
	err := u.get(within(t, 5*time.Minute), fid, "wrong horse", plain)
	refused(t, err, 400, "wrong cipher, or the file is not encrypted")
}
