//go:build chaos

package chaos_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gocess/gocess/test/chaos"
)

// TestChaos plays the manifests; -run TestChaos/kills plays one. Short runs,
// whose figures mean little, are played several at a time.
func TestChaos(t *testing.T) {
	dir := t.TempDir()
	for _, m := range chaos.Manifests {
		t.Run(m.Name, func(t *testing.T) {
			s := settings(t)
			s.Binary = program(t, dir, m.Tags)
			if !s.Full && s.Count == 0 && s.Soak == 0 {
				t.Parallel()
			}
			chaos.Run(t, m, s)
		})
	}
}

// settings are those of the environment; the package's comment describes them.
func settings(t *testing.T) chaos.Settings {
	t.Helper()
	s := chaos.Settings{
		Seed:  number(t, "CESS_CHAOS_SEED"),
		Full:  number(t, "CESS_CHAOS_FULL") > 0,
		Count: int(number(t, "CESS_CHAOS_COUNT")),
		Rate:  int(number(t, "CESS_CHAOS_RATE")),
	}
	if s.Seed == 0 {
		s.Seed = uint64(time.Now().UnixNano())
	}
	if text := os.Getenv("CESS_CHAOS_SOAK"); text != "" {
		var err error
		if s.Soak, err = time.ParseDuration(text); err != nil {
			t.Fatalf("CESS_CHAOS_SOAK: %v", err)
		}
	} else if s.Full {
		s.Soak = 30 * time.Minute
	}
	return s
}

func number(t *testing.T, name string) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// program is the one under test, built once per set of tags. CESS_CHAOS_BIN is a
// folder that keeps it for the next run.
func program(t *testing.T, dir string, tags []string) string {
	t.Helper()
	if kept := os.Getenv("CESS_CHAOS_BIN"); kept != "" {
		dir = kept
	}
	dir = filepath.Join(dir, "program-"+strings.Join(tags, "-"))
	path := filepath.Join(dir, "cess")
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path, err := chaos.Build(dir, tags...)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
