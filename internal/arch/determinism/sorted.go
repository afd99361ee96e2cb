package determinism

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"
)

// statements marks loops over maps that only collect what the next statement
// sorts.
func (c *checker) statements(list []ast.Stmt) {
	for i, s := range list[:max(0, len(list)-1)] {
		loop, ok := s.(*ast.RangeStmt)
		if !ok {
			continue
		}
		if v := c.sortedVariable(list[i+1]); v != nil && c.collects(loop.Body, v) {
			c.sorted[loop] = true
		}
	}
}

// sortedVariable is the local variable that a statement sorts, if it does.
func (c *checker) sortedVariable(s ast.Stmt) *types.Var {
	e, ok := s.(*ast.ExprStmt)
	if !ok {
		return nil
	}
	call, ok := e.X.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 || !c.sorts(call, "slices.Sort", "slices.SortFunc") {
		return nil
	}
	return c.variable(call.Args[0])
}

func (c *checker) variable(e ast.Expr) *types.Var {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	v, _ := c.pass.TypesInfo.Uses[id].(*types.Var)
	if v == nil || v.Parent() == nil || v.Parent() == c.pass.Pkg.Scope() {
		return nil
	}
	return v
}

// sorts says whether a call orders its first argument so that nothing of the
// former order is left.
func (c *checker) sorts(call *ast.CallExpr, plain, byFunc string) bool {
	f, ok := typeutil.Callee(c.pass.TypesInfo, call).(*types.Func)
	if !ok {
		return false
	}
	switch f.FullName() {
	case plain:
		return len(call.Args) == 1
	case byFunc:
		return len(call.Args) == 2 && c.total(call.Args[1])
	}
	return false
}

// sortedIterator marks maps.Keys(m) and maps.Values(m) as what slices.Sorted
// gets.
func (c *checker) sortedIterator(call *ast.CallExpr) {
	if !c.sorts(call, "slices.Sorted", "slices.SortedFunc") {
		return
	}
	inner, ok := ast.Unparen(call.Args[0]).(*ast.CallExpr)
	if !ok {
		return
	}
	f, ok := typeutil.Callee(c.pass.TypesInfo, inner).(*types.Func)
	if !ok || f.FullName() != "maps.Keys" && f.FullName() != "maps.Values" {
		return
	}
	ast.Inspect(inner.Fun, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && c.pass.TypesInfo.Uses[id] == types.Object(f) {
			c.sorted[id] = true
		}
		return true
	})
}

// total says whether a comparison has no ties between different elements:
// cmp.Compare, func(a, b T) int { return cmp.Compare(b, a) }, or
// bytes.Compare(a[:], b[:]) of arrays.
func (c *checker) total(e ast.Expr) bool {
	lit, ok := ast.Unparen(e).(*ast.FuncLit)
	if !ok {
		f, _ := c.named(e).(*types.Func)
		return comparesAll(f)
	}
	if len(lit.Body.List) != 1 {
		return false
	}
	ret, ok := lit.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(ret.Results) != 1 {
		return false
	}
	call, ok := ret.Results[0].(*ast.CallExpr)
	if !ok || len(call.Args) != 2 {
		return false
	}
	if f, _ := typeutil.Callee(c.pass.TypesInfo, call).(*types.Func); !comparesAll(f) {
		return false
	}
	var params []*types.Var
	for _, field := range lit.Type.Params.List {
		for _, name := range field.Names {
			v, _ := c.pass.TypesInfo.Defs[name].(*types.Var)
			params = append(params, v)
		}
	}
	a, b := c.whole(call.Args[0]), c.whole(call.Args[1])
	return len(params) == 2 && a != nil && b != nil && a != b &&
		(a == params[0] || a == params[1]) && (b == params[0] || b == params[1])
}

// comparesAll says whether a function finds only equal values equal.
func comparesAll(f *types.Func) bool {
	if f == nil {
		return false
	}
	switch f.FullName() {
	case "bytes.Compare", "cmp.Compare", "strings.Compare":
		return true
	}
	return false
}

// named is what a name, qualified or with type arguments, stands for.
func (c *checker) named(e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return c.pass.TypesInfo.Uses[e]
	case *ast.SelectorExpr:
		return c.pass.TypesInfo.Uses[e.Sel]
	case *ast.IndexExpr:
		return c.named(e.X)
	}
	return nil
}

// whole is the variable whose whole value an expression is: v or v[:].
func (c *checker) whole(e ast.Expr) *types.Var {
	if s, ok := ast.Unparen(e).(*ast.SliceExpr); ok && s.Low == nil && s.High == nil && s.Max == nil {
		e = s.X
	}
	return c.variable(e)
}

// collects says whether a loop body only appends to v what does not depend on
// the order.
func (c *checker) collects(body *ast.BlockStmt, v *types.Var) bool {
	for _, s := range body.List {
		switch s := s.(type) {
		case *ast.AssignStmt:
			if !c.appends(s, v) && !c.defines(s, v) {
				return false
			}
		case *ast.IfStmt:
			if s.Init != nil || s.Else != nil || !c.pure(s.Cond, v) || !c.collects(s.Body, v) {
				return false
			}
		case *ast.BranchStmt:
			if s.Tok != token.CONTINUE || s.Label != nil {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// appends is v = append(v, …).
func (c *checker) appends(s *ast.AssignStmt, v *types.Var) bool {
	if s.Tok != token.ASSIGN || len(s.Lhs) != 1 || len(s.Rhs) != 1 || c.variable(s.Lhs[0]) != v {
		return false
	}
	call, ok := s.Rhs[0].(*ast.CallExpr)
	if !ok || len(call.Args) == 0 || c.variable(call.Args[0]) != v {
		return false
	}
	if b, ok := typeutil.Callee(c.pass.TypesInfo, call).(*types.Builtin); !ok || b.Name() != "append" {
		return false
	}
	for _, arg := range call.Args[1:] {
		if !c.pure(arg, v) {
			return false
		}
	}
	return true
}

func (c *checker) defines(s *ast.AssignStmt, v *types.Var) bool {
	if s.Tok != token.DEFINE {
		return false
	}
	for _, e := range s.Rhs {
		if !c.pure(e, v) {
			return false
		}
	}
	return true
}

// pure says whether an expression changes nothing and does not look at v.
func (c *checker) pure(e ast.Expr, v *types.Var) bool {
	ok := true
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			ok = false
		case *ast.Ident:
			ok = ok && c.pass.TypesInfo.Uses[n] != types.Object(v)
		case *ast.CallExpr:
			ok = ok && c.harmless(n)
		}
		return ok
	})
	return ok
}

// harmless are conversions, builtin functions that change nothing, and
// packages that only look at text.
func (c *checker) harmless(call *ast.CallExpr) bool {
	if c.pass.TypesInfo.Types[call.Fun].IsType() {
		return true
	}
	switch f := typeutil.Callee(c.pass.TypesInfo, call).(type) {
	case *types.Builtin:
		return f.Name() == "len" || f.Name() == "cap" || f.Name() == "min" || f.Name() == "max"
	case *types.Func:
		return f.Pkg() != nil && f.Signature().Recv() == nil && (f.Pkg().Path() == "strings" || f.Name() == "Clone" && f.Pkg().Path() == "bytes")
	}
	return false
}
