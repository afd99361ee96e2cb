package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/miner"
	"github.com/gocess/gocess/nodes/miner/jobs"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

func minerStatus() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show what miners have, do and earn",
		Long: `Lists the miners of the chain. With --of one miner in detail: what the chain knows
and, if its API can be reached, what it does now and why it waits.`,
		Example: `  cess miner status
  cess miner status --of //Miner1
  cess miner status --of cXjmuHdBk4J3Zyt2oGodwGegNFaTFPcfC48PZ9NMmcUFzF6cc --at http://127.0.0.1:15001 --json`,
		Args: cobra.NoArgs,
	}
	of := cmd.Flags().String("of", "", "one miner's account")
	at := cmd.Flags().String("at", "", "where that miner's API is (default what it published)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := dial(cmd)
		if err != nil {
			return err
		}
		defer c.Close()
		if *of == "" {
			return listMiners(cmd, c)
		}
		account, err := parseAccount(*of)
		if err != nil {
			return err
		}
		return showMiner(cmd, c, account, *at)
	}
	return cmd
}

type minerRow struct {
	Miner    types.Address `json:"miner"`
	State    string        `json:"state"`
	Endpoint string        `json:"endpoint"`
	Idle     string        `json:"idleSpace"`
	Locked   string        `json:"lockSpace"`
	Service  string        `json:"serviceSpace"`
}

func listMiners(cmd *cobra.Command, c *sdk.Client) error {
	entries, err := sdk.List(cmd.Context(), c.Best(), sminer.Miners)
	if err != nil {
		return err
	}
	rows := []minerRow{}
	for _, e := range entries {
		rows = append(rows, minerRow{types.Address(e.Key), string(e.Value.State), string(e.Value.Endpoint),
			e.Value.IdleSpace.String(), e.Value.LockSpace.String(), e.Value.ServiceSpace.String()})
	}
	return show(cmd, rows, func(w io.Writer) {
		fmt.Fprintln(w, "MINER\tSTATE\tIDLE\tLOCKED\tSERVICE\tENDPOINT")
		for i, r := range rows {
			m := entries[i].Value
			fmt.Fprintf(w, "%v\t%s\t%s\t%s\t%s\t%s\n", r.Miner, r.State, spaceText(m.IdleSpace), spaceText(m.LockSpace), spaceText(m.ServiceSpace), r.Endpoint)
		}
	})
}

// spaceText writes a space of the chain.
func spaceText(v scale.U128) string {
	n, ok := v.Uint64()
	if !ok {
		return v.String() + " B"
	}
	const tiB = 1 << 40
	if n >= tiB {
		return strings.TrimSuffix(fmt.Sprintf("%.2f", float64(n)/tiB), ".00") + " TiB"
	}
	return bytesText(n)
}

// minerDetail is one miner as the chain and it itself see it.
type minerDetail struct {
	Miner       types.Address  `json:"miner"`
	State       string         `json:"state"`
	Endpoint    string         `json:"endpoint"`
	Beneficiary types.Address  `json:"beneficiary"`
	Staking     types.Address  `json:"stakingAccount"`
	Collateral  types.Balance  `json:"collateral"`
	Debt        types.Balance  `json:"debt"`
	Declared    scale.U128     `json:"declaredSpace"`
	Idle        scale.U128     `json:"idleSpace"`
	Locked      scale.U128     `json:"lockSpace"`
	Service     scale.U128     `json:"serviceSpace"`
	Earnings    miner.Earnings `json:"earnings"`
	// Running is what the miner itself says.
	Running *miner.Status `json:"running,omitempty"`
	// Silent is why it says nothing.
	Silent string `json:"silent,omitempty"`
}

const askTimeout = 5 * time.Second

func showMiner(cmd *cobra.Command, c *sdk.Client, account substrate.AccountID, at string) error {
	ctx := cmd.Context()
	m, found, err := sdk.Find(ctx, c.Best(), sminer.Miners, account)
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("%v is not a miner of this chain\n(too little TCESS for the collateral, or a node of another chain? `cess miner doctor` looks)", types.Address(account))
	}
	d := minerDetail{
		Miner: types.Address(account), State: string(m.State), Endpoint: string(m.Endpoint),
		Beneficiary: types.Address(m.Beneficiary), Staking: types.Address(m.StakingAccount),
		Collateral: m.Collateral, Debt: m.Debt,
		Declared: m.DeclarationSpace, Idle: m.IdleSpace, Locked: m.LockSpace, Service: m.ServiceSpace,
	}
	if d.Earnings, err = miner.EarningsOf(ctx, c.Best(), account); err != nil {
		return err
	}
	if d.Running, err = askStatus(ctx, cmp.Or(at, d.Endpoint)); err != nil {
		d.Running, d.Silent = nil, err.Error()
	}
	return show(cmd, d, d.print)
}

// askStatus asks a running miner what it does.
func askStatus(ctx context.Context, endpoint string) (*miner.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	if !strings.Contains(endpoint, "://") {
		endpoint = "http://" + endpoint
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(endpoint, "/")+"/status", nil)
	if err != nil {
		return nil, err
	}
	s := new(miner.Status)
	return s, askMiner(req, s)
}

func (d *minerDetail) print(w io.Writer) {
	fmt.Fprintf(w, "Miner\t%v\nState\t%s\nEndpoint\t%s\n", d.Miner, d.State, d.Endpoint)
	fmt.Fprintf(w, "Declared\t%s\nIdle\t%s\nService\t%s\nLocked\t%s\n", spaceText(d.Declared), spaceText(d.Idle), spaceText(d.Service), spaceText(d.Locked))
	fmt.Fprintf(w, "Collateral\t%s\n", tokens(d.Collateral))
	if !d.Debt.IsZero() {
		fmt.Fprintf(w, "Debt\t%s\n", tokens(d.Debt))
	}
	fmt.Fprintf(w, "Staking account\t%v\nBeneficiary\t%v\n", d.Staking, d.Beneficiary)
	fmt.Fprintf(w, "Earned\t%s, of which %s are paid\n", tokens(d.Earnings.Total), tokens(d.Earnings.Received))
	fmt.Fprintf(w, "Passed challenges\t%d not yet turned into rewards\n", d.Earnings.Challenges)
	if d.Running == nil {
		fmt.Fprintf(w, "Running\tno answer: %s\n", d.Silent)
		return
	}
	printRunning(w, d.Running)
}

func printRunning(w io.Writer, s *miner.Status) {
	fmt.Fprintf(w, "Version\t%s\nNow\t%s\n", s.Version, s.Doing)
	fmt.Fprintf(w, "On disk\t%d fragments, %s; %d idle files and %d sets that wait\n", s.Fragments, bytesText(uint64(max(s.FragmentBytes, 0))), s.IdleFiles, s.ReadySets)
	if s.Problem != "" {
		fmt.Fprintf(w, "Problem\t%s\n", s.Problem)
	}
	if c := s.Challenge; c != nil {
		fmt.Fprintf(w, "Challenge\tof block %d, now %d\n", c.Start, s.Height)
		fmt.Fprintf(w, "  idle space\t%s\n", answerText(c.IdleProven, c.IdleVerdict, c.IdleUntil, c.VerdictUntil))
		fmt.Fprintf(w, "  service data\t%s\n", answerText(c.ServiceProven, c.ServiceVerdict, c.ServiceUntil, c.VerdictUntil))
	} else {
		fmt.Fprintf(w, "Challenge\tnone is open; the next one is drawn by chance among %d miners\n", s.Miners)
	}
	for _, j := range s.Jobs {
		fmt.Fprintf(w, "  %s\t%s\n", j.Name, jobText(j))
	}
	for _, t := range s.Workers {
		state := "answers in " + t.Latency.Round(time.Millisecond).String()
		switch {
		case t.Error != "":
			state = fmt.Sprintf("failed %d times in a row: %s", t.Failures, t.Error)
		case t.Latency == 0:
			state = "not asked yet"
		}
		fmt.Fprintf(w, "TEE worker %.8s…\t%s, %s\n", t.Key, t.Endpoint, state)
	}
}

func answerText(proven bool, verdict *bool, until, verdictUntil types.BlockNumber) string {
	switch {
	case verdict != nil && *verdict:
		return "passed"
	case verdict != nil:
		return "failed"
	case proven:
		return fmt.Sprintf("proven; a verdict is due by block %d", verdictUntil)
	}
	return fmt.Sprintf("a proof is due by block %d", until)
}

func jobText(j jobs.Status) string {
	switch {
	case j.Doing != "":
		return j.Doing
	case j.Error != "":
		return fmt.Sprintf("failed %d times in a row, again at %s: %s", j.Failures, j.Next.Local().Format(time.TimeOnly), j.Error)
	case j.Waiting != "":
		return "waits: " + j.Waiting
	}
	return "done"
}
