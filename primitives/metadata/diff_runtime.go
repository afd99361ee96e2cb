package metadata

import (
	"fmt"
	"slices"
)

// extrinsic compares the envelope of transactions and the runtime's own types.
func (c *comparison) extrinsic() {
	it := item{c, "", "extrinsic", RuntimeDiffers, "extrinsic"}
	g, w := &c.got.Extrinsic, &c.want.Extrinsic
	if g.Version != w.Version {
		it.differs(".version", g.Version, w.Version)
	}
	it.types(".address", g.Address, w.Address)
	it.types(".call", g.Call, w.Call)
	it.types(".signature", g.Signature, w.Signature)
	it.types(".extra", g.Extra, w.Extra)
	if len(g.Extensions) != len(w.Extensions) {
		it.differs(".extensions", extensionNames(g.Extensions), extensionNames(w.Extensions))
	} else {
		for i := range w.Extensions {
			ge, we := g.Extensions[i], w.Extensions[i]
			at := fmt.Sprintf(".extensions.%d", i)
			if ge.Identifier != we.Identifier {
				it.differs(at, ge.Identifier, we.Identifier)
			}
			it.types(at+".type", ge.Type, we.Type)
			it.types(at+".additional", ge.Additional, we.Additional)
		}
	}
	it.path, it.name = "runtime", "runtime"
	it.types("", c.got.Runtime, c.want.Runtime)
	it.types(".call", c.got.Outer.Call, c.want.Outer.Call)
	it.types(".event", c.got.Outer.Event, c.want.Outer.Event)
	it.types(".error", c.got.Outer.Error, c.want.Outer.Error)
}

func extensionNames(list []Extension) []string {
	names := make([]string, len(list))
	for i, e := range list {
		names[i] = e.Identifier
	}
	return names
}

// apis compares the runtime APIs, which V14 does not have.
func (c *comparison) apis() {
	if len(c.got.APIs) == 0 || len(c.want.APIs) == 0 {
		return
	}
	for i := range c.want.APIs {
		w := &c.want.APIs[i]
		it := item{c, "", "api " + w.Name, APIDiffers, "api." + w.Name}
		at := slices.IndexFunc(c.got.APIs, func(a API) bool { return a.Name == w.Name })
		if at < 0 {
			c.add(Difference{Item: it.name, Kind: APIMissing, Path: it.path})
			continue
		}
		c.methods(it, c.got.APIs[at].Methods, w.Methods)
	}
	for i := range c.got.APIs {
		name := c.got.APIs[i].Name
		if !slices.ContainsFunc(c.want.APIs, func(a API) bool { return a.Name == name }) {
			c.add(Difference{Item: "api " + name, Kind: APIExtra, Path: "api." + name})
		}
	}
}

func (c *comparison) methods(it item, got, want []Method) {
	for i := range want {
		w := &want[i]
		at := slices.IndexFunc(got, func(m Method) bool { return m.Name == w.Name })
		if at < 0 {
			it.differs("."+w.Name, "absent", "present")
			continue
		}
		g := &got[at]
		if len(g.Args) != len(w.Args) {
			it.differs("."+w.Name+".args", len(g.Args), len(w.Args))
		} else {
			for j := range w.Args {
				sub := fmt.Sprintf(".%s.%s", w.Name, w.Args[j].Name)
				if g.Args[j].Name != w.Args[j].Name {
					it.differs(sub+".name", g.Args[j].Name, w.Args[j].Name)
				}
				it.types(sub, g.Args[j].Type, w.Args[j].Type)
			}
		}
		it.types("."+w.Name+".output", g.Output, w.Output)
	}
	for i := range got {
		if !slices.ContainsFunc(want, func(m Method) bool { return m.Name == got[i].Name }) {
			it.differs("."+got[i].Name, "present", "absent")
		}
	}
}
