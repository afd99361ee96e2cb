package main

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/pallets/timestamp"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/validator"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

func validatorDoctor() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Find out why a validator's node does not sign",
		Long: `Asks the validator's own node, which --node names and which must be on this
machine, and the chain: is the node in sync and connected, its clock right, its
disk large enough; is the validator a candidate, elected, its vote not taken
away; are its session keys in the keystore; does another node vote with them. It
changes nothing, and fails if something is wrong.`,
		Example: `  cess validator doctor
  cess validator doctor --of //Eve --node ws://127.0.0.1:9954 --json`,
		Args: cobra.NoArgs,
	}
	of := cmd.Flags().String("of", "", "the stash (default the one that the node votes for)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		d := new(validatorExam)
		c, err := dial(cmd)
		if err != nil {
			d.bad("chain node", "check --node, and that `cess node` runs", "%v", err)
			return reportFindings(cmd, d.findings)
		}
		defer c.Close()
		if err := d.examine(cmd.Context(), c, *of); err != nil {
			d.bad("chain node", "", "%v", err)
		}
		return reportFindings(cmd, d.findings)
	}
	return cmd
}

// validatorExam is the examination of one validator.
type validatorExam struct {
	doctor
	node *validator.Status
	s    *standing
}

func (d *validatorExam) examine(ctx context.Context, c *sdk.Client, of string) (err error) {
	if d.node, err = askNode(ctx, c); err != nil {
		d.bad("chain node", "run the doctor on the validator's machine, with its node as --node", "%v", err)
	} else {
		d.health()
	}
	if err := d.clock(ctx, c); err != nil {
		return err
	}
	stash, err := stashOf(ctx, c, cmp.Or(of, d.owner(ctx, c)))
	if err != nil {
		d.bad("validator", "name the stash with --of; `cess validator join` registers a new one", "the keys of this node serve no validator: %v", err)
		return nil
	}
	if d.s, err = standingOf(ctx, c, stash); err != nil {
		return err
	}
	d.candidate()
	return d.keys(ctx, c, stash)
}

// owner finds the stash that a key of the node is registered for.
func (d *validatorExam) owner(ctx context.Context, c *sdk.Client) string {
	if d.node == nil {
		return ""
	}
	for _, text := range d.node.VotingKeys {
		public, err := parseHex(text)
		if err != nil {
			continue
		}
		stash, found, err := sdk.Find(ctx, c.Best(), session.KeyOwners, session.OwnedKey{Type: types.KeyTypeGrandpa, Key: public})
		if err == nil && found {
			return types.Address(stash).String()
		}
	}
	return ""
}

// leastDisk is what a node should have left on its disk.
const leastDisk = 5 * giB

// tolerated is how many votes there may be for one that came too late.
const tolerated = 10

func (d *validatorExam) health() {
	n := d.node
	switch {
	case n.OutOfReach != "":
		d.bad("sync", "do what is said here, or ask the operators of --peers", "%s", n.OutOfReach)
	case n.CatchingUp:
		d.bad("sync", "wait until it has caught up; it votes only then", "the node is at block %d of %d", n.Height, n.Highest)
	default:
		d.ok("sync", "the node is at block %d", n.Height)
	}
	switch {
	case n.Peers == 0 && len(n.Deciding) > 1:
		d.bad("peers", "check --peers, --p2p, the firewall and port forwarding of `cess node`", "the node is connected with nobody: its votes reach no other validator")
	default:
		d.ok("peers", "%d nodes are connected", n.Peers)
	}
	if n.DiskFree < leastDisk {
		d.bad("disk", "free some space, or move "+n.Home, "only %s are free; the node stops when nothing is left", bytesText(n.DiskFree))
	} else {
		d.ok("disk", "%s are free", bytesText(n.DiskFree))
	}
	const twin = "key used once"
	switch {
	case n.Foreign == 0:
		d.ok(twin, "nobody else was seen to vote with this node's keys")
	default:
		d.bad(twin, "stop the other node now: when two votes of one height differ, the stake is slashed",
			"another node signed %d votes with this node's key, the last one in block %d", n.Foreign, n.LastForeign)
	}
	switch {
	case n.VoteRound > 0 && n.VoteHeight > n.Height:
		d.bad("rounds", "look at the other validators: too few of them vote", "block %d is in round %d: proposers are silent or votes missing", n.VoteHeight, n.VoteRound)
	case n.Missed*tolerated > n.Missed+n.Signed && n.Height-min(n.LastMissed, n.Height) < 100:
		d.bad("votes", "check the network, the clock and the load of the machine", "%d of %d votes came too late, the last one in block %d", n.Missed, n.Missed+n.Signed, n.LastMissed)
	case n.Voting:
		d.ok("votes", "%d votes made since the node started, %d missed", n.Signed, n.Missed)
	}
}

// clockTolerance is how far block time and this machine's clock may be apart
// beside the interval between blocks.
const clockTolerance = 5 * time.Second

// clock compares the time of a block that has just come with this machine's.
func (d *validatorExam) clock(ctx context.Context, c *sdk.Client) error {
	off := func() (time.Duration, error) {
		ms, err := sdk.Get(ctx, c.Best(), timestamp.Now)
		return time.Since(time.UnixMilli(int64(ms))), err
	}
	behind, err := off()
	if err != nil {
		return err
	}
	if behind.Abs() <= clockTolerance {
		d.ok("clock", "blocks have this machine's time")
		return nil
	}
	heads, err := c.Heads(ctx)
	if err != nil {
		return err
	}
	defer heads.Close()
	wait, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for range 2 { // the first is the newest that there is
		if _, err := heads.Next(wait); err != nil {
			d.bad("blocks", "more than a third of the validators are silent, or this node is cut off", "no block has come for %v", behind.Round(time.Second))
			return nil
		}
	}
	if behind, err = off(); err != nil {
		return err
	}
	switch {
	case behind.Abs() > 2*clockTolerance && (d.node == nil || !d.node.CatchingUp):
		d.bad("clock", "set the clock: run an NTP client such as chrony", "this machine's clock and the chain's are %v apart", behind.Round(time.Second))
	default:
		d.ok("clock", "a new block has this machine's time, within %v", behind.Abs().Round(time.Second))
	}
	return nil
}

// candidate looks at what the chain says of the validator.
func (d *validatorExam) candidate() {
	s := d.s
	switch {
	case s.Bonded.IsZero():
		d.bad("bond", "cess validator join", "%v has no bond", s.Stash)
	case !s.Candidate:
		d.bad("candidate", "cess validator validate", "%v has bonded %s and does not want to validate", s.Stash, tokens(s.Bonded))
	default:
		d.ok("candidate", "%v is a candidate with %s", s.Stash, tokens(s.Bonded))
	}
	switch {
	case s.LastSeen == nil && s.Candidate:
		d.bad("life", "run the node with the registered keys in its keystore; it proves its life once per session", "the chain has not seen its node alive, so that it cannot be elected")
	case s.LastSeen != nil && *s.LastSeen+1 < s.Session:
		d.bad("life", "see what the node says about proofs of life", "the chain saw its node alive last in session %d; now is %d", *s.LastSeen, s.Session)
	case s.LastSeen != nil:
		d.ok("life", "seen alive in session %d", *s.LastSeen)
	}
	if d.node != nil {
		for _, l := range d.node.Life {
			if l.Stash == s.Stash && l.Error != "" {
				d.bad("proof of life", "", "session %d: %s", l.Session, l.Error)
			}
		}
	}
	switch {
	case s.Seat != nil && s.Disabled:
		d.bad("seat", "wait until the era ends; see the events of pallet Offences", "it is disabled for an offence")
	case s.Seat != nil:
		d.ok("seat", "it has seat %d in session %d", *s.Seat, s.Session)
	case s.Queued:
		d.ok("seat", "elected: it takes its seat with the next session")
	case s.Score != nil:
		d.ok("seat", "not elected: rank %d for %d seats, with %d points; elections are once per era", s.Rank, s.Seats, s.Score.Total)
	default:
		d.ok("seat", "not elected yet: elections are in the last session of each era; keys have to be registered and the node seen alive before")
	}
}

// keys compares the keys that serve now, and next, with those of the node, and
// with those whose votes count.
func (d *validatorExam) keys(ctx context.Context, c *sdk.Client, stash substrate.AccountID) error {
	next, found, err := sdk.Find(ctx, c.Best(), session.NextKeys, stash)
	if err != nil {
		return err
	}
	if !found {
		d.bad("session keys", "cess validator keys rotate", "none are registered: it cannot be elected")
		return nil
	}
	if err := d.held(ctx, c, "session keys", next); err != nil {
		return err
	}
	queued, err := sdk.Get(ctx, c.Best(), session.QueuedKeys)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(queued, func(v session.ValidatorKeys) bool { return v.Validator == stash }); i >= 0 && queued[i].Keys != next {
		if err := d.held(ctx, c, "keys of the next session", queued[i].Keys); err != nil {
			return err
		}
	}
	if d.node == nil || d.s.Seat == nil {
		return nil
	}
	switch {
	case d.node.Voting && d.node.Stash == d.s.Stash:
		d.ok("voting", "the node votes with %.10s…", d.node.VotingKey)
	case !slices.ContainsFunc(d.node.Deciding, func(key string) bool { return slices.Contains(d.node.VotingKeys, key) }):
		why := "the validator has a seat, but no key of this node is among those that decide"
		if slices.Contains(d.node.Deciding, "0x"+hex.EncodeToString(next.Grandpa[:])) {
			why = "the key that decides is registered and not in this node's keystore"
		}
		d.bad("voting", "if keys were changed, the old ones serve until the session after the next; if the vote was taken away for a double vote, wait until the era ends", "%s", why)
	}
	return nil
}

// held says whether the node has the secrets of keys.
func (d *validatorExam) held(ctx context.Context, c *sdk.Client, check string, keys types.SessionKeys) error {
	if d.node == nil {
		return nil
	}
	encoded, err := scale.Marshal(keys)
	if err != nil {
		return err
	}
	var has bool
	if err := c.RPC().Call(ctx, &has, "author_hasSessionKeys", hexText(encoded)); err != nil {
		return err
	}
	if !has {
		d.bad(check, "copy the keystore that has them to "+d.node.Keystore+", or `cess validator keys rotate`", "the node lacks keys that the validator has registered (`cess validator keys` lists them)")
		return nil
	}
	d.ok(check, "the node has them")
	return nil
}

// reportFindings shows what a doctor found, and fails if something is wrong.
func reportFindings(cmd *cobra.Command, findings []finding) error {
	wrong := 0
	for _, f := range findings {
		if !f.OK {
			wrong++
		}
	}
	if err := show(cmd, findings, func(w io.Writer) {
		for _, f := range findings {
			mark := "ok"
			if !f.OK {
				mark = "WRONG"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\n", mark, f.Check, f.Text)
			if f.Try != "" {
				fmt.Fprintf(w, "\t\ttry: %s\n", f.Try)
			}
		}
	}); err != nil {
		return err
	}
	switch {
	case wrong == 0:
		return nil
	case asJSON(cmd):
		return errReported
	}
	return fmt.Errorf("%d things are wrong", wrong)
}
