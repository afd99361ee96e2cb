package main

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/ledger/pallets/attestation"
	podr2chain "github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/storage/podr2"
)

// teeRow is what the chain knows of a worker.
type teeRow struct {
	Worker     string            `json:"worker"`
	Role       string            `json:"role"`
	Stash      string            `json:"stash,omitempty"`
	Endpoint   string            `json:"endpoint"`
	Attested   bool              `json:"attested"`
	Machine    string            `json:"machine,omitempty"` // TDX or SEV-SNP; absent without evidence
	Confidence uint8             `json:"confidence"`        // 1, best, to 5; 128 without evidence
	LastWork   types.BlockNumber `json:"lastWork"`
	Holder     bool              `json:"holder"` // stands for the master key
}

type teeOverview struct {
	MasterKey string   `json:"masterKey,omitempty"`
	Launch    string   `json:"launch"` // not launched, launching, launched
	Earlier   int      `json:"earlierMasterKeys"`
	Tagger    string   `json:"taggerKey,omitempty"` // identifier
	Workers   []teeRow `json:"workers"`
}

func teeStatus() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show what the chain knows of TEE workers and their keys",
		Example: `  cess tee status
  cess tee status --of 9c9f1b59 --json`,
		Args: cobra.NoArgs,
	}
	of := cmd.Flags().String("of", "", "only workers whose public key, in hexadecimal, starts so")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o, err := overviewTEE(cmd, strings.TrimPrefix(*of, "0x"))
		if err != nil {
			return err
		}
		if *of != "" && len(o.Workers) == 0 {
			return fmt.Errorf("no worker of this chain has a key that starts with %s", *of)
		}
		return show(cmd, o, o.print)
	}
	return cmd
}

func overviewTEE(cmd *cobra.Command, of string) (*teeOverview, error) {
	c, err := dial(cmd)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	ctx, at := cmd.Context(), c.Best()
	status, err := sdk.Get(ctx, at, teeworker.MasterKeyStatus)
	if err != nil {
		return nil, err
	}
	history, err := sdk.Get(ctx, at, teeworker.MasterKeyHistory)
	if err != nil {
		return nil, err
	}
	o := &teeOverview{Launch: "not launched", Earlier: len(history), Workers: []teeRow{}}
	var holder types.WorkerPublicKey
	switch s := status.(type) {
	case teeworker.Launching:
		o.Launch, holder = "launching", s.Holder
	case teeworker.Launched:
		o.Launch, holder = "launched", s.Key.Holder
		o.MasterKey = hex.EncodeToString(s.Key.PublicKey[:])
	}
	raw, err := at.Raw(ctx, podr2chain.TaggerKey.Key())
	if err != nil {
		return nil, err
	}
	if raw != nil {
		encoded, err := podr2chain.TaggerKey.DecodeValue(raw)
		if err != nil {
			return nil, err
		}
		key, err := podr2.ParsePublicKey(encoded)
		if err != nil {
			return nil, err
		}
		o.Tagger = key.ID().String()
	}
	workers, err := sdk.List(ctx, at, teeworker.Workers)
	if err != nil {
		return nil, err
	}
	for _, e := range workers {
		row := rowOf(e.Value)
		if !strings.HasPrefix(row.Worker, of) {
			continue
		}
		if row.LastWork, _, err = sdk.Find(ctx, at, teeworker.LastWork, e.Key); err != nil {
			return nil, err
		}
		if row.Attested {
			m, found, err := sdk.Find(ctx, at, attestation.Machines, e.Key)
			if err != nil {
				return nil, err
			}
			if found {
				row.Machine = m.Kind.String()
			}
		}
		row.Holder = e.Key == holder
		o.Workers = append(o.Workers, row)
	}
	return o, nil
}

func rowOf(w teeworker.Worker) teeRow {
	provider, attested := w.AttestationProvider.Get()
	row := teeRow{
		Worker: hex.EncodeToString(w.PublicKey[:]), Endpoint: w.Endpoint, Confidence: w.ConfidenceLevel,
		Attested: attested && provider != teeworker.ProviderRoot,
	}
	for name, r := range teeRoles {
		if r == w.Role {
			row.Role = name
		}
	}
	if stash, ok := w.StashAccount.Get(); ok {
		row.Stash = types.Address(stash).String()
	}
	return row
}

func (o *teeOverview) print(w io.Writer) {
	fmt.Fprintf(w, "master key\t%s\t%s\n", o.Launch, o.MasterKey)
	if o.Tagger != "" {
		fmt.Fprintf(w, "tagger key\t\t%s\n", o.Tagger)
	}
	fmt.Fprintln(w, "WORKER\tROLE\tMACHINE\tCONFIDENCE\tLAST WORK\tENDPOINT")
	for _, r := range o.Workers {
		mark := ""
		if r.Holder {
			mark = " (holder)"
		}
		fmt.Fprintf(w, "%s%s\t%s\t%s\t%d\t%d\t%s\n", r.Worker, mark, r.Role, cmp.Or(r.Machine, "-"), r.Confidence, r.LastWork, r.Endpoint)
	}
}
