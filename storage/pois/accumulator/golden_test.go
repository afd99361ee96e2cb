package accumulator

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"testing"
)

// The vectors of spec/pois.md §14.

func goldenKey(t testing.TB) Key {
	n := new(big.Int).Lsh(big.NewInt(1), 2048)
	n.Sub(n, big.NewInt(1942289))
	k, err := ParseKey(n.Bytes(), []byte{3})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// memory is a Source of the golden elements: SHA-512 of pois-elem-<i>.
type memory map[int64]*Elements

func (m memory) Elements(set int64) (*Elements, error) {
	if e, ok := m[set]; ok {
		return e, nil
	}
	var values [][]byte
	for i := range FanOut {
		h := sha512.Sum512(fmt.Appendf(nil, "pois-elem-%d", int(set-1)*FanOut+i+1))
		values = append(values, h[:])
	}
	e, err := NewElements(values)
	m[set] = e
	return e, err
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

func equal(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s = %s, want %s", what, got, want)
	}
}

func equalPath(t *testing.T, what string, path [][]byte, want ...string) {
	t.Helper()
	for i := range want {
		equal(t, fmt.Sprint(what, " path ", i), sum(path[i]), want[i])
	}
}

func TestGoldenPrimes(t *testing.T) {
	u := make([]byte, 64)
	for i := range u {
		u[i] = byte(i + 1)
	}
	f := new(big.Int).Rsh(primeStart(u), 1)
	equal(t, "f", f.Text(16), "6f056393440782d7f837bddfc320adc454de04441ecbafadd8e11ba2d5ee65949ec105d46d2b9add6e7ac412f68783ddc7446865430ea096a55406c347b6ddac1b660")
	equal(t, "prime", Prime(u).Text(16), "de0ac726880f05aff06f7bbf86415b88a9bc08883d975f5bb1c23745abdccb293d820ba8da5735badcf58825ed0f07bb8e88d0ca861d412d4aa80d868f6dbb583706f")
	u[0] = 0
	equal(t, "prime of 63 bytes", Prime(u).Text(16), "9b317447af762c141d65bf63f97f72cc521a561d97ba90c8dfffa99f35203870cce0bed0ff53df56c6ff10f40fb01fbb2603b04bbb67364bcdfdafa25030daa3061e3")
}

const sumG = "084fed08b978af4d7d196a7446a86b58009e636b611db16211b65a9aadff29c5"

func TestGoldenAccumulator(t *testing.T) {
	k, m := goldenKey(t), memory{}
	a := New(k, m)
	e1, _ := m.Elements(1)
	e2, _ := m.Elements(2)
	b, change, err := a.Insert(e1)
	if err != nil {
		t.Fatal(err)
	}
	equalPath(t, "insert 1", change.Path, "bc05714ce12467f59fb5ed9cf7d5d24700256d186f2a205f21851eee1c458c4f", "accb4376d1118e4bea8ec2ee23af7d54c8b9175b06c55ad656506b101d49b77e", "f4f9727b2e9e8407a0d5f793e182f750f5b42fec365f64e58d7ad804a0da3d2f")
	accept(t, k, a, b, e1.Values, change)
	c, change, err := b.Insert(e2)
	if err != nil {
		t.Fatal(err)
	}
	equalPath(t, "insert 2", change.Path, "be7974aa5bbce63c1d02e3a9344882a4d1191f269f6ab9bda5478559675d3ba6", "6a4c5192e9425dd89f2aeb65d76aa123dbc8072ca3999d56d1796b5b82a49b9f", "6d410db1d0ccf418189c458527274bc03707915b7ca7437407e730ed48b6b264")
	equal(t, "chain", sum(change.Chain.Wit), "accb4376d1118e4bea8ec2ee23af7d54c8b9175b06c55ad656506b101d49b77e")
	equal(t, "chain", sum(change.Chain.Acc.Wit), sumG)
	accept(t, k, b, c, e2.Values, change)

	for _, w := range []struct {
		file     int64
		wit, sub string
	}{
		{1, "661b51267844f4b1ec8225108801bc74cb090b2e6dbff49416162e46c87ff309", "cb99111daf1c26038b7e8e89a1973f35cea3939bb7b633ba98f7c005464576d0"},
		{300, "8fb5f2e9f643a956a5118bf56439f8319e15a1970d882f7483c3739eae940e00", "accb4376d1118e4bea8ec2ee23af7d54c8b9175b06c55ad656506b101d49b77e"},
	} {
		chains, err := c.Witnesses(w.file, w.file+1)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "witness", sum(chains[0].Wit), w.wit)
		equal(t, "sub witness", sum(chains[0].Acc.Wit), w.sub)
		equal(t, "mid witness", sum(chains[0].Acc.Acc.Wit), sumG)
		if err := VerifyWitnesses(k, c.Value(), [][]byte{chains[0].Elem}, chains); err != nil {
			t.Error(err)
		}
	}

	d, change, err := c.Delete(8)
	if err != nil {
		t.Fatal(err)
	}
	equalPath(t, "delete 8", change.Path, "14d155154235d6fc50131aa6519315823494e9724ab9c284e1d19efaadc4790a", "e3e361a61b324002bf099f0967258832ff9475f7b0e8ce94945f7551f4a51e7b", "fb3165194bbafc2cb3ae456711740226addbd208e8063e758e56e73a44a9cce0")
	if v, err := VerifyDelete(k, c.Value(), e1.Values[:8], false, change); err != nil || !bytes.Equal(v, d.Value()) {
		t.Error("delete 8:", err)
	}
	e, change, err := d.Delete(248)
	if err != nil {
		t.Fatal(err)
	}
	equalPath(t, "delete 248", change.Path, sumG, "cb99111daf1c26038b7e8e89a1973f35cea3939bb7b633ba98f7c005464576d0", "c6f3090fff4752277d0b746574f72d74de252ce4e8d6fc45270d7d6fa8dfd966")
	if v, err := VerifyDelete(k, d.Value(), e1.Values[8:], true, change); err != nil || !bytes.Equal(v, e.Value()) {
		t.Error("delete 248:", err)
	}
	f, change, err := e.Delete(256)
	if err != nil {
		t.Fatal(err)
	}
	equalPath(t, "delete all", change.Path, sumG, sumG, sumG)
	if _, err := VerifyDelete(k, e.Value(), e2.Values, true, change); err != nil || len(f.mids) != 0 {
		t.Error("delete all:", err)
	}

	for _, x := range []*Accumulator{a, b, c, d, e, f} {
		y, err := Restore(k, m, x.State())
		if err != nil || !slices.Equal(y.Shape(), x.Shape()) {
			t.Fatal(err)
		}
		z, err := Rebuild(context.Background(), k, m, x.front, x.rear, nil)
		if err != nil || !bytes.Equal(z.Value(), x.Value()) {
			t.Errorf("rebuilt %d…%d differs: %v", x.front, x.rear, err)
		}
	}
}

func accept(t *testing.T, k Key, before, after *Accumulator, values [][]byte, c *Change) {
	t.Helper()
	v, err := VerifyInsert(k, before.Value(), values, c)
	if err != nil || !bytes.Equal(v, after.Value()) {
		t.Error("insertion refused:", err)
	}
}

// BenchmarkPrime is the cost of one element; an insertion of 256 is dominated by it.
func BenchmarkPrime(b *testing.B) {
	for i := range b.N {
		h := sha512.Sum512(fmt.Append(nil, i))
		Prime(h[:])
	}
}

// The sieve and the tests give what a plain search gives.
func TestPrimeIsTheNext(t *testing.T) {
	for i := range 12 {
		h := sha512.Sum512(fmt.Append(nil, "search", i))
		want := primeStart(h[:])
		for !want.ProbablyPrime(10) {
			want.Add(want, big.NewInt(1))
		}
		if Prime(h[:]).Cmp(want) != 0 {
			t.Errorf("prime of %x", h)
		}
	}
}
