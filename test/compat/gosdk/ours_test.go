package gosdk

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// ours is the project's own SDK in a process of its own (test/compat/ours), so
// that the two SDKs share no dependency. CESS_OURS is the program.
type ours struct {
	t   *testing.T
	mu  sync.Mutex // guards in and out: one question at a time
	in  io.WriteCloser
	out *bufio.Reader
}

type reply struct {
	Set     bool
	Scale   string
	List    []string
	Outcome string
	Error   string
}

func startOurs(t *testing.T, r ready) *ours {
	t.Helper()
	program := os.Getenv("CESS_OURS")
	if program == "" {
		t.Skip("CESS_OURS is not set: there is nothing to compare with")
	}
	cmd := exec.Command(program, r.RPC)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("ours: %v", err)
		}
	})
	return &ours{t: t, in: in, out: bufio.NewReaderSize(out, 1<<20)}
}

func (o *ours) ask(question map[string]any) reply {
	o.t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	line, err := json.Marshal(question)
	if err != nil {
		o.t.Fatal(err)
	}
	if _, err := o.in.Write(append(line, '\n')); err != nil {
		o.t.Fatal(err)
	}
	text, err := o.out.ReadBytes('\n')
	if err != nil {
		o.t.Fatalf("ours does not answer %s: %v", line, err)
	}
	var a reply
	if err := json.Unmarshal(text, &a); err != nil {
		o.t.Fatalf("%s: %v", text, err)
	}
	if a.Error != "" {
		o.t.Fatalf("%s: %s", line, a.Error)
	}
	return a
}

// item reads a value at a block, "" for the best one.
func (o *ours) item(name, at string, keys ...[]byte) (value []byte, set bool) {
	o.t.Helper()
	q := map[string]any{"item": name}
	texts := []string{}
	for _, k := range keys {
		texts = append(texts, hexOf(k))
	}
	q["keys"] = texts
	if at != "" {
		q["at"] = at
	}
	a := o.ask(q)
	return bytesOf(o.t, a.Scale), a.Set
}

// list reads the values of a whole map.
func (o *ours) list(name, at string) [][]byte {
	o.t.Helper()
	q := map[string]any{"list": name}
	if at != "" {
		q["at"] = at
	}
	var values [][]byte
	for _, text := range o.ask(q).List {
		values = append(values, bytesOf(o.t, text))
	}
	return values
}

// outcome is how a signer's extrinsic of a block ended: "" or its error's name.
func (o *ours) outcome(block string, signer []byte) string {
	o.t.Helper()
	return o.ask(map[string]any{"outcome": block, "signer": hexOf(signer)}).Outcome
}

func hexOf(b []byte) string { return "0x" + hex.EncodeToString(b) }

func bytesOf(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.TrimPrefix(text, "0x"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
