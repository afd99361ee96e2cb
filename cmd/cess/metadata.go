package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/internal/durable"
	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/primitives/metadata"
	"github.com/gocess/gocess/primitives/scale"
)

func metadataCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "metadata", Short: "Print and compare runtime metadata", GroupID: "dev"}
	cmd.AddCommand(metadataDump(), metadataDiff())
	return cmd
}

// metadataBlob is the metadata of this program's runtime, or of the node if
// --node is given.
func metadataBlob(cmd *cobra.Command, version uint8) ([]byte, error) {
	if version != metadata.V14 && version != metadata.V15 {
		return nil, fmt.Errorf("metadata version %d: 14 or 15 is needed", version)
	}
	if cmd.Flags().Changed("node") {
		return nodeMetadata(cmd, version)
	}
	rt, err := pallets.New(nil)
	if err != nil {
		return nil, err
	}
	if version == metadata.V14 {
		return rt.MetadataV14()
	}
	return rt.MetadataV15()
}

func nodeMetadata(cmd *cobra.Command, version uint8) ([]byte, error) {
	c, err := dial(cmd)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var answer hexText
	err = c.RPC().Call(cmd.Context(), &answer, "state_call", "Metadata_metadata_at_version", hexText{version, 0, 0, 0})
	if err != nil {
		return nil, err
	}
	found, err := scale.Unmarshal[scale.Option[[]byte]](answer)
	if err != nil {
		return nil, fmt.Errorf("answer of the node: %w", err)
	}
	blob, ok := found.Get()
	if !ok {
		return nil, fmt.Errorf("the node has no metadata of version %d", version)
	}
	return blob, nil
}

func metadataDump() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dump",
		Short: "Print metadata of this program's runtime, or with --node of a node's",
		Long: `Prints the metadata that clients decode the chain with: as 0x-hex, or with
--output as a file of raw SCALE bytes.`,
		Example: `  cess metadata dump --output cess.scale
  cess metadata dump --node ws://127.0.0.1:9944 --version 14`,
		Args: cobra.NoArgs,
	}
	version := cmd.Flags().Uint8("version", metadata.V15, "metadata version, 14 or 15")
	output := cmd.Flags().StringP("output", "o", "", "file to write")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		blob, err := metadataBlob(cmd, *version)
		if err != nil {
			return err
		}
		if *output != "" {
			if err := durable.WriteFile(*output, blob, 0o644); err != nil {
				return err
			}
			say(cmd, "Wrote %d bytes to %s.", len(blob), *output)
			return nil
		}
		result := struct {
			Version  uint8   `json:"version"`
			Metadata hexText `json:"metadata"`
		}{*version, blob}
		return show(cmd, result, func(w io.Writer) { fmt.Fprintf(w, "0x%x\n", blob) })
	}
	return cmd
}

func metadataDiff() *cobra.Command {
	return &cobra.Command{
		Use:   "diff <reference.scale>",
		Short: "Compare metadata with a reference",
		Long: `Compares the pallets that are live with those of a reference: names, indices,
hashers, modifiers, defaults and whole type trees. It fails on any difference,
except calls that are not live yet, values of constants, which follow a chain's
parameters, and whole pallets added behind the reference's last index, which no
client of the reference can meet by accident; all three are listed.`,
		Example: `  cess metadata diff cess-testnet2.scale
  cess metadata diff cess-testnet2.scale --node ws://127.0.0.1:9944 --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			want, err := readMetadata(args[0])
			if err != nil {
				return err
			}
			blob, err := metadataBlob(cmd, metadata.V15)
			if err != nil {
				return err
			}
			got, err := metadata.Decode(blob)
			if err != nil {
				return err
			}
			c := compare(got, want)
			if err := show(cmd, c, c.print); err != nil {
				return err
			}
			if len(c.Differences) > 0 {
				return errReported
			}
			return nil
		},
	}
}

// readMetadata reads a file of SCALE bytes, or of their 0x-hex.
func readMetadata(path string) (*metadata.Metadata, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(b, []byte("0x")) {
		if b, err = parseHex(strings.TrimSpace(string(b))); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	m, err := metadata.Decode(b)
	if errors.Is(err, metadata.ErrNotMetadata) {
		err = fmt.Errorf("%w (a file as `cess metadata dump --output` writes it is needed)", err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// comparison is what the diff shows.
type comparison struct {
	Items       int           `json:"items"`
	Equal       int           `json:"equal"`
	Pallets     []palletScore `json:"pallets"`
	Differences []difference  `json:"differences"`
	Constants   []difference  `json:"constantValues"`
	CallsNot    []string      `json:"callsNotLive"`
	PalletsNot  []string      `json:"palletsNotLive"`
	PalletsOwn  []string      `json:"palletsAdded"`
	APIs        []difference  `json:"runtimeAPIs"`
}

type palletScore struct {
	Pallet  string `json:"pallet"`
	Items   int    `json:"items"`
	Equal   int    `json:"equal"`
	NotLive int    `json:"callsNotLive"`
}

type difference struct {
	Kind metadata.DifferenceKind `json:"kind"`
	Path string                  `json:"path"`
	Got  string                  `json:"got"`
	Want string                  `json:"want"`
}

func compare(got, want *metadata.Metadata) *comparison {
	c := &comparison{
		Differences: []difference{}, Constants: []difference{}, CallsNot: []string{},
		PalletsNot: []string{}, PalletsOwn: []string{}, APIs: []difference{},
	}
	var live []string
	for _, p := range got.Pallets {
		live = append(live, p.Name)
	}
	var last uint8 // the reference's highest index
	for _, p := range want.Pallets {
		last = max(last, p.Index)
		if !slices.Contains(live, p.Name) {
			c.PalletsNot = append(c.PalletsNot, p.Name)
		}
	}
	for _, p := range got.Pallets {
		if p.Index > last {
			c.PalletsOwn = append(c.PalletsOwn, p.Name)
		}
	}
	differences := metadata.Diff(got, want, live)
	for _, d := range metadata.Diff(got, want, nil) {
		if d.Pallet == "" {
			differences = append(differences, d)
		}
	}
	for _, d := range differences {
		if d.Kind == metadata.PalletExtra && slices.Contains(c.PalletsOwn, d.Path) {
			continue
		}
		line := difference{d.Kind, d.Path, d.Got, d.Want}
		switch d.Kind {
		case metadata.CallNotLive:
			c.CallsNot = append(c.CallsNot, d.Path)
		case metadata.ConstantValue:
			c.Constants = append(c.Constants, line)
		case metadata.APIMissing, metadata.APIExtra, metadata.APIDiffers:
			c.APIs = append(c.APIs, line)
		default:
			c.Differences = append(c.Differences, line)
		}
	}
	slices.SortStableFunc(c.Differences, func(a, b difference) int { return strings.Compare(string(a.Kind), string(b.Kind)) })
	score := metadata.ScoreOf(got, want, live)
	c.Items, c.Equal = score.Items, score.Equal
	for _, p := range score.Pallets {
		c.Pallets = append(c.Pallets, palletScore{p.Pallet, p.Items, p.Equal, p.NotLive})
	}
	return c
}

func (c *comparison) print(w io.Writer) {
	fmt.Fprintln(w, "PALLET\tITEMS\tEQUAL\tCALLS NOT LIVE")
	for _, p := range c.Pallets {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\n", p.Pallet, p.Items, p.Equal, p.NotLive)
	}
	fmt.Fprintf(w, "all\t%d\t%d\t%d\n", c.Items, c.Equal, len(c.CallsNot))
	list := func(title string, lines []difference) {
		if len(lines) > 0 {
			fmt.Fprintf(w, "\n%s: %d\n", title, len(lines))
		}
		for _, d := range lines {
			fmt.Fprintf(w, "  %v\n", metadata.Difference{Kind: d.Kind, Path: d.Path, Got: d.Got, Want: d.Want})
		}
	}
	list("Differences", c.Differences)
	list("Constants with another value (these follow the chain's parameters)", c.Constants)
	list("Runtime APIs (these do not count)", c.APIs)
	if len(c.CallsNot) > 0 {
		fmt.Fprintf(w, "\nCalls not live: %s\n", strings.Join(c.CallsNot, ", "))
	}
	if len(c.PalletsNot) > 0 {
		fmt.Fprintf(w, "\nPallets not live: %s\n", strings.Join(c.PalletsNot, ", "))
	}
	if len(c.PalletsOwn) > 0 {
		fmt.Fprintf(w, "\nPallets added behind the reference's last index: %s\n", strings.Join(c.PalletsOwn, ", "))
	}
}
