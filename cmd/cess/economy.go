package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/devnet"
	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// runEconomy lets one holder of a file vanish and tells what the network makes
// of it: the miner misses its challenges, is fined and at last forced out,
// others restore its fragments, all others earn. It returns when ctx ends.
func runEconomy(ctx context.Context, cmd *cobra.Command, n *devnet.Network, fid types.Hash) error {
	c, err := sdk.Dial(ctx, n.Info.RPCWS)
	if err != nil {
		return err
	}
	defer c.Close()
	holder, err := awaitTagged(ctx, c, fid)
	if err != nil {
		return err
	}
	e := newEconomy(c, cmd.ErrOrStderr(), n.Info)
	say(cmd, "\n%s holds a fragment of the file and vanishes for ever. Watch:\n", e.name(holder))
	if err := n.StopNode(e.name(holder)); err != nil {
		return err
	}
	return e.run(ctx)
}

// awaitTagged returns a holder of the file once all its fragments have tags,
// from when on their holders must prove them.
func awaitTagged(ctx context.Context, c *sdk.Client, fid types.Hash) (substrate.AccountID, error) {
	for {
		file, found, err := sdk.Find(ctx, c.Best(), filebank.Files, fid)
		switch {
		case err != nil:
			return substrate.AccountID{}, err
		case !found:
			return substrate.AccountID{}, fmt.Errorf("file %v is not on chain", fid)
		}
		if tagged(&file) {
			fragments := file.SegmentList[0].FragmentList
			return fragments[len(fragments)-1].Miner, nil
		}
		select {
		case <-ctx.Done():
			return substrate.AccountID{}, ctx.Err()
		case <-time.After(economyEvery):
		}
	}
}

func tagged(file *filebank.File) bool {
	for _, s := range file.SegmentList {
		if slices.ContainsFunc(s.FragmentList, func(f filebank.Fragment) bool { return !f.Tag.IsSome() }) {
			return false
		}
	}
	return true
}

// economy follows a network's miners: what they hold, prove and earn, and what
// becomes of those that fail.
type economy struct {
	chain  *sdk.Client
	out    io.Writer
	names  map[substrate.AccountID]string
	seen   uint32 // the last block that was read
	passed map[substrate.AccountID]int
	failed map[substrate.AccountID]int
	paid   map[substrate.AccountID]types.Balance
	states map[substrate.AccountID]string
}

// Pauses between looks at blocks, and between tables.
const (
	economyEvery = time.Second
	tableEvery   = 20 * time.Second
)

func newEconomy(chain *sdk.Client, out io.Writer, info *devnet.Info) *economy {
	e := &economy{
		chain: chain, out: out,
		names:  make(map[substrate.AccountID]string),
		passed: make(map[substrate.AccountID]int), failed: make(map[substrate.AccountID]int),
		paid: make(map[substrate.AccountID]types.Balance), states: make(map[substrate.AccountID]string),
	}
	for _, n := range info.Nodes {
		e.names[substrate.AccountID(n.Account)] = n.Name
	}
	return e
}

// run tells what happens until ctx ends.
func (e *economy) run(ctx context.Context) error {
	look, table := time.NewTicker(economyEvery), time.NewTicker(tableEvery)
	defer look.Stop()
	defer table.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
			if err := e.follow(ctx); err != nil && ctx.Err() == nil {
				return err
			}
		case <-table.C:
			if err := e.table(ctx); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}

// follow reads the events of new blocks.
func (e *economy) follow(ctx context.Context) error {
	height, err := e.chain.Height(ctx)
	if err != nil {
		return err
	}
	if e.seen == 0 {
		e.seen = height
	}
	for ; e.seen < height; e.seen++ {
		at, err := e.chain.AtHeight(ctx, e.seen+1)
		if err != nil {
			return err
		}
		records, err := sdk.Get(ctx, at, system.Events)
		if err != nil {
			return err
		}
		for _, r := range records {
			if text := e.tell(r.Event.Event); text != "" {
				fmt.Fprintf(e.out, "block %d: %s\n", e.seen+1, text)
			}
		}
		if err := e.newStates(ctx, at); err != nil {
			return err
		}
	}
	return nil
}

func (e *economy) name(who substrate.AccountID) string {
	if n, ok := e.names[who]; ok {
		return n
	}
	return types.Address(who).String()
}

// tell counts an event and says what it means, if it is worth a line.
func (e *economy) tell(event any) string {
	switch v := event.(type) {
	case audit.SubmitServiceVerifyResultEvent:
		if v.Result {
			e.passed[v.Miner]++
			return ""
		}
		e.failed[v.Miner]++
		return e.name(v.Miner) + " could not prove its service data"
	case audit.SubmitIdleVerifyResultEvent:
		if v.Result {
			return ""
		}
		e.failed[v.Miner]++
		return e.name(v.Miner) + " could not prove its idle space"
	case sminer.ReceiveEvent:
		if !v.Reward.IsZero() {
			e.paid[v.Account] = e.paid[v.Account].SaturatingAdd(v.Reward)
			return fmt.Sprintf("%s received a reward of %s %s", e.name(v.Account), coins(v.Reward), tokenSymbol)
		}
	case filebank.CalculateReportEvent:
		return fmt.Sprintf("%s had its fragments of file %.8s… tagged", e.name(v.Miner), v.FileHash)
	case filebank.GenerateRestoralOrderEvent:
		return fmt.Sprintf("%s reported fragment %.8s… as lost", e.name(v.Miner), v.FragmentHash)
	case filebank.ClaimRestoralOrderEvent:
		return fmt.Sprintf("%s restores fragment %.8s…", e.name(v.Miner), v.OrderID)
	case filebank.RecoveryCompletedEvent:
		return fmt.Sprintf("%s has restored fragment %.8s…", e.name(v.Miner), v.OrderID)
	}
	return ""
}

// newStates tells of miners whose state changed.
func (e *economy) newStates(ctx context.Context, at sdk.At) error {
	miners, err := sdk.List(ctx, at, sminer.Miners)
	if err != nil {
		return err
	}
	for _, m := range miners {
		state := string(m.Value.State)
		if old := e.states[m.Key]; old != "" && old != state {
			fmt.Fprintf(e.out, "block %d: %s is %s now, it was %s\n", e.seen+1, e.name(m.Key), state, old)
		}
		e.states[m.Key] = state
	}
	return nil
}

// table prints one line for each miner.
func (e *economy) table(ctx context.Context) error {
	at := e.chain.Best()
	miners, err := sdk.List(ctx, at, sminer.Miners)
	if err != nil {
		return err
	}
	keys := make([]substrate.AccountID, len(miners))
	for i, m := range miners {
		keys[i] = m.Key
	}
	rewards, err := sdk.FindMany(ctx, at, sminer.Rewards, keys)
	if err != nil {
		return err
	}
	missed, err := sdk.FindMany(ctx, at, audit.Misses, keys)
	if err != nil {
		return err
	}
	slices.SortFunc(miners, func(a, b sdk.Entry[substrate.AccountID, sminer.Miner]) int {
		return byName(e.name(a.Key), e.name(b.Key))
	})
	w := tabwriter.NewWriter(e.out, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\nminer\tstate\tidle\tservice\tpassed\tfailed\tmissed in a row\tcollateral\tearned\tpaid\t")
	for _, m := range miners {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%s\t%s\t%s\t\n",
			e.name(m.Key), string(m.Value.State), spaceText(m.Value.IdleSpace), spaceText(m.Value.ServiceSpace),
			e.passed[m.Key], e.failed[m.Key], missed[m.Key],
			coins(m.Value.Collateral), coins(rewards[m.Key].TotalReward), coins(e.paid[m.Value.Beneficiary]))
	}
	fmt.Fprintln(w)
	return w.Flush()
}

// coins writes an amount with two decimals, rounded down.
func coins(planck types.Balance) string {
	whole, fraction, found := strings.Cut(strings.TrimSuffix(tokens(planck), " "+tokenSymbol), ".")
	if !found {
		return whole
	}
	return whole + "." + fraction[:min(2, len(fraction))]
}

// byName puts miner-2 before miner-10.
func byName(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}
