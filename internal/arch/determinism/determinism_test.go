package determinism_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/gocess/gocess/internal/arch/determinism"
)

// What the pass finds and what it lets pass is marked in testdata.
func TestAnalyzer(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), determinism.Analyzer, "pallet", "imports")
}

// Blocks must have the same effect on every node. Helpers of tests, packages
// named *test, may do what tests do.
func TestLedgerIsDeterministic(t *testing.T) {
	const root = "github.com/gocess/gocess/ledger/"
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax},
		root+"pallets/...", root+"runtime/...", root+"types/...")
	if err != nil {
		t.Fatal(err)
	}
	if len(pkgs) < 20 {
		t.Fatalf("only %d packages found", len(pkgs))
	}
	pkgs = slices.DeleteFunc(pkgs, func(p *packages.Package) bool { return strings.HasSuffix(p.Name, "test") })
	for _, p := range pkgs {
		for _, e := range p.Errors {
			t.Fatal(e)
		}
	}
	graph, err := checker.Analyze([]*analysis.Analyzer{determinism.Analyzer}, pkgs, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, action := range graph.Roots {
		if action.Err != nil {
			t.Fatal(action.Err)
		}
		for _, d := range action.Diagnostics {
			t.Errorf("%v: %s", action.Package.Fset.Position(d.Pos), d.Message)
		}
	}
}
