package tee

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	podr2chain "github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/storage/podr2"
)

// nodeView reads the chain from a node that the operator trusts.
type nodeView struct {
	client *sdk.Client
}

// now pins the best block, so that several reads fit together.
func (v *nodeView) now(ctx context.Context) (sdk.At, error) {
	var hash substrate.H256
	if err := v.client.RPC().Call(ctx, &hash, "chain_getBlockHash"); err != nil {
		return sdk.At{}, err
	}
	return v.client.At(hash), nil
}

func (v *nodeView) Miner(ctx context.Context, who substrate.AccountID) (sminer.Miner, bool, error) {
	return sdk.Find(ctx, v.client.Best(), sminer.Miners, who)
}

func (v *nodeView) Expender(ctx context.Context) (sminer.Expender, error) {
	return sdk.Get(ctx, v.client.Best(), sminer.Expenders)
}

func (v *nodeView) MasterKeys(ctx context.Context) ([][32]byte, error) {
	at, err := v.now(ctx)
	if err != nil {
		return nil, err
	}
	status, err := sdk.Get(ctx, at, teeworker.MasterKeyStatus)
	if err != nil {
		return nil, err
	}
	history, err := sdk.Get(ctx, at, teeworker.MasterKeyHistory)
	if err != nil {
		return nil, err
	}
	var keys [][32]byte
	if launched, ok := status.(teeworker.Launched); ok {
		keys = append(keys, launched.Key.PublicKey)
	}
	for _, old := range slices.Backward(history) {
		keys = append(keys, old.PublicKey)
	}
	return keys, nil
}

func (v *nodeView) Lists(ctx context.Context, who substrate.AccountID, file, fragment types.Hash) (bool, error) {
	at, err := v.now(ctx)
	if err != nil {
		return false, err
	}
	f, found, err := sdk.Find(ctx, at, filebank.Files, file)
	if err != nil {
		return false, err
	}
	if found && fileLists(&f, who, fragment) {
		return true, nil
	}
	if !found {
		deal, open, err := sdk.Find(ctx, at, filebank.Deals, file)
		if err != nil {
			return false, err
		}
		if open && dealLists(&deal, who, fragment) {
			return true, nil
		}
	}
	order, claimed, err := sdk.Find(ctx, at, filebank.RestoralOrders, fragment)
	if err != nil {
		return false, err
	}
	// Before the first claim the order names the miner that lost the fragment.
	return claimed && order.Count > 0 && order.Miner == who && order.FileHash == file, nil
}

func fileLists(f *filebank.File, who substrate.AccountID, fragment types.Hash) bool {
	for i := range f.SegmentList {
		for _, g := range f.SegmentList[i].FragmentList {
			if g.Hash == fragment && g.Miner == who {
				return true
			}
		}
	}
	return false
}

// dealLists says whether a miner reported the column that a fragment is in.
func dealLists(d *filebank.Deal, who substrate.AccountID, fragment types.Hash) bool {
	for _, c := range d.CompleteList {
		if c.Miner != who || c.Index == 0 {
			continue
		}
		for i := range d.SegmentList {
			if list := d.SegmentList[i].FragmentList; int(c.Index) <= len(list) && list[c.Index-1] == fragment {
				return true
			}
		}
	}
	return false
}

func (v *nodeView) Challenge(ctx context.Context, who substrate.AccountID) (audit.Challenge, bool, error) {
	return sdk.Find(ctx, v.client.Best(), audit.Challenges, who)
}

var errNotFrozen = errors.New("no list of fragments is frozen for the miner")

func (v *nodeView) FrozenNames(ctx context.Context, who substrate.AccountID) (podr2chain.FrozenList, []podr2.Name, error) {
	at, err := v.now(ctx)
	if err != nil {
		return podr2chain.FrozenList{}, nil, err
	}
	frozen, found, err := sdk.Find(ctx, at, podr2chain.Frozen, who)
	if err != nil || !found {
		return frozen, nil, errors.Join(err, when(!found, errNotFrozen))
	}
	names, err := allNames(ctx, at, who, frozen)
	return frozen, names, err
}

func when(condition bool, err error) error {
	if condition {
		return err
	}
	return nil
}

// allNames reads a whole frozen list: the current one with the slots that
// changed since kept aside.
func allNames(ctx context.Context, at sdk.At, who substrate.AccountID, frozen podr2chain.FrozenList) ([]podr2.Name, error) {
	current, err := sdk.ListPrefix(ctx, at, podr2chain.Fragments, who)
	if err != nil {
		return nil, err
	}
	kept, err := sdk.ListPrefix(ctx, at, podr2chain.FrozenSlots, podr2chain.FrozenID{Miner: who, Start: frozen.Start})
	if err != nil {
		return nil, err
	}
	slots := make(map[uint32]podr2.Name, len(current))
	for _, e := range append(current, kept...) { // what was kept aside wins
		if e.Key < frozen.Count {
			slots[e.Key] = e.Value
		}
	}
	if uint32(len(slots)) != frozen.Count {
		return nil, fmt.Errorf("the frozen list has %d of %d fragments", len(slots), frozen.Count)
	}
	names := make([]podr2.Name, frozen.Count)
	for i, name := range slots {
		names[i] = name
	}
	return names, nil
}

// fewFragments is how long a list may be to be read as a whole; of longer ones
// only the sampled fragments are.
const fewFragments = 2000

func (v *nodeView) Question(ctx context.Context, who substrate.AccountID) (*question, bool, error) {
	at, err := v.now(ctx)
	if err != nil {
		return nil, false, err
	}
	c, found, err := sdk.Find(ctx, at, audit.Challenges, who)
	if err != nil || !found {
		return nil, false, err
	}
	q := &question{challenge: c}
	if q.frozen, found, err = sdk.Find(ctx, at, podr2chain.Frozen, who); err != nil || !found {
		return nil, false, errors.Join(err, when(!found, errNotFrozen))
	}
	if id, ok := q.frozen.Key.Get(); ok {
		encoded, found, err := sdk.Find(ctx, at, podr2chain.TaggerKeys, id)
		if err != nil {
			return nil, false, err
		}
		if found {
			if q.key, err = podr2.ParsePublicKey(encoded); err != nil {
				return nil, false, err
			}
		}
	}
	if q.frozen.Count == 0 {
		return q, true, nil
	}
	samples, err := sdk.Constant(ctx, at, podr2chain.Samples)
	if err != nil {
		return nil, false, err
	}
	q.query, err = queryOf(ctx, at, who, q.frozen, podr2.Challenge{Seed: podr2chain.SeedOf(c.Element, who), Samples: samples})
	return q, err == nil, err
}

// queryOf draws the samples and reads the names that they hit.
func queryOf(ctx context.Context, at sdk.At, who substrate.AccountID, frozen podr2chain.FrozenList, c podr2.Challenge) (*podr2.Query, error) {
	count := uint64(frozen.Count)
	if count <= fewFragments {
		names, err := allNames(ctx, at, who, frozen)
		if err != nil {
			return nil, err
		}
		return c.Query(count, func(i uint64) (podr2.Name, error) { return names[i], nil })
	}
	samples, err := c.Draw(count)
	if err != nil {
		return nil, err
	}
	names := make(map[uint64]podr2.Name)
	for _, s := range samples {
		names[s.Fragment] = podr2.Name{}
	}
	var mu sync.Mutex // guards names
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(16)
	for i := range names {
		g.Go(func() error {
			name, err := nameAt(ctx, at, who, frozen, uint32(i))
			mu.Lock()
			defer mu.Unlock()
			names[i] = name
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return c.Query(count, func(i uint64) (podr2.Name, error) { return names[i], nil })
}

func nameAt(ctx context.Context, at sdk.At, who substrate.AccountID, frozen podr2chain.FrozenList, slot uint32) (podr2.Name, error) {
	name, found, err := sdk.FindPair(ctx, at, podr2chain.FrozenSlots, podr2chain.FrozenID{Miner: who, Start: frozen.Start}, slot)
	if err != nil || found {
		return name, err
	}
	if name, found, err = sdk.FindPair(ctx, at, podr2chain.Fragments, who, slot); err == nil && !found {
		err = fmt.Errorf("fragment %d is missing in the list", slot)
	}
	return name, err
}
