package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gocess/gocess/ledger/pallets/oss"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/storage/segment"
)

// refusal is what a client is told, in the words of spec/gateway.md §2.3.
type refusal struct {
	code int
	msg  string
}

func (r *refusal) Error() string { return fmt.Sprintf("%d: %s", r.code, r.msg) }

func refuse(code int, format string, args ...any) error {
	return &refusal{code, fmt.Sprintf(format, args...)}
}

var (
	errRPC         = &refusal{403, "Failed to connect to rpc, please try again later."}
	errSyncing     = &refusal{403, "Syncing the latest blocks"}
	errPermission  = &refusal{403, "no permission"}
	errBusy        = &refusal{403, "server busy"}
	errDisk        = &refusal{500, "Server space is insufficient, please try again later"}
	errNotFound    = &refusal{404, "Not found"}
	errNoTerritory = &refusal{400, "please purchase territory first"}
	errExpiring    = &refusal{400, "territory will expire soon"}
	errInactive    = &refusal{400, "the territory is not active"}
	errEmptyName   = &refusal{400, "Empty file name"}
	errLongName    = &refusal{400, "The file name length cannot exceed 63 characters"}
	errShortName   = &refusal{400, "The file name must be at least 3 characters long"}
	errEmptyFile   = &refusal{400, "the file is empty"}
	errFID         = &refusal{400, "invalid fid"}
)

// checkName holds the chain's rules for the name of a file, which count bytes.
func checkName(name string) error {
	switch {
	case name == "":
		return errEmptyName
	case len(name) > 63:
		return errLongName
	case len(name) < 3:
		return errShortName
	}
	return nil
}

// syncLag is how many blocks a node may be behind.
const syncLag = 5

// checkSync refuses while the node is down or behind.
func (g *Gateway) checkSync(ctx context.Context) error {
	s, err := g.chain.SyncState(ctx)
	if err != nil {
		g.log.Warn("ask the node for its state", "err", err)
		return errRPC
	}
	if s.CurrentBlock+syncLag < s.HighestBlock {
		return errSyncing
	}
	return nil
}

// checkOperator refuses unless the owner authorised this gateway.
func (g *Gateway) checkOperator(ctx context.Context, at sdk.At, owner substrate.AccountID) error {
	if owner == g.account {
		return nil
	}
	operators, _, err := sdk.Find(ctx, at, oss.Authorities, owner)
	switch {
	case err != nil:
		g.log.Warn("read authorisations", "err", err)
		return errRPC
	case len(operators) == 0:
		return refuse(403, "space is not authorized")
	case !slices.Contains(operators, g.account):
		return refuse(403, "Please authorize this gateway account: %v", types.Address(g.account))
	}
	return nil
}

// room returns how many segments fit into a territory: more than what they
// are charged must remain.
func (g *Gateway) room(ctx context.Context, at sdk.At, owner substrate.AccountID, territory []byte) (segments int64, err error) {
	if len(territory) == 0 || len(territory) > types.MaxTerritoryName {
		return 0, errNoTerritory
	}
	t, found, err := sdk.FindPair(ctx, at, storagehandler.Territories, owner, types.TerritoryName(territory))
	if err != nil {
		g.log.Warn("read territory", "err", err)
		return 0, errRPC
	}
	if !found {
		return 0, errNoTerritory
	}
	height, err := g.chain.Height(ctx)
	if err != nil {
		return 0, errRPC
	}
	switch {
	case t.Deadline < height:
		return 0, errExpiring
	case t.State != storagehandler.TerritoryActive:
		return 0, errInactive
	}
	return fits(t.RemainingSpace), nil
}

// fits is the largest number of segments whose charge is less than the space.
func fits(remaining scale.U128) int64 {
	if remaining.IsZero() {
		return 0
	}
	n, ok := remaining.SaturatingSub(scale.U128From64(1)).Div64(uint64(segment.ChargedSize(1))).Uint64()
	if !ok || n > segment.MaxSegments {
		return segment.MaxSegments
	}
	return int64(n)
}

// permitted says why the chain would refuse to declare a file for a user, as
// far as can be known before.
func (g *Gateway) permitted(ctx context.Context, at sdk.At, c *Claim, segments int) error {
	if err := g.checkOperator(ctx, at, substrate.AccountID(c.Owner)); err != nil {
		return err
	}
	room, err := g.room(ctx, at, substrate.AccountID(c.Owner), c.Territory)
	if err == nil && int64(segments) > room {
		err = noRoom(segments)
	}
	return err
}

func noRoom(segments int) error {
	return refuse(400, "remaining space in the territory is less than %d", segment.ChargedSize(segments))
}

// transient says whether the same request may succeed a moment later although
// nothing was changed.
func transient(err error) bool {
	return errors.Is(err, errRPC) || errors.Is(err, errSyncing)
}
