package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/miner"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/sdk/tee"
	"github.com/gocess/gocess/storage/pois"
)

// finding is the result of one check of the doctor.
type finding struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	Text  string `json:"text"`
	// Try is what to do about it.
	Try string `json:"try,omitempty"`
}

type doctor struct {
	cfg      miner.Config
	findings []finding
}

func (d *doctor) ok(check, format string, args ...any) {
	d.findings = append(d.findings, finding{Check: check, OK: true, Text: fmt.Sprintf(format, args...)})
}

func (d *doctor) bad(check, try, format string, args ...any) {
	d.findings = append(d.findings, finding{Check: check, Text: fmt.Sprintf(format, args...), Try: try})
}

func minerDoctor() *cobra.Command {
	var s minerSettings
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Find out why a miner does not work",
		Long: `Looks at everything that a miner needs: its folder and disk, its address, the chain
node, its account and collateral, and TEE workers. It changes nothing, and fails
if something is wrong.`,
		Example: `  cess miner doctor -c miner.yaml
  cess miner doctor --home ./miner1 --key //Miner1 --json`,
		Args: cobra.NoArgs,
	}
	minerFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := s.load(cmd)
		if err != nil {
			return err
		}
		d := &doctor{cfg: cfg}
		d.disk()
		d.chain(cmd.Context())
		return reportFindings(cmd, d.findings)
	}
	return cmd
}

// disk looks at the folder and the room in it.
func (d *doctor) disk() {
	const check = "folder"
	home := d.cfg.Home
	probe := home
	for {
		if _, err := os.Stat(probe); err == nil || filepath.Dir(probe) == probe {
			break
		}
		probe = filepath.Dir(probe) // it is made when the miner starts
	}
	if err := unix.Access(probe, unix.W_OK|unix.X_OK); err != nil {
		d.bad(check, "chown the folder to the user that runs the miner", "%s cannot be written: %v", probe, err)
		return
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(probe, &fs); err != nil {
		d.bad(check, "", "%v", err)
		return
	}
	free := fs.Bavail * uint64(fs.Bsize)
	if free < d.cfg.ReserveBytes {
		d.bad("disk", "free some space, or lower --reserve-mib", "%s are free, less than the reserve of %s", bytesText(free), bytesText(d.cfg.ReserveBytes))
	} else {
		d.ok("disk", "%s are free; %s of them stay so", bytesText(free), bytesText(d.cfg.ReserveBytes))
	}
	d.ok(check, "%s can be written", home)
}

// chain looks at the node and at what depends on it.
func (d *doctor) chain(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	c, err := sdk.Dial(ctx, d.cfg.Chain)
	if err != nil {
		d.bad("chain node", "check --node and that the node runs", "%v", err)
		return
	}
	defer c.Close()
	s, err := c.SyncState(ctx)
	switch {
	case err != nil:
		d.bad("chain node", "", "%v", err)
		return
	case s.CurrentBlock+2 < s.HighestBlock:
		d.bad("chain node", "wait until it has caught up", "it is at block %d of %d", s.CurrentBlock, s.HighestBlock)
	default:
		d.ok("chain node", "%s is at block %d of chain 0x%.8x…", d.cfg.Chain, s.CurrentBlock, c.Genesis())
	}
	for _, look := range []func(context.Context, *sdk.Client) error{d.params, d.account, d.workers} {
		if err := look(ctx, c); err != nil {
			d.bad("chain node", "", "%v", err)
			return
		}
	}
}

func (d *doctor) params(ctx context.Context, c *sdk.Client) error {
	e, err := sdk.Get(ctx, c.Best(), sminer.Expenders)
	if err != nil {
		return err
	}
	p := pois.Params{K: int(e.K), N: int(e.N), D: int(e.D)}
	if err := p.Validate(); err != nil {
		d.bad("idle space", "have the chain's root call Sminer.update_expender", "the chain's parameters cannot work: %v", err)
		return nil
	}
	d.ok("idle space", "a set of idle files has %s", bytesText(uint64(pois.SetFiles*p.FileSize())))
	return nil
}

// account looks at the miner's record, or at what registering needs.
func (d *doctor) account(ctx context.Context, c *sdk.Client) error {
	me := substrate.AccountID(d.cfg.Signer.AccountID())
	m, found, err := sdk.Find(ctx, c.Best(), sminer.Miners, me)
	if err != nil {
		return err
	}
	account, _, err := sdk.Find(ctx, c.Best(), system.Accounts, me)
	if err != nil {
		return err
	}
	free, limit := account.Data.Free, sminer.CollateralLimit(types.Tebibytes(d.cfg.SpaceTiB))
	if !found {
		if free.Less(limit) && d.cfg.StakingAccount == nil {
			d.bad("account", fmt.Sprintf("send %v the rest and something for fees", types.Address(me)), "%s are there, registering %d TiB needs %s", tokens(free), d.cfg.SpaceTiB, tokens(limit))
		} else {
			d.ok("account", "%v is not registered yet and has %s", types.Address(me), tokens(free))
		}
		return nil
	}
	switch state := string(m.State); state {
	case sminer.StatePositive:
		d.ok("account", "%v is in service with %s declared", types.Address(me), spaceText(m.DeclarationSpace))
	case sminer.StateFrozen:
		need := sminer.CollateralLimit(m.DeclarationSpace).SaturatingSub(m.Collateral).SaturatingAdd(m.Debt)
		d.bad("account", fmt.Sprintf("cess miner stake %q --of %v --from <key of %v>", tokens(need), types.Address(me), types.Address(m.StakingAccount)), "frozen: the collateral of %s is short", tokens(m.Collateral))
	case sminer.StateNotReady:
		d.ok("account", "registered; a TEE worker has to make its PoIS key")
	default:
		d.ok("account", "the state is %q", state)
	}
	if free.IsZero() {
		d.bad("fees", "send the account some TCESS", "the account has nothing to pay fees with")
	}
	d.reachable(ctx, string(m.Endpoint))
	return nil
}

// reachable asks the miner through its published address.
func (d *doctor) reachable(ctx context.Context, endpoint string) {
	me := types.Address(d.cfg.Signer.AccountID()).String()
	s, err := askStatus(ctx, endpoint)
	switch {
	case err == nil && s.SignatureAccount == me:
		d.ok("endpoint", "%s answers: %s", endpoint, s.Doing)
	case err == nil:
		d.bad("endpoint", "check --endpoint", "at %s another miner answers, %s", endpoint, s.SignatureAccount)
	case d.listens():
		d.bad("endpoint", "check --endpoint, the firewall and port forwarding", "the miner listens, but %s does not lead to it: %v", endpoint, err)
	default:
		d.bad("endpoint", "cess miner run", "the miner does not run here, and %s does not answer", endpoint)
	}
}

func (d *doctor) listens() bool {
	conn, err := net.DialTimeout("tcp", d.cfg.Listen, time.Second)
	if err != nil {
		return false
	}
	_ = conn.Close() // nothing was said
	return true
}

// workers asks every TEE worker who it is.
func (d *doctor) workers(ctx context.Context, c *sdk.Client) error {
	list, err := sdk.List(ctx, c.Best(), teeworker.Workers)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		d.bad("TEE workers", "start one with `cess tee`", "the chain has none: nothing can be certified or tagged")
	}
	for _, w := range list {
		name := fmt.Sprintf("TEE worker %x…", w.Key[:4])
		if err := greet(ctx, d.cfg, w.Key, w.Value.Endpoint); err != nil {
			d.bad(name, "other workers may do; this one's operator should look", "%s: %v", w.Value.Endpoint, err)
			continue
		}
		d.ok(name, "%s answers", cmp.Or(w.Value.Endpoint, "it"))
	}
	return nil
}

func greet(ctx context.Context, cfg miner.Config, key types.WorkerPublicKey, endpoint string) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	c, err := tee.Dial(ctx, endpoint)
	if err != nil {
		return err
	}
	got, err := c.Identity(ctx, cfg.Signer.AccountID())
	if err == nil && got != key {
		err = fmt.Errorf("worker %x answers", got)
	}
	return errors.Join(err, c.Close())
}
