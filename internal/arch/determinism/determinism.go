// Package determinism is an analysis pass for code that every node must run to
// the same result: the pallets and what executes them. It rejects what two
// machines, or two runs, could do differently:
//
//   - an iteration over a map whose order can be seen, be it a range, a
//     function of package maps, sync.Map or reflection, and be the map behind a
//     type parameter;
//   - clocks, random numbers, the environment of the process, addresses;
//   - floating point, whose results compilers may round differently;
//   - goroutines, channels and select.
//
// There is no way to switch a finding off. A map may be listed in two ways:
// keys or values collected in a loop that does nothing else and sorted by the
// next statement, or slices.Sorted over maps.Keys or maps.Values. Sorting by a
// function counts only if it compares whole elements, because ties would keep
// the map's order.
package determinism

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// Analyzer is the pass. It needs types, and reports at most one finding of a
// kind per line.
var Analyzer = &analysis.Analyzer{
	Name: "determinism",
	Doc:  "reports code whose result may differ between two nodes",
	Run:  run,
}

func run(pass *analysis.Pass) (any, error) {
	c := &checker{pass: pass, sorted: map[ast.Node]bool{}, seen: map[finding]bool{}}
	for _, f := range pass.Files {
		for _, spec := range f.Imports {
			c.importSpec(spec)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			c.visit(n)
			return true
		})
	}
	return nil, nil
}

type checker struct {
	pass   *analysis.Pass
	sorted map[ast.Node]bool // ranges, and names of iterators, whose order is lost by sorting
	seen   map[finding]bool
}

type finding struct {
	file, kind string
	line       int
}

// report notes what is wrong; the first word of a message is its kind.
func (c *checker) report(n ast.Node, message string) {
	at := c.pass.Fset.Position(n.Pos())
	kind, _, _ := strings.Cut(message, " ")
	f := finding{at.Filename, kind, at.Line}
	if !c.seen[f] {
		c.seen[f] = true
		c.pass.Reportf(n.Pos(), "%s", message)
	}
}

// visit sees parents before children, and so a sort before what it sorts.
func (c *checker) visit(n ast.Node) {
	switch n := n.(type) {
	case *ast.BlockStmt:
		c.statements(n.List)
	case *ast.CaseClause:
		c.statements(n.Body)
	case *ast.CallExpr:
		c.sortedIterator(n)
	case *ast.RangeStmt:
		if mayBeMap(c.pass.TypesInfo.TypeOf(n.X)) && !c.sorted[n] {
			c.report(n, "map order: sort the keys first")
		}
	case *ast.GoStmt:
		c.report(n, "goroutine in code that must be deterministic")
	case *ast.SelectStmt:
		c.report(n, "select takes any case that is ready")
	case *ast.SendStmt, *ast.ChanType:
		c.report(n, "channel in code that must be deterministic")
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			c.report(n, "channel in code that must be deterministic")
		}
	case *ast.BasicLit:
		if n.Kind == token.STRING && strings.Contains(n.Value, "%p") {
			c.report(n, "address: %p differs between processes")
		}
	case *ast.Ident:
		c.name(n)
	}
	if e, ok := n.(ast.Expr); ok && isFloat(c.pass.TypesInfo.TypeOf(e)) {
		c.report(n, "float: compilers may round differently")
	}
}

// mayBeMap says whether a value of the type, or of one of the types that a
// type parameter stands for, is a map.
func mayBeMap(t types.Type) bool {
	if t == nil {
		return false
	}
	switch t := t.Underlying().(type) {
	case *types.Map:
		return true
	case *types.Interface:
		for i := range t.NumEmbeddeds() {
			if mayBeMap(t.EmbeddedType(i)) {
				return true
			}
		}
	case *types.Union:
		for i := range t.Len() {
			if mayBeMap(t.Term(i).Type()) {
				return true
			}
		}
	}
	return false
}

// isFloat leaves out untyped constants, which are exact until they get a type.
func isFloat(t types.Type) bool {
	if t == nil {
		return false
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsFloat|types.IsComplex) != 0 && b.Info()&types.IsUntyped == 0
}
