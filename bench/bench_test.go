package bench

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/nodes/validator"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/storage/segment"
)

// startValidator runs a chain that has n accounts of the benchmark's.
func startValidator(t *testing.T, n int) *validator.Node {
	t.Helper()
	o := genesis.DevOptions{GenesisTimeMs: uint64(time.Now().UnixMilli()), BlockTimeMs: 200}
	for i := range n {
		o.Endowed = append(o.Endowed, SecretOf(i))
	}
	spec, err := genesis.Dev(o)
	if err != nil {
		t.Fatal(err)
	}
	var keys []crypto.Pair
	for _, scheme := range []crypto.Scheme{crypto.Ed25519, crypto.Sr25519} {
		p, err := crypto.FromURI(scheme, "//Alice")
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, p)
	}
	v, err := validator.Start(t.Context(), validator.Config{
		Home: t.TempDir(), Spec: spec, Keys: keys, RPC: "127.0.0.1:0", P2P: "127.0.0.1:0",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	})
	return v
}

func TestReadStorage(t *testing.T) {
	v := startValidator(t, 5)
	r, err := ReadStorage(t.Context(), "ws://"+v.Address(), 5, 200*time.Millisecond, os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if r.Calls == 0 || r.Rate() <= 0 {
		t.Errorf("%+v", r)
	}
	// An account that the chain does not have has no value.
	if _, err := ReadStorage(t.Context(), "ws://"+v.Address(), 6, time.Minute, 0); err == nil || !strings.Contains(err.Error(), "null") {
		t.Errorf("a missing account was read: %v", err)
	}
}

// A chain under load: what is counted is what the chain has.
func TestTransfersCountsWhatIsFinal(t *testing.T) {
	const n = 100
	v := startValidator(t, n)
	cfg := TransferConfig{
		Node: "ws://" + v.Address(), Accounts: n, Warmup: time.Millisecond, Duration: time.Second, Window: 500, PreSigned: 300,
	}
	blocks := 0
	cfg.Progress = func(Block) { blocks++ }
	// Twice: the second load begins with other nonces, and its accounts are
	// funded as on a chain that was not made for it.
	for range 2 {
		r, err := Transfers(t.Context(), cfg, os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		if r.Transfers <= 0 || r.Blocks <= 0 || r.Rate() <= 0 || r.Fullness <= 0 || r.Fullness > 1 || r.SlowestTen <= 0 || blocks == 0 {
			t.Errorf("%+v", r)
		}
		if cfg.Fund, err = crypto.FromURI(crypto.Sr25519, "//Alice"); err != nil {
			t.Fatal(err)
		}
	}
	cfg.Accounts = n + 1
	cfg.Fund = nil
	if _, err := Transfers(t.Context(), cfg, 0); err == nil {
		t.Error("an account that does not exist can send")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	cfg.Accounts, cfg.Duration = n, time.Minute
	if r, err := Transfers(ctx, cfg, 0); err == nil {
		t.Errorf("a load that was cancelled has the result %+v", r)
	}
}

func TestKVStore(t *testing.T) {
	r, err := KVStore(t.Context(), KVStoreConfig{
		Home: t.TempDir(), BlockTime: 50 * time.Millisecond, Warmup: time.Millisecond, Duration: 500 * time.Millisecond, Window: 500,
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.Transactions <= 0 || r.Blocks <= 0 || r.Rate() <= 0 {
		t.Errorf("%+v", r)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := KVStore(ctx, KVStoreConfig{Home: t.TempDir()}); err == nil {
		t.Errorf("a load that was cancelled has the result %+v", r)
	}
}

func TestConfigIsChecked(t *testing.T) {
	for _, c := range []TransferConfig{
		{Accounts: 1}, {Window: 1}, {PreSigned: -1}, {Duration: -1}, {Accounts: 100, Window: 50_000},
	} {
		if err := c.Complete(); err == nil {
			t.Errorf("%+v is accepted", c)
		}
	}
}

func TestEncodeAndRestore(t *testing.T) {
	const size = segment.Size + 1000
	r, err := Encode(t.Context(), size, 1, segment.Cipher{}, "")
	if err != nil || r.Bytes != size || r.Rate() <= 0 || r.CPURate() <= 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	results, err := Restore(t.Context(), size, 2, t.TempDir(), 0, 8)
	if err != nil || len(results) != 2 || results[1].Rate() <= 0 {
		t.Fatalf("%+v, %v", results, err)
	}
	if _, err := Restore(t.Context(), size, 1, t.TempDir(), 9); err == nil {
		t.Error("a file came back from three fragments")
	}
}

// The stream is the same however it is read, and no page occurs twice.
func TestPattern(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(0, 3*patternBlock).Draw(t, "size")
		whole, err := io.ReadAll(newPattern(size))
		if err != nil || int64(len(whole)) != size {
			t.Fatalf("%d of %d bytes, %v", len(whole), size, err)
		}
		var parts bytes.Buffer
		step := rapid.Int64Range(5, 2*patternStep).Draw(t, "step")
		if size > 1<<16 {
			step *= 1000
		}
		for p := newPattern(size); ; {
			if n, err := io.CopyN(&parts, p, step); n < step || err != nil {
				break
			}
		}
		if !bytes.Equal(parts.Bytes(), whole) {
			t.Fatalf("reading %d bytes at a time gives something else", step)
		}
		for at := 0; at+8 <= len(whole); at += patternStep {
			if n := binary.LittleEndian.Uint64(whole[at:]); n != uint64(at) {
				t.Fatalf("page at %d has the number %d", at, n)
			}
		}
	})
}

func TestSlowest(t *testing.T) {
	start := time.Now()
	var blocks []Block
	included := 0
	for i := range 31 {
		if i > 10 && i <= 20 {
			included += 50
		} else {
			included += 100
		}
		blocks = append(blocks, Block{At: start.Add(time.Duration(i) * time.Second), Included: included})
	}
	if got := slowest(blocks, 10*time.Second); got != 50 {
		t.Errorf("slowest ten seconds: %v/s, want 50", got)
	}
	if got := slowest(blocks[:5], 10*time.Second); got != 100 {
		t.Errorf("too short a run: %v/s, want its mean, 100", got)
	}
}

func TestRefusalIsFound(t *testing.T) {
	for answer, want := range map[string]string{
		`[{"jsonrpc":"2.0","id":0,"result":"0x00"}]`:                                                             "",
		`[{"id":0,"result":"0x"},{"id":1,"error":{"code":1010,"message":"Invalid Transaction","data":"stale"}}]`: "1010: Invalid Transaction",
		`{"error":{"code":-32600,"message":"Invalid request"}}`:                                                  "-32600",
		`"error"`: "answer",
	} {
		err := refusal([]byte(answer))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", answer, err, want)
		}
	}
}

func FuzzRefusal(f *testing.F) {
	f.Add([]byte(`[{"error":{"code":1}}]`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		if err := refusal(answer); err != nil && !bytes.Contains(answer, []byte(`"error"`)) {
			t.Fatalf("%s: %v", answer, err)
		}
	})
}

func TestReport(t *testing.T) {
	r := NewReport("Title")
	r.Add(Figure{What: "speed", Value: 4949.4, Unit: "/s", Budget: "≥ 5,000/s", Beside: "something"})
	r.Note("about %d", 7)
	var text, markdown strings.Builder
	if err := r.Print(&text); err != nil {
		t.Fatal(err)
	}
	if err := r.Markdown(&markdown); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Title", "4949 /s", "≥ 5,000/s", "something", "about 7"} {
		if !strings.Contains(text.String(), want) || !strings.Contains(markdown.String(), want) {
			t.Errorf("%q is missing", want)
		}
	}
	for value, want := range map[float64]string{0: "0.0 s", 1.234: "1.23 s", 12.34: "12.3 s", 1234.5: "1234 s"} {
		if got := (Figure{Value: value, Unit: "s"}).Text(); got != want {
			t.Errorf("%v: %q, want %q", value, got, want)
		}
	}
}

func TestChild(t *testing.T) {
	c, err := StartChild("/bin/sh", "-c", "echo some words; exit 3")
	if err != nil {
		t.Skip(err)
	}
	<-c.process.Done()
	if err := c.Err(); err == nil || !strings.Contains(err.Error(), "some words") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("a child that failed: %v", err)
	}
	if err := c.WaitFile(t.Context(), "/nowhere"); err == nil {
		t.Error("waited for a child that ended")
	}
	sleeper, err := StartChild("/bin/sh", "-c", "exec sleep 60")
	if err != nil {
		t.Fatal(err)
	}
	if err := sleeper.Err(); err != nil {
		t.Error(err)
	}
	if err := sleeper.Stop(); err != nil {
		t.Error(err)
	}
	if err := sleeper.Stop(); err != nil {
		t.Error(err)
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	var b tail
	for i := range 10_000 {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	if s := b.String(); len(s) > maxTail || !strings.HasSuffix(s, "line 9999\n") {
		t.Errorf("%d bytes, ending in %q", len(s), s[max(len(s)-20, 0):])
	}
}

func TestUsageOf(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("no /proc")
	}
	if u := UsageOf(os.Getpid()); u.PeakRSS == 0 {
		t.Errorf("%+v", u)
	}
	if u := UsageOf(0); u != (Usage{}) {
		t.Errorf("no process uses %+v", u)
	}
}
