package storagehandler_test

import (
	"testing"

	sh "github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

func TestRootCallsNeedRoot(t *testing.T) {
	w := newWorld(t)
	for _, call := range []runtime.Call{
		sh.UpdatePrice{}, sh.DefineUpdatePrice{}, sh.UpdateUserTerritoryLife{}, sh.UpdateExpiredExec{},
		sh.ClearServiceSpace{}, sh.FixTerritorySpaceForReactivate{},
	} {
		wants(t, w.Run(alice, call), runtime.ErrBadOrigin)
	}
	for _, call := range []runtime.Call{
		sh.MintTerritory{}, sh.ExpandingTerritory{}, sh.RenewalTerritory{}, sh.ReactivateTerritory{},
		sh.OtherReactivateTerritory{}, sh.TerritoryConsignment{}, sh.CancelConsignment{}, sh.TerritoryGrants{},
		sh.TerritoryRename{}, sh.CreateOrder{}, sh.ExecOrder{},
	} {
		wants(t, w.Root(call), runtime.ErrBadOrigin)
	}
}

func TestPriceChanges(t *testing.T) {
	w := newWorld(t)
	w.root(sh.DefineUpdatePrice{Price: types.Tokens(2)})
	w.mint(alice, "home", 1)
	equal(t, "payment", w.paid(), types.Tokens(60))
	w.root(sh.UpdatePrice{})
	price, _ := sh.UnitPrice.Get(w.Ctx())
	equal(t, "price", price, types.Tokens(30))
}

func TestUpdateExpiredExec(t *testing.T) {
	w := newWorld(t)
	w.mint(alice, "home", 1)
	terr := w.get(alice, "home")
	w.GoTo(terr.Deadline)
	due := terr.Deadline + frozen
	move := func(from, to types.BlockNumber) error {
		return w.Root(sh.UpdateExpiredExec{OldBlock: from, NewBlock: to, Token: terr.Token})
	}
	wants(t, move(due-1, due+9), sh.ErrParam)
	wants(t, move(due, w.Number()+1), sh.ErrParam)
	wants(t, move(due, terr.Deadline+20), nil)
	w.GoTo(terr.Deadline + 19)
	w.state(alice, "home", sh.TerritoryFrozen)
	w.NextBlocks(1)
	w.state(alice, "home", sh.TerritoryExpired)
}

func TestSpaceRepairs(t *testing.T) {
	w := newWorld(t)
	w.mint(alice, "home", 1)
	w.use(alice, "home", types.MiB)
	w.do(func(ctx *runtime.Context) error {
		if err := (sh.API{}).AddServiceSpace(ctx, gib(1)); err != nil {
			return err
		}
		return sh.Territories.Mutate(ctx, alice, name("home"), sh.ErrUnexpected, func(t *sh.Territory) error {
			t.RemainingSpace = scale.U128{}
			return nil
		})
	})
	w.root(sh.FixTerritorySpaceForReactivate{Account: alice, TerritoryName: name("home")})
	equal(t, "remaining", w.get(alice, "home").RemainingSpace, scale.U128From64(types.GiB-types.MiB))
	wants(t, w.Root(sh.FixTerritorySpaceForReactivate{Account: bob, TerritoryName: name("home")}), sh.ErrNotHaveTerritory)
	w.root(sh.ClearServiceSpace{})
	equal(t, "service space", sh.TotalServiceSpace.Get(w.Ctx()), scale.U128{})
}
