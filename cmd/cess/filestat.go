package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/sdk"
)

func fileStat() *cobra.Command {
	return &cobra.Command{
		Use:   "stat <fid>",
		Short: "Show what the chain knows of a file",
		Long: `Shows a file's state, its owners and the miners that hold each of its twelve
columns (fragment n of every segment), from the chain itself.`,
		Example: `  cess file stat 83ee47245398adee79bd9c0a8bc57b821e92aba10f5f9ade8a5d1fae4d8c4302 --json`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			fid, err := parseFID(args[0])
			if err != nil {
				return err
			}
			c, err := dial(cmd)
			if err != nil {
				return err
			}
			defer c.Close()
			info, err := statFile(cmd, c, fid)
			if err != nil {
				return err
			}
			return show(cmd, info, info.print)
		},
	}
}

// fileInfo is a file, or a deal that waits for its miners.
type fileInfo struct {
	FID        types.Hash  `json:"fid"`
	State      string      `json:"state"`
	Size       size        `json:"size"`
	Segments   int         `json:"segments"`
	Completion uint32      `json:"completion,omitempty"` // block of the last report
	Owners     []fileOwner `json:"owners"`
	Columns    []column    `json:"columns"`
}

type fileOwner struct {
	Account   types.Address `json:"account"`
	Name      string        `json:"name"`
	Territory string        `json:"territory"`
}

// column is fragment Index of every segment.
type column struct {
	Index  int             `json:"index"` // 1 to 12
	Miners []types.Address `json:"miners"`
	Tagged int             `json:"tagged"` // fragments with a proof tag
	Lost   int             `json:"lost"`   // fragments that wait for another miner
}

func statFile(cmd *cobra.Command, c *sdk.Client, fid types.Hash) (*fileInfo, error) {
	at := c.Best()
	file, found, err := sdk.Find(cmd.Context(), at, filebank.Files, fid)
	if err != nil {
		return nil, err
	}
	if found {
		return describeFile(fid, &file), nil
	}
	deal, found, err := sdk.Find(cmd.Context(), at, filebank.Deals, fid)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("the chain does not know the file %v", fid)
	}
	return describeDeal(fid, &deal), nil
}

func describeFile(fid types.Hash, f *filebank.File) *fileInfo {
	info := &fileInfo{
		FID: fid, State: variantName(f.State), Size: size{f.FileSize}, Segments: len(f.SegmentList),
		Completion: f.Completion, Owners: owners(f.Owner...), Columns: emptyColumns(),
	}
	for _, s := range f.SegmentList {
		for i, fragment := range s.FragmentList {
			if i >= len(info.Columns) {
				break
			}
			col := &info.Columns[i]
			if m := types.Address(fragment.Miner); !slices.Contains(col.Miners, m) {
				col.Miners = append(col.Miners, m)
			}
			if fragment.Tag.IsSome() {
				col.Tagged++
			}
			if !fragment.Avail {
				col.Lost++
			}
		}
	}
	return info
}

func describeDeal(fid types.Hash, d *filebank.Deal) *fileInfo {
	info := &fileInfo{
		FID: fid, State: "Pending", Size: size{d.FileSize}, Segments: len(d.SegmentList),
		Owners: owners(d.User), Columns: emptyColumns(),
	}
	for _, c := range d.CompleteList {
		if i := int(c.Index) - 1; i >= 0 && i < len(info.Columns) {
			info.Columns[i].Miners = append(info.Columns[i].Miners, types.Address(c.Miner))
		}
	}
	return info
}

func emptyColumns() []column {
	columns := make([]column, types.FragmentCount)
	for i := range columns {
		columns[i] = column{Index: i + 1, Miners: []types.Address{}}
	}
	return columns
}

func owners(list ...filebank.UserBrief) []fileOwner {
	out := make([]fileOwner, len(list))
	for i, o := range list {
		out[i] = fileOwner{types.Address(o.User), nameText(o.FileName), nameText(o.TerritoryName)}
	}
	return out
}

func (f *fileInfo) print(w io.Writer) {
	fmt.Fprintf(w, "Fid\t%v\nState\t%s\nSize\t%v in %d segments\n", f.FID, f.State, f.Size, f.Segments)
	if f.Completion > 0 {
		fmt.Fprintf(w, "Stored\tin block %d\n", f.Completion)
	}
	for _, o := range f.Owners {
		fmt.Fprintf(w, "Owner\t%v as %q in territory %q\n", o.Account, o.Name, o.Territory)
	}
	for _, c := range f.Columns {
		var names []string
		for _, m := range c.Miners {
			names = append(names, m.String())
		}
		text := strings.Join(names, ", ")
		if text == "" {
			text = "no miner has reported it yet"
		}
		if c.Tagged > 0 {
			text += fmt.Sprintf(", %d of %d tagged", c.Tagged, f.Segments)
		}
		if c.Lost > 0 {
			text += fmt.Sprintf(", %d lost", c.Lost)
		}
		fmt.Fprintf(w, "Column %d\t%s\n", c.Index, text)
	}
}
