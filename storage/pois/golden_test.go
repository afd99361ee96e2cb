package pois

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/gocess/gocess/storage/pois/wire"
)

// The vectors of spec/pois.md §14: output of the upstream prover.

func goldenID() (id ID) {
	for i := range id {
		id[i] = byte(i + 1)
	}
	return id
}

func TestGoldenParents(t *testing.T) {
	for _, c := range []struct {
		n           int
		cluster     int64
		layer, node int
		first, last []int
		want        string
	}{
		{16384, 1, 1, 16389, []int{5, 36, 495, 704, 830, 1139}, []int{15771, 15985, 16326}, "0da969c3cdca34d430363395819dc5b3205b14b158ba89dc9e2f8ab5449c8ffa"},
		{1 << 20, 7, 9, 9166385, []int{8117809, 8131665, 8142978, 8173405, 8186148, 8197656}, []int{9134730, 9147343, 9164052}, "95e12a9ea9e7432f86e3e0418d347f66055cb5adefd738dfa126ba4af373ec05"},
		{1 << 20, 1, 7, 8388607, []int{7340031, 7355895, 7364933, 7388013, 7397571, 7408688}, []int{8354019, 8372093, 8373589}, "29c2939d1d94dc3e59aafc1e2364f18d6b0f160fe846e89f39deaa5d5e342a35"},
	} {
		got := Parents(Params{8, c.n, 64}, goldenID(), c.cluster, c.layer, c.node)
		if len(got) != 65 || !slices.Equal(got[:6], c.first) || !slices.Equal(got[62:], c.last) {
			t.Errorf("node %d: parents %v", c.node, got)
		}
		var b []byte
		for _, v := range got {
			b = binary.BigEndian.AppendUint32(b, uint32(v))
		}
		if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != c.want {
			t.Errorf("node %d: hash of parents %x", c.node, sum)
		}
	}
}

func TestGoldenTree(t *testing.T) {
	var labels []byte
	for i := range 128 {
		l := sha512.Sum512(fmt.Appendf(nil, "pois-leaf-%d", i))
		labels = append(labels, l[:]...)
	}
	p := Params{8, 128, 1}
	var nodes []Hash
	for i := range 64 {
		nodes = append(nodes, foldLabels(vectors, labels[i*128:(i+1)*128]))
	}
	u := newUpper(nodes)
	equalHex(t, "root", hexOf(u.root()), "70cc315830e3592b7ad15206736a5665cf96a830be813c456e052f70339bcfaf")
	equalHex(t, "aux", hexOf(sha256.Sum256(levelBytes(u.aux()))), "3da90fccb6fc73e1aa24e89f94034c9426998d8d780a75d52c8eef3b94b83b84")
	paths, locs, top := pathIn(make([]Hash, 2), labels[38*128:39*128], 1, u, 38)
	if top != nodes[38] {
		t.Error("node of a chunk")
	}
	equalHex(t, "directions", hex.EncodeToString(locs), "00010000010100")
	equalHex(t, "path", hexOf(sha256.Sum256(slices.Concat(paths...))), "1aff5d3eda34f4387d6981904e7d46d7e745111ce6f35fb64346ad1a0bac420c")
	root := u.root()
	batch := pathBatch{p: p}
	m := &wire.MhtProof{Label: labels[77*64 : 78*64], Paths: paths, Locs: locs}
	if err := errors.Join(batch.add("leaf", 77, root[:], 77, m), batch.verify()); err != nil {
		t.Error(err)
	}
	root[0] ^= 1
	if err := errors.Join(batch.add("leaf", 77, root[:], 77, m), batch.verify()); !errors.Is(err, ErrPath) {
		t.Error("path to another root:", err)
	}
}

type goldenSet struct {
	p                                  Params
	root0, root511, root512, sum, last string
}

var goldenSets = []goldenSet{
	{Params{8, 256, 1}, "a131e33dbe0599141e8acd312b696ae002767255e0cb40886ab1e96df8ad7fd1", "", "1e9d452f1193dd0f9687a170bb4160c2ef963b1a9132801908d37aec20e4a6bc",
		"652790909b0333f9592f7e1e51e04b4edbac7a3064abbe08e4785703fa58b1ae", "3bccf1bf26cbc46e2aec846365b7b0267a52176142d7168c4c2482f4d7a00a04"},
	{Params{8, 2048, 8}, "905c5ba56d73fe0e3bd2dbd0af73248e38c927e01042da4d3fe80cc64d1030e8", "", "0f4f0fd18a447fffde71f0bf8c373658bb2631fa8770c4208f520f0acd30f00c",
		"b0a7fe724259960728ba38f21a05a8c64a39c29bd1d01031672bedb55cccfc11", "764680d981e176cd4ab0c6669e0a628a709b57187e75b3b7b1cdba469ef5c4d3"},
	{Params{8, 16384, 64}, "38c20dead105ae6f91c0aa4ab81ec9800113e6f6f39f65926393e7eeb0ca4368", "2999110d5bb784d9f11a2e57e108b600bd4b20b8200d9ec24f78b05eadf30611",
		"0f343a08928a87afe21f614bc58c8ee678c9d96bd9cd8b9ca0a60e8cd613b838",
		"e446df95d605e1d9418b1f6ef1fc865e22ecc48ba293d00543149987f97284a5", "5642fb639ba12192fd0ac6f58bab3f9065080b6f42fc9db0317557384955f742"},
}

// TestGoldenSets generates whole sets. The largest takes about 20 s of a core; it runs only with POIS_LONG=1.
func TestGoldenSets(t *testing.T) {
	for _, g := range goldenSets {
		t.Run(fmt.Sprint(g.p.N), func(t *testing.T) {
			if g.p.N > 2048 && os.Getenv("POIS_LONG") == "" {
				t.Skip("set POIS_LONG=1 for the set of 256 MiB")
			}
			workers := 1
			if g.p.N == 2048 {
				workers = 3
			}
			s := generateTemp(t, g.p, 1, GenerateOptions{Workers: workers})
			roots, err := s.Roots()
			if err != nil {
				t.Fatal(err)
			}
			equalHex(t, "roots[0]", hex.EncodeToString(roots[0]), g.root0)
			if g.root511 != "" {
				equalHex(t, "roots[511]", hex.EncodeToString(roots[511]), g.root511)
			}
			equalHex(t, "roots[512]", hex.EncodeToString(roots[512]), g.root512)
			equalHex(t, "file-roots", fileSum(t, s.rootsFile()), g.sum)
			equalHex(t, "last file", fileSum(t, s.file("sub", 32, 15)), g.last)
			if g.p.N == 16384 {
				equalHex(t, "first label", firstLabel(t, s.file("sub", 1, 0)), "205376fb45aabf1a0e67a364e3a7c9287bc24d60035e787d5f5e82b61ba0f7660d0ad7624458f206fbad742c13033b6ca27651822aa64d50eab67ec70444a65f")
				equalHex(t, "cluster 2, layer 9", firstLabel(t, s.file("sub", 2, 9)), "ec077ee1de3949c0805f9c23a7662165e27411620bc4bd935b2123b0bd512503e979810a7a3148131a720bae1657d86ad8d504e5ca23677e05b28519ecb99c55")
			}
		})
	}
}

func generateTemp(t testing.TB, p Params, number int64, o GenerateOptions) *Set {
	t.Helper()
	s, err := OpenSet(p, goldenID(), number, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := Generate(context.Background(), s, o); err != nil {
		t.Fatal(err)
	}
	return s
}

func hexOf(h Hash) string { return hex.EncodeToString(h[:]) }

func fileSum(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return hexOf(sha256.Sum256(b))
}

func firstLabel(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(b[:LabelSize])
}

func equalHex(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s = %s, want %s", what, got, want)
	}
}
