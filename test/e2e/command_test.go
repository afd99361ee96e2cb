//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit"
)

// commands runs cess as a user of a network does.
type commands struct {
	binary string
	env    []string
}

// run returns what a command prints, and whether it succeeded.
func (c commands) run(t *testing.T, args ...string) (stdout, stderr string, ok bool) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(within(t, 5*time.Minute), c.binary, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), c.env...), &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("cess %s: %v", strings.Join(args, " "), err)
	}
	return out.String(), errs.String(), err == nil
}

// must runs a command that has to succeed and reads the JSON that it prints.
func (c commands) must(t *testing.T, result any, args ...string) {
	t.Helper()
	stdout, stderr, ok := c.run(t, append(args, "--json")...)
	if !ok {
		t.Fatalf("cess %s: %s", strings.Join(args, " "), stderr)
	}
	if err := json.Unmarshal([]byte(stdout), result); err != nil {
		t.Fatalf("cess %s: %v in %q", strings.Join(args, " "), err, stdout)
	}
}

// fails runs a command that has to fail and to say why.
func (c commands) fails(t *testing.T, why string, args ...string) {
	t.Helper()
	stdout, stderr, ok := c.run(t, args...)
	if ok || !strings.Contains(stderr, why) {
		t.Errorf("cess %s: ok %v, %q, want a failure that says %q", strings.Join(args, " "), ok, stdout+stderr, why)
	}
}

// The commands of the README, in their order.
func TestCommands(t *testing.T) {
	t.Parallel()
	rng := seeded(t)
	net := devkit.Start(t, devkit.Config{Miners: 12})
	binary, err := devkit.Binary()
	if err != nil {
		t.Fatal(err)
	}
	c := commands{binary, []string{"CESS_NODE=" + net.RPCWS, "CESS_GATEWAY=" + net.Gateway, "CESS_FROM=//Alice"}}
	dir := t.TempDir()
	file, password := filepath.Join(dir, "holiday.jpg"), filepath.Join(dir, "password")
	what := content{seed: rng.Uint64() | 1, size: 2*miB + 1}
	what.write(t, file)
	if err := os.WriteFile(password, []byte("correct horse\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	var minted struct{ Name, State string }
	c.must(t, &minted, "territory", "mint", "photos", "--gib", "1")
	if minted.Name != "photos" || minted.State != "Active" {
		t.Errorf("minted %+v", minted)
	}
	c.fails(t, "cess gateway authorize", "file", "put", file, "--territory", "photos")
	for range 2 { // again is harmless
		var status struct{ Status string }
		c.must(t, &status, "gateway", "authorize")
	}
	c.fails(t, "cess territory mint", "file", "put", file, "--territory", "nowhere")
	plain := c.put(t, file, what.size)
	secret := c.put(t, file, what.size, "--cipher", "@"+password)
	if plain == secret {
		t.Error("the encrypted file has the fid of the plain one")
	}
	c.stat(t, plain, what.size)
	c.get(t, dir, plain, what)
	c.get(t, dir, secret, what, "--cipher", "@"+password)
	if stdout, stderr, ok := c.run(t, "file", "get", plain, "-o", "-"); !ok || what.compare(strings.NewReader(stdout)) != nil {
		t.Errorf("cess file get -o -: ok %v, %d bytes, %s", ok, len(stdout), stderr)
	}
	c.fails(t, "--cipher", "file", "get", secret, "-o", filepath.Join(dir, "no"))

	var rows []struct{ FID string }
	c.must(t, &rows, "file", "ls")
	if len(rows) != 2 {
		t.Errorf("cess file ls shows %d files, want 2", len(rows))
	}
	var removed struct{ FID, Block string }
	c.must(t, &removed, "file", "rm", plain)
	c.must(t, &removed, "file", "rm", secret, "--gateway", net.Gateway)
	c.fails(t, "does not know", "file", "stat", plain)
	c.fails(t, "does not know", "file", "get", strings.Repeat("0", 64), "-o", filepath.Join(dir, "none"))
	empty := filepath.Join(dir, "empty.bin")
	content{}.write(t, empty)
	c.fails(t, "empty", "file", "put", empty, "--territory", "photos")
}

func (c commands) put(t *testing.T, path string, size int64, args ...string) string {
	t.Helper()
	var put struct {
		FID, State, Territory, Name string
		Size                        int64
	}
	c.must(t, &put, append([]string{"file", "put", path, "--territory", "photos", "--wait", "active"}, args...)...)
	if len(put.FID) != 64 || put.State != "active" || put.Size != size || put.Name != filepath.Base(path) {
		t.Errorf("cess file put: %+v", put)
	}
	return put.FID
}

func (c commands) stat(t *testing.T, fid string, size int64) {
	t.Helper()
	var info struct {
		State   string
		Size    json.Number
		Columns []struct{ Miners []string }
	}
	c.must(t, &info, "file", "stat", fid)
	miners := make(map[string]bool)
	for _, col := range info.Columns {
		for _, m := range col.Miners {
			miners[m] = true
		}
	}
	if n, err := info.Size.Int64(); err != nil || n != size || info.State != "Active" || len(info.Columns) != 12 || len(miners) != 12 {
		t.Errorf("cess file stat: %+v, %d miners", info, len(miners))
	}
}

func (c commands) get(t *testing.T, dir, fid string, want content, args ...string) {
	t.Helper()
	path := filepath.Join(dir, "copy-"+fid)
	var got struct{ Verified bool }
	c.must(t, &got, append([]string{"file", "get", fid, "-o", path}, args...)...)
	if !got.Verified {
		t.Error("cess file get did not verify what it got")
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := want.compare(f); err != nil {
		t.Errorf("cess file get: %v", err)
	}
}
