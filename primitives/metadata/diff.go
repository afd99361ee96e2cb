package metadata

import (
	"bytes"
	"fmt"
	"slices"
)

// Diff compares got with want pallet by pallet: names, indices, hashers, modifiers,
// fallbacks and whole type trees (paths, parameters, field names and typeNames, variant
// names and indices), whatever the type ids. Docs and the order of variants do not count.
// Where a tree reaches one of the runtime's outer enums only the path is compared.
//
// With pallets given only those are compared; nil compares all and the extrinsic format
// and the runtime APIs besides (the APIs when both runtimes have some). Differences come
// in the order of want's pallets, what only got has last.
func Diff(got, want *Metadata, pallets []string) []Difference {
	c := newComparison(got, want)
	for i := range want.Pallets {
		w := &want.Pallets[i]
		if pallets != nil && !slices.Contains(pallets, w.Name) {
			continue
		}
		g, err := got.Pallet(w.Name)
		if err != nil {
			c.add(Difference{Pallet: w.Name, Kind: PalletMissing, Path: w.Name})
			continue
		}
		c.pallet(g, w)
	}
	for i := range got.Pallets {
		g := &got.Pallets[i]
		if _, err := want.Pallet(g.Name); err != nil && (pallets == nil || slices.Contains(pallets, g.Name)) {
			c.add(Difference{Pallet: g.Name, Kind: PalletExtra, Path: g.Name})
		}
	}
	if pallets == nil {
		c.extrinsic()
		c.apis()
	}
	return c.out
}

// comparison holds the state of one Diff.
type comparison struct {
	got, want *Metadata
	types     map[[2]TypeID]*typePair
	depth     int
	out       []Difference
}

func newComparison(got, want *Metadata) *comparison {
	return &comparison{got: got, want: want, types: make(map[[2]TypeID]*typePair)}
}

func (c *comparison) add(d Difference) { c.out = append(c.out, d) }

// item collects the differences of one item of a pallet.
type item struct {
	c            *comparison
	pallet, name string
	kind         DifferenceKind
	path         string
}

func (i item) differs(sub string, got, want any) {
	i.c.add(Difference{Pallet: i.pallet, Item: i.name, Kind: i.kind, Path: i.path + sub,
		Got: fmt.Sprint(got), Want: fmt.Sprint(want)})
}

func (i item) types(sub string, got, want TypeID) {
	for _, d := range i.c.compareTypes(got, want) {
		i.differs(sub+d.path, d.got, d.want)
	}
}

func (i item) fields(sub string, got, want []Field) {
	for _, d := range i.c.compareFields(got, want) {
		i.differs(sub+d.path, d.got, d.want)
	}
}

func (c *comparison) pallet(g, w *Pallet) {
	own := item{c, w.Name, "", PalletDiffers, w.Name}
	if g.Index != w.Index {
		own.differs(".index", g.Index, w.Index)
	}
	gs, gOK := g.Storage.Get()
	ws, wOK := w.Storage.Get()
	if gOK != wOK {
		own.differs(".storage", presence(gOK), presence(wOK))
	} else if gs.Prefix != ws.Prefix {
		own.differs(".storage.prefix", gs.Prefix, ws.Prefix)
	}
	c.storage(w.Name, gs.Entries, ws.Entries)
	c.enumPath(own, ".calls", g.Calls.Or(0), w.Calls.Or(0), g.Calls.IsSome(), w.Calls.IsSome())
	c.variants(w.Name, "call", c.got.Calls(g), c.want.Calls(w), CallNotLive, CallExtra, CallDiffers)
	c.enumPath(own, ".event", g.Event.Or(0), w.Event.Or(0), g.Event.IsSome(), w.Event.IsSome())
	c.variants(w.Name, "event", c.got.Events(g), c.want.Events(w), EventMissing, EventExtra, EventDiffers)
	c.enumPath(own, ".error", g.Error.Or(0), w.Error.Or(0), g.Error.IsSome(), w.Error.IsSome())
	c.variants(w.Name, "error", c.got.Errors(g), c.want.Errors(w), ErrorMissing, ErrorExtra, ErrorDiffers)
	c.constants(w.Name, g.Constants, w.Constants)
}

func presence(ok bool) string {
	if ok {
		return "present"
	}
	return "absent"
}

// enumPath compares path and parameters of a pallet's enum; its variants are items of
// their own. A pallet without any live call may lack the enum: its calls are then all
// reported as not live.
func (c *comparison) enumPath(own item, sub string, g, w TypeID, gOK, wOK bool) {
	if !gOK || !wOK {
		if gOK != wOK && sub != ".calls" {
			own.differs(sub, presence(gOK), presence(wOK))
		}
		return
	}
	gt, wt := &c.got.Types[g], &c.want.Types[w]
	for _, d := range append(comparePaths(gt, wt), c.compareParams(gt, wt)...) {
		own.differs(sub+d.path, d.got, d.want)
	}
}

func (c *comparison) storage(pallet string, got, want []StorageEntry) {
	for i := range want {
		w := &want[i]
		it := item{c, pallet, "storage " + w.Name, StorageDiffers, pallet + ".storage." + w.Name}
		at := slices.IndexFunc(got, func(e StorageEntry) bool { return e.Name == w.Name })
		if at < 0 {
			it.kind = StorageMissing
			c.add(Difference{Pallet: pallet, Item: it.name, Kind: StorageMissing, Path: it.path})
			continue
		}
		g := &got[at]
		if g.Modifier != w.Modifier {
			it.differs(".modifier", g.Modifier, w.Modifier)
		}
		if !bytes.Equal(g.Fallback, w.Fallback) {
			it.differs(".fallback", hexText(g.Fallback), hexText(w.Fallback))
		}
		gm, gMap := g.Type.(MapStorage)
		wm, wMap := w.Type.(MapStorage)
		if gMap != wMap {
			it.differs(".type", storageForm(gMap), storageForm(wMap))
		}
		if gMap && wMap {
			if !slices.Equal(gm.Hashers, wm.Hashers) {
				it.differs(".hashers", gm.Hashers, wm.Hashers)
			}
			it.types(".key", gm.Key, wm.Key)
		}
		it.types(".value", g.Value(), w.Value())
	}
	for i := range got {
		g := &got[i]
		if !slices.ContainsFunc(want, func(e StorageEntry) bool { return e.Name == g.Name }) {
			c.add(Difference{Pallet: pallet, Item: "storage " + g.Name, Kind: StorageExtra, Path: pallet + ".storage." + g.Name})
		}
	}
}

func storageForm(isMap bool) string {
	if isMap {
		return "map"
	}
	return "plain"
}

func (c *comparison) variants(pallet, what string, got, want Enum, missing, extra, differs DifferenceKind) {
	for i := range want.Variants {
		w := &want.Variants[i]
		it := item{c, pallet, what + " " + w.Name, differs, pallet + "." + what + "." + w.Name}
		g, ok := got.Named(w.Name)
		if !ok {
			c.add(Difference{Pallet: pallet, Item: it.name, Kind: missing, Path: it.path})
			continue
		}
		if g.Index != w.Index {
			it.differs(".index", g.Index, w.Index)
		}
		it.fields("", g.Fields, w.Fields)
	}
	for i := range got.Variants {
		g := &got.Variants[i]
		if _, ok := want.Named(g.Name); !ok {
			c.add(Difference{Pallet: pallet, Item: what + " " + g.Name, Kind: extra, Path: pallet + "." + what + "." + g.Name})
		}
	}
}

func (c *comparison) constants(pallet string, got, want []Constant) {
	for i := range want {
		w := &want[i]
		it := item{c, pallet, "constant " + w.Name, ConstantType, pallet + ".constant." + w.Name}
		at := slices.IndexFunc(got, func(k Constant) bool { return k.Name == w.Name })
		if at < 0 {
			c.add(Difference{Pallet: pallet, Item: it.name, Kind: ConstantMissing, Path: it.path})
			continue
		}
		g := &got[at]
		it.types("", g.Type, w.Type)
		if !bytes.Equal(g.Value, w.Value) {
			it.kind = ConstantValue
			it.differs("", hexText(g.Value), hexText(w.Value))
		}
	}
	for i := range got {
		g := &got[i]
		if !slices.ContainsFunc(want, func(k Constant) bool { return k.Name == g.Name }) {
			c.add(Difference{Pallet: pallet, Item: "constant " + g.Name, Kind: ConstantExtra, Path: pallet + ".constant." + g.Name})
		}
	}
}

// maxHexText shortens long bytes in differences.
const maxHexText = 48

func hexText(b []byte) string {
	if len(b) <= maxHexText {
		return fmt.Sprintf("0x%x", b)
	}
	return fmt.Sprintf("0x%x… (%d bytes)", b[:maxHexText], len(b))
}
