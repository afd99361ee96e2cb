package determinism

import (
	"go/ast"
	"go/types"
	"strconv"
	"strings"
)

// deniedPackages have nothing that deterministic code may use; what is below
// them in the tree neither.
var deniedPackages = []string{
	"crypto/rand", "golang.org/x/exp/maps", "golang.org/x/sync", "hash/maphash", "io/ioutil", "log", "math/rand",
	"net", "os", "plugin", "runtime", "syscall", "testing", "unsafe", "weak",
}

// Of other packages these are denied, by full name.
var denied = map[string]string{
	"maps.All":        mapOrder,
	"maps.DeleteFunc": mapOrder,
	"maps.EqualFunc":  mapOrder,
	"maps.Keys":       mapOrder,
	"maps.Values":     mapOrder,

	"(*sync.Map).Range":        mapOrder,
	"(reflect.Value).MapKeys":  mapOrder,
	"(reflect.Value).MapRange": mapOrder,
	"(reflect.Value).Seq":      mapOrder,
	"(reflect.Value).Seq2":     mapOrder,

	"(*sync.WaitGroup).Go":      goroutine,
	"context.AfterFunc":         goroutine,
	"context.WithDeadline":      clock,
	"context.WithDeadlineCause": clock,
	"context.WithTimeout":       clock,
	"context.WithTimeoutCause":  clock,
	"reflect.Select":            "select takes any case that is ready",

	"(reflect.Value).Pointer":       address,
	"(reflect.Value).UnsafeAddr":    address,
	"(reflect.Value).UnsafePointer": address,

	"(time.Time).Local": clock, // the machine's time zone
	"time.Local":        clock,
}

const (
	mapOrder  = "map order: sort the keys first"
	goroutine = "goroutine in code that must be deterministic"
	clock     = "clock: the time is the block's"
	address   = "address: differs between processes"
)

// calendar are the functions of package time that look at no clock.
var calendar = map[string]bool{
	"Date": true, "FixedZone": true, "Parse": true, "ParseDuration": true,
	"Unix": true, "UnixMicro": true, "UnixMilli": true,
}

func (c *checker) importSpec(spec *ast.ImportSpec) {
	path, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return // the compiler refuses it
	}
	for _, p := range deniedPackages {
		if path == p || strings.HasPrefix(path, p+"/") {
			c.report(spec, "import of "+path+" in code that must be deterministic")
		}
	}
}

// name looks at what an identifier stands for, also where it is no call: a
// function can be a value.
func (c *checker) name(id *ast.Ident) {
	if c.sorted[id] {
		return
	}
	switch o := c.pass.TypesInfo.Uses[id].(type) {
	case *types.Func:
		if why, ok := denied[o.Origin().FullName()]; ok {
			c.report(id, why)
		} else if o.Pkg() != nil && o.Pkg().Path() == "time" && o.Signature().Recv() == nil && !calendar[o.Name()] {
			c.report(id, clock)
		}
	case *types.Var:
		if o.Pkg() != nil && !o.IsField() && o.Parent() == o.Pkg().Scope() {
			if why, ok := denied[o.Pkg().Path()+"."+o.Name()]; ok {
				c.report(id, why)
			}
		}
	}
}
