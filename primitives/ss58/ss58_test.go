package ss58

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/mr-tron/base58"
	"pgregory.net/rapid"
)

const (
	alice     = "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"
	aliceKey  = "020a1091341fe5664bfa1782d5e04779689068c916b04cb365ec3153755684d9a1"
	aliceCESS = "cXjmuHdBk4J3Zyt2oGodwGegNFaTFPcfC48PZ9NMmcUFzF6cc"
)

// golden addresses: spec/wire.md §7.3 and §7.6, and the encoder of the polkadot-js wallet (@polkadot/util-crypto 14.0.3).
var golden = []struct {
	prefix  uint16
	account string
	address string
}{
	{0, alice, "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5"},
	{1, alice, "BauKu2iL4fncgfy22YSLGc1aDLpyuUUe5z8yNF2pDtLNr4E"},
	{2, alice, "HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F"},
	{42, alice, "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"},
	{63, alice, "7NPoMQbiA6trJKkjB35uk96MeJD4PGWkLQLH7k7hXEkZpiba"},
	{64, alice, "cEaNSpz4PxFcZ7nT1VEKrKewH67rfx6MfcM6yKojyyPz7qaqp"},
	{65, alice, "cLxkfNUiCYsb57YLhTJdNVKxUTB1VTpeygYZNhYuFc83KrFy7"},
	{127, alice, "jAtW53781ZL18rTbRPuMcq3EcxYSHF3AJAnnMwgoxs5UAaELH"},
	{128, alice, "jHGtHabmp9wyerDV7Myf8ziFpKbb6kmTcEzEmKRyEVoXNb1pm"},
	{255, alice, "yGHXkYLYqxijLKKfd9Q2CB9shRVu8rPNBS53wvwGTutYg4zTg"},
	{256, alice, "VByeGLMtP8r8BYQpNX1sb2VtAW8GYCbtFAeXJwsA2ur3MNRdq"},
	{1284, alice, "VdvKmYJfD4VXA9fzz1SbmCo2eYHSzUFbaDCZSuaNKJAe8YNg6"},
	{2007, alice, "tsYiidXGXmwsjaTrJpA6Z9YuqRipRjVqMrkikExNnpsVoa9cL"},
	{10041, alice, "bXmPf7DcVmFuHEmzH3UX8t6AUkfNQW8pnTeXGhFhqbfngjAak"},
	{11330, alice, aliceCESS},
	{16383, alice, "yNa8JpqfFB3q8A29rCwSgxvdU94ufJw2yKKxDgznS5m1PoFvn"},
	{42, aliceKey, "KW39r9CJjAVzmkf9zQ4YDb2hqfAVGdRqn53eRqyruqpxAP5YL"},
	{11330, aliceKey, "3hpJptD4FGbfpLBzgwy4wGeG8YysRtfDcBUKGM2WTPc8MTLKeGP"},
	{11330, strings.Repeat("00", 32), "cXeyfDihS7XFWXFmJAJyXKHLnKrFiTtpEbyxYngm3G6y99joF"},
	{11330, strings.Repeat("ff", 32), "cXkmKUiEqVp8EgKAm4qrYhBcCyLQ1X5SknvWgQNQLixZdRtDZ"},
	{11330, "8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48", "cXiCk1Z1bva3fpsYHqsfzXJmQ9jSMw5FrZJFE61E6YVLkU6w2"},
	{11330, "90b5ab205c6974c9ea841be688864633dc9ca8a357843eeacf2314649965fe22", "cXiFQ5j9eFZwJTUwxNfGKWyDgys7jvP8hz5WZd1XCptXGmPg2"},
	{11330, "306721211d5404bd9da88e0204360a1a9ab8b87c66c1bc2fcdd37f3c2222cc20", "cXg589ugcTayykZnyd8gHpM9882mEFSjdR7fXUTPwix33ngWV"},
	{11330, "e659a7a1628cdd93febc04a4e0646ea20e9f5f0ce097d9a05290d4a9e054df4e", "cXkBgsDbkBxmBUBeYNMf1wTXp7TGu3Z8GcAVeBYMbYH8QoP7E"},
	{11330, "1cbd2d43530a44705ad088af313e18f80b53ef16b36177cd4b77b846f2a5f07c", "cXfdLkvc2MXiaiXH1h3PKBoyh39o6X38hU7c4oRY3ZxRyM9JJ"},
	{11330, "be5ddb1579b72e84524fc29e78609e3caf42e85aa118ebfe0b0ad404b5bdd25f", "cXjHGCWMUM8gM9YFJUK2rqq2tiFWB4huBKWdQPkWdcXcZHhHA"},
	{11330, "46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a", "cXgaee2N8E77JJv9gdsGAckv1Qsf3hqWYf7NL4q6ZuQzuAUtB"},
	{11330, "01e552298e47454041ea31273b4b630c64c104e4514aa3643490b8aaca9cf8ed", "cXf29Pc3NUuVst5biTQxWnLxixuBn7sFPRCXtHBqFX6c4QZsV"},
	{11330, "32f955c958e51189a4921aed41ef00818f7368dfaec8d9969f091006f8066228", "cXg8VgXeUFwYRuvLxvQaucy2cS3i5RyuwDLLeKcPaxnFmnYpy"},
}

func TestGolden(t *testing.T) {
	for _, g := range golden {
		account, err := hex.DecodeString(g.account)
		if err != nil {
			t.Fatal(err)
		}
		if got := Encode(g.prefix, account); got != g.address {
			t.Errorf("Encode(%d, %s) = %s, want %s", g.prefix, g.account, got, g.address)
		}
		prefix, got, err := Decode(g.address)
		if err != nil || prefix != g.prefix || !bytes.Equal(got, account) {
			t.Errorf("Decode(%s) = %d, %x, %v; want %d, %s", g.address, prefix, got, err, g.prefix, g.account)
		}
	}
}

// The wallet SDKs tell CESS addresses by their length and first letters.
func TestCESSAddressShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		account := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "account")
		if text := Encode(CESS, account); len(text) != 49 || !strings.HasPrefix(text, "cX") {
			t.Fatalf("%s is not 49 characters starting with cX", text)
		}
	})
}

func TestRoundTripEveryPrefix(t *testing.T) {
	account, _ := hex.DecodeString(alice)
	for prefix := uint16(0); prefix <= MaxPrefix; prefix++ {
		got, body, err := Decode(Encode(prefix, account))
		if err != nil || got != prefix || !bytes.Equal(body, account) {
			t.Fatalf("prefix %d comes back as %d, %x, %v", prefix, got, body, err)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	for _, c := range []struct {
		prefix uint16
		size   int
	}{{MaxPrefix + 1, 32}, {65535, 32}, {CESS, 0}, {CESS, 31}, {CESS, 34}, {CESS, 20}} {
		if got := Encode(c.prefix, make([]byte, c.size)); got != "" {
			t.Errorf("Encode(%d, %d bytes) = %q, want nothing", c.prefix, c.size, got)
		}
	}
}

func TestDecodeErrors(t *testing.T) {
	sealed := func(payload ...byte) string {
		sum := checksum(payload)
		return base58.Encode(append(payload, sum[:]...))
	}
	body := make([]byte, 32)
	tests := []struct {
		name, text string
		want       error
		says       string
	}{
		{"empty", "", ErrLength, "empty"},
		{"hexadecimal", "0x" + alice[:60], ErrBase58, "hexadecimal"},
		{"letter outside the alphabet", "cXjmuHdBk4J3Zyt2oGodwGegNFaTFPcfC48PZ9NMmcUFzF6cO", ErrBase58, `'O' at position 49`},
		{"not ASCII", "cXjmü", ErrBase58, `'ü'`},
		{"line break", aliceCESS + "\n", ErrBase58, "position 50"},
		{"mistyped", strings.Replace(aliceCESS, "J3Z", "J4Z", 1), ErrChecksum, "mistyped"},
		{"cut", aliceCESS[:40], ErrLength, "want 32"},
		{"one letter too many", aliceCESS + "z", ErrLength, "34 bytes"},
		{"very long", strings.Repeat("z", 1<<20), ErrLength, "1048576 characters"},
		{"only a prefix", sealed(0x50, 0xac), ErrLength, "0 bytes"},
		{"first byte 128", sealed(append([]byte{0x80}, body...)...), ErrPrefix, "0x80"},
		{"one byte of a two-byte prefix", base58.Encode([]byte{0x40}), ErrPrefix, "0x40"},
		{"prefix 42 in two bytes", sealed(append([]byte{0x4a, 0x80}, body...)...), ErrPrefix, "42 must take one byte"},
		{"Ethereum address", sealed(append([]byte{42}, body[:20]...)...), ErrLength, "20 bytes"},
		{"account index", sealed(42, 7), ErrLength, "1 bytes"},
		{"leading zero byte", "1" + aliceCESS, ErrLength, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := Decode(test.text)
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("got %v, want %v mentioning %q", err, test.want, test.says)
			}
		})
	}
}

func TestDecodeAccount(t *testing.T) {
	want := [32]byte{}
	if _, err := hex.Decode(want[:], []byte(alice)); err != nil {
		t.Fatal(err)
	}
	for _, networks := range [][]uint16{nil, {CESS}, {Substrate, CESS}} {
		if got, err := DecodeAccount(aliceCESS, networks...); err != nil || got != want {
			t.Errorf("accepting %v: %x, %v", networks, got, err)
		}
	}
	if _, err := DecodeAccount(aliceCESS, Substrate, Polkadot); !errors.Is(err, ErrNetwork) {
		t.Errorf("foreign network: %v, want %v", err, ErrNetwork)
	}
	if _, err := DecodeAccount("KW39r9CJjAVzmkf9zQ4YDb2hqfAVGdRqn53eRqyruqpxAP5YL"); !errors.Is(err, ErrLength) {
		t.Errorf("33-byte key: %v, want %v", err, ErrLength)
	}
}

// A single wrong character always shows, short of a checksum collision (1 in 65536, hence the fixed account).
func TestChecksumCatchesTypos(t *testing.T) {
	missed := 0
	for i := range aliceCESS {
		for _, r := range alphabet {
			typo := aliceCESS[:i] + string(r) + aliceCESS[i+1:]
			if _, _, err := Decode(typo); typo != aliceCESS && err == nil {
				missed++
			}
		}
	}
	if missed > 1 {
		t.Errorf("%d of 2793 typing errors went unnoticed", missed)
	}
}

func FuzzDecode(f *testing.F) {
	for _, g := range golden {
		f.Add(g.address)
	}
	f.Add("")
	f.Add("0x00")
	f.Add(strings.Repeat("1", 37))
	f.Fuzz(func(t *testing.T, text string) {
		prefix, account, err := Decode(text)
		if err != nil {
			return
		}
		if back := Encode(prefix, account); back != text {
			t.Fatalf("%q decodes to (%d, %x), which encodes as %q", text, prefix, account, back)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	account, _ := hex.DecodeString(alice)
	b.ReportAllocs()
	for b.Loop() {
		Encode(CESS, account)
	}
}

func BenchmarkDecode(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Decode(aliceCESS); err != nil {
			b.Fatal(err)
		}
	}
}
