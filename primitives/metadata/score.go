package metadata

import (
	"fmt"
	"slices"
	"strings"
)

// A Score counts how much of the wanted metadata a runtime reproduces. Items are storage
// entries, calls, events, errors and constants of want. Values of constants are not part
// of the shape and counted apart.
type Score struct {
	Items   int // in want
	Equal   int // without any difference but a constant's value
	NotLive int // calls of want that got does not have
	Values  int // constants whose value differs
	Extra   int // items that only got has
	Other   int // differences outside items: pallets, extrinsic, APIs
	Pallets []PalletScore
}

// PalletScore is the score of one pallet.
type PalletScore struct {
	Pallet                                string
	Items, Equal, NotLive, Values, Extras int
	Other                                 int
}

// ScoreOf compares got with want as Diff does and counts.
func ScoreOf(got, want *Metadata, pallets []string) Score {
	var s Score
	byPallet := make(map[string][]Difference)
	for _, d := range Diff(got, want, pallets) {
		byPallet[d.Pallet] = append(byPallet[d.Pallet], d)
	}
	for i := range want.Pallets {
		p := &want.Pallets[i]
		if pallets != nil && !slices.Contains(pallets, p.Name) {
			continue
		}
		ps := want.scorePallet(p, byPallet[p.Name])
		s.Items += ps.Items
		s.Equal += ps.Equal
		s.NotLive += ps.NotLive
		s.Values += ps.Values
		s.Extra += ps.Extras
		s.Other += ps.Other
		s.Pallets = append(s.Pallets, ps)
		delete(byPallet, p.Name)
	}
	for _, rest := range byPallet {
		s.Other += len(rest)
	}
	return s
}

func (m *Metadata) scorePallet(p *Pallet, differences []Difference) PalletScore {
	storage, _ := p.Storage.Get()
	s := PalletScore{Pallet: p.Name}
	s.Items = len(storage.Entries) + len(m.Calls(p).Variants) + len(m.Events(p).Variants) +
		len(m.Errors(p).Variants) + len(p.Constants)
	unequal := make(map[string]bool)
	for _, d := range differences {
		switch d.Kind {
		case PalletMissing:
			s.Other++
			return s
		case PalletDiffers:
			s.Other++
		case StorageExtra, CallExtra, EventExtra, ErrorExtra, ConstantExtra:
			s.Extras++
		case ConstantValue:
			s.Values++
		default:
			if d.Kind == CallNotLive {
				s.NotLive++
			}
			unequal[d.Item] = true
		}
	}
	s.Equal = s.Items - len(unequal)
	return s
}

// Percent is the share of equal items, 100 when there are none to compare.
func (s Score) Percent() float64 {
	if s.Items == 0 {
		return 100
	}
	return 100 * float64(s.Equal) / float64(s.Items)
}

// String is a table: the total and every pallet that is not all equal.
func (s Score) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "metadata score: %d of %d items equal (%.1f %%), %d calls not live, %d extra, %d constant values differ, %d other differences\n",
		s.Equal, s.Items, s.Percent(), s.NotLive, s.Extra, s.Values, s.Other)
	for _, p := range s.Pallets {
		if p.Equal == p.Items && p.Extras == 0 && p.Other == 0 {
			continue
		}
		fmt.Fprintf(&b, "  %-28s %4d of %4d equal, %d calls not live, %d extra, %d other\n",
			p.Pallet, p.Equal, p.Items, p.NotLive, p.Extras, p.Other)
	}
	return b.String()
}
