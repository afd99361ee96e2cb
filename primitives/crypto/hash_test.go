package crypto

import (
	"bytes"
	"encoding/hex"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

func TestHashVectors(t *testing.T) {
	abc := []byte("abc")
	b128, t64, t128, t256 := Blake2b128(abc), Twox64(abc), Twox128(abc), Twox256(abc)
	empty, trie, keccak := Blake2b256(), Blake2b256([]byte{0}), Keccak256()
	b512 := Blake2b512(abc)
	for _, v := range []struct {
		name string
		got  []byte
		want string
	}{
		{"blake2_128(abc)", b128[:], "cf4ab791c62b8d2b2109c90275287816"},
		{"blake2_256()", empty[:], "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"},
		{"blake2_256(00)", trie[:], "03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314"},
		{"blake2_512(abc), RFC 7693", b512[:], "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923"},
		{"twox64(abc)", t64[:], "990977adf52cbc44"},
		{"twox128(abc)", t128[:], "990977adf52cbc440889329981caa9be"},
		{"twox256(abc)", t256[:], "990977adf52cbc440889329981caa9bef7da5770b2b8a05303b75d95360dd62b"},
		{"keccak256()", keccak[:], "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"},
	} {
		if got := hex.EncodeToString(v.got); got != v.want {
			t.Errorf("%s = %s, want %s", v.name, got, v.want)
		}
	}
}

func digests(parts ...[]byte) []byte {
	a, b, c, d := Blake2b128(parts...), Blake2b256(parts...), Blake2b512(parts...), Keccak256(parts...)
	e, f, g := Twox64(parts...), Twox128(parts...), Twox256(parts...)
	return bytes.Join([][]byte{a[:], b[:], c[:], d[:], e[:], f[:], g[:]}, nil)
}

// A digest depends on the concatenation of the parts only, also across the pool's 512-byte buffer.
func TestHashPartsConcatenate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.SliceOfN(rapid.Byte(), 0, 2000).Draw(t, "whole")
		i := rapid.IntRange(0, len(whole)).Draw(t, "i")
		j := rapid.IntRange(i, len(whole)).Draw(t, "j")
		if !bytes.Equal(digests(whole), digests(whole[:i], whole[i:j], nil, whole[j:])) {
			t.Fatal("parts and whole differ")
		}
	})
}

func TestHashConcurrently(t *testing.T) {
	input := bytes.Repeat([]byte("gocess"), 300)
	want := digests(input)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				if got := digests(input[:700], input[700:]); !bytes.Equal(got, want) {
					t.Error("a digest differs under concurrency")
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestHashesDoNotAllocate(t *testing.T) {
	for name, hash := range map[string]func(){
		// The keys must stay on the stack.
		"Blake2b128": func() { key := [32]byte{1}; Blake2b128(key[:], key[:16]); Blake2b128(key[:]) },
		"Blake2b256": func() { key := [32]byte{1}; Blake2b256(key[:]); Blake2b256(key[:], key[:16]) },
		"Blake2b512": func() { key := [32]byte{1}; Blake2b512(key[:]); Blake2b512(key[:], key[:16]) },
		"Keccak256":  func() { key := [32]byte{1}; Keccak256(key[:], key[:16]) },
		"Twox":       func() { key := [32]byte{1}; Twox64(key[:]); Twox128(key[:], key[:16]); Twox256(key[:]) },
	} {
		if n := testing.AllocsPerRun(1000, hash); n >= 1 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}
