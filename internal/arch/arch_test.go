// Package arch holds the test of the project's layering: dependencies point
// downwards only (docs/architecture.md).
package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/gocess/gocess/"

// layers lists package prefixes from the bottom up. A package may import from
// its own layer and from those above it in this list, and nothing else of this
// module. The longest matching prefix wins.
var layers = []struct {
	prefix string
	uses   []string
}{
	{"primitives/", []string{"primitives/"}},
	{"storage/", []string{"primitives/", "storage/"}},
	{"internal/", []string{"internal/"}},
	{"internal/devkit", []string{"internal/", "primitives/", "ledger/", "sdk", "nodes/"}},
	{"p2p", []string{"primitives/", "internal/"}},
	{"ledger/state", []string{"primitives/", "internal/"}},
	{"ledger/types", []string{"primitives/"}},
	{"ledger/runtime", []string{"primitives/"}},
	{"ledger/pallets", []string{"primitives/", "storage/", "ledger/types", "ledger/runtime", "ledger/pallets"}},
	{"ledger/genesis", []string{"primitives/", "internal/", "ledger/types", "ledger/runtime", "ledger/pallets", "ledger/genesis"}},
	{"ledger/chain", []string{"primitives/", "internal/", "ledger/state", "ledger/runtime", "ledger/chain"}},
	{"ledger/pool", []string{"primitives/", "internal/", "ledger/runtime", "ledger/chain", "ledger/pool"}},
	{"ledger/consensus", []string{"primitives/", "internal/", "ledger/"}},
	{"ledger/rpc", []string{"primitives/", "internal/", "ledger/types", "ledger/state", "ledger/runtime", "ledger/chain", "ledger/pool", "ledger/rpc"}},
	{"sdk", []string{"primitives/", "storage/", "internal/", "p2p", "ledger/types", "ledger/runtime", "ledger/pallets", "sdk"}},
	{"nodes/validator", []string{"primitives/", "internal/", "ledger/", "nodes/validator"}},
	{"nodes/", []string{"primitives/", "storage/", "internal/", "p2p", "ledger/types", "ledger/pallets", "ledger/runtime", "sdk"}},
	{"devnet", []string{"primitives/", "storage/", "internal/", "ledger/", "sdk", "nodes/", "devnet"}},
	{"cmd/", []string{""}},
	{"bench", []string{""}},
	{"test/", []string{""}},
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func TestDependenciesPointDown(t *testing.T) {
	for _, p := range list(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		uses, ok := allowed(name)
		if !ok {
			t.Errorf("%s: in no layer; add it to the list with what it may use", name)
			continue
		}
		for _, imp := range p.Imports {
			dep, inside := strings.CutPrefix(imp, module)
			if !inside || strings.HasPrefix(dep, name+"/") || strings.HasPrefix(name, dep+"/") {
				continue
			}
			if !hasPrefix(uses, dep) {
				t.Errorf("%s imports %s: only %v is below it", name, dep, uses)
			}
		}
	}
}

// CometBFT is an implementation detail of consensus.
func TestCometBFTStaysInConsensus(t *testing.T) {
	for _, p := range list(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		if strings.HasPrefix(name, "ledger/consensus") || strings.HasPrefix(name, "bench") {
			continue
		}
		for _, imp := range p.Imports {
			if strings.HasPrefix(imp, "github.com/cometbft/") {
				t.Errorf("%s imports %s: CometBFT types stay inside ledger/consensus", name, imp)
			}
		}
	}
}

func allowed(name string) (uses []string, ok bool) {
	best := -1
	for _, l := range layers {
		if strings.HasPrefix(name+"/", strings.TrimSuffix(l.prefix, "/")+"/") && len(l.prefix) > best {
			best, uses, ok = len(l.prefix), l.uses, true
		}
	}
	return uses, ok
}

func hasPrefix(prefixes []string, name string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(name+"/", p) {
			return true
		}
	}
	return false
}

func list(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var pkgs []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}
