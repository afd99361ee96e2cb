package miner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/gocess/gocess/internal/durable"
	"github.com/gocess/gocess/ledger/pallets/audit"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/miner/jobs"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/accumulator"
	"github.com/gocess/gocess/storage/pois/store"
)

// idleSpace is the miner's idle files. Its store is opened when the chain knows
// the PoIS key.
type idleSpace struct {
	root    string
	account substrate.AccountID

	mu     sync.Mutex
	store  *store.Store // guarded by mu
	config store.Config // guarded by mu; of store

	// change is held by whoever changes the accumulator: there is one change
	// at a time until the chain has decided about it.
	change sync.Mutex
}

// Names in the miner's folder.
const (
	idleDir    = "idle"
	idleConfig = "idle.json" // what is needed to open the store without a chain
)

// shape is the content of idleConfig.
type shape struct {
	Params pois.Params `json:"params"`
	Key    []byte      `json:"key"` // accumulator.Key
}

func newIdleSpace(root string, account substrate.AccountID) *idleSpace {
	return &idleSpace{root: root, account: account}
}

// reopen opens the store as it was opened last. It does nothing if it never
// was.
func (s *idleSpace) reopen() error {
	b, err := os.ReadFile(filepath.Join(s.root, idleConfig))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var last shape
	var key accumulator.Key
	if err := errors.Join(json.Unmarshal(b, &last), key.UnmarshalBinary(last.Key)); err != nil {
		return fmt.Errorf("%s: %w", idleConfig, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.load(last.Params, key)
}

// load opens the store. The caller holds mu.
func (s *idleSpace) load(params pois.Params, key accumulator.Key) error {
	c := store.Config{Params: params, ID: pois.ID(s.account), Key: key}
	st, err := store.Open(filepath.Join(s.root, idleDir), c)
	if err != nil {
		return fmt.Errorf("open idle space: %w", err)
	}
	s.store, s.config = st, c
	return nil
}

// open gives the store of the key and the parameters that the chain has.
func (s *idleSpace) open(ctx context.Context, l *look) (*store.Store, pois.Params, error) {
	info, ok := l.me.SpaceProofInfo.Get()
	if !ok {
		return nil, pois.Params{}, jobs.Waitf("the miner has no PoIS key yet")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.store != nil {
		return s.store, s.config.Params, nil
	}
	e, err := sdk.Get(ctx, l.at, sminer.Expenders)
	if err != nil {
		return nil, pois.Params{}, fmt.Errorf("read the PoIS parameters: %w", err)
	}
	params, err := paramsOf(e)
	if err != nil {
		return nil, params, err
	}
	key, err := accumulator.ParseKey(info.PoISKey.N[:], info.PoISKey.G[:])
	if err != nil {
		return nil, params, fmt.Errorf("the miner's PoIS key: %w", err)
	}
	if err := s.remember(params, key); err != nil {
		return nil, params, err
	}
	return s.store, params, nil
}

// remember opens the store for the first time, so that reopen can open it
// later. The caller holds mu.
func (s *idleSpace) remember(params pois.Params, key accumulator.Key) error {
	if err := s.load(params, key); err != nil {
		return err
	}
	encoded, err := key.MarshalBinary()
	if err != nil {
		return err
	}
	b, err := json.Marshal(shape{params, encoded})
	if err != nil {
		return err
	}
	return durable.WriteFile(filepath.Join(s.root, idleConfig), b, 0o600)
}

// close closes the store, if it is open.
func (s *idleSpace) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.store == nil {
		return nil
	}
	st := s.store
	s.store = nil
	return st.Close()
}

// opened is the store if it is open.
func (s *idleSpace) opened() (*store.Store, store.Config, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.store, s.config, s.store != nil
}

func paramsOf(e sminer.Expender) (pois.Params, error) {
	const most = 1 << 31
	if e.K > most || e.N > most || e.D > most {
		return pois.Params{}, fmt.Errorf("PoIS parameters (%d, %d, %d): %w", e.K, e.N, e.D, pois.ErrParams)
	}
	p := pois.Params{K: int(e.K), N: int(e.N), D: int(e.D)}
	return p, p.Validate()
}

// settle brings the store to the state that the chain has: a change under way
// is confirmed or rolled back, and one whose outcome was lost is made again.
// The caller holds change.
func settle(ctx context.Context, st *store.Store, chain pois.Status) error {
	err := st.Reconcile(chain)
	if !errors.Is(err, store.ErrDiverged) {
		return err
	}
	if err := st.Rollback(); err != nil {
		return err
	}
	local := st.Status()
	var again error
	switch {
	case chain.Front == local.Front && chain.Rear == local.Rear+pois.SetFiles:
		_, again = st.Insertion(ctx)
	case chain.Rear == local.Rear && chain.Front > local.Front && chain.Front-local.Front <= pois.SetFiles:
		_, _, again = st.Deletion(ctx, int(chain.Front-local.Front))
	default:
		return err
	}
	if again != nil {
		return errors.Join(err, again)
	}
	if second := st.Reconcile(chain); second != nil {
		return errors.Join(second, st.Rollback())
	}
	return nil
}

// restoreIdle makes the store follow the chain when settle cannot: it regenerates
// the sets that are missing, which is deterministic, and rebuilds the
// accumulator. With production parameters that takes hours.
func (m *Miner) restoreIdle(ctx context.Context, p *jobs.Progress, st *store.Store, chain pois.Status) error {
	m.log.Warn("idle space does not match the chain; rebuilding it", "front", chain.Front, "rear", chain.Rear)
	for number := chain.Front/pois.SetFiles + 1; number <= chain.Rear/pois.SetFiles; number++ {
		if number <= st.Status().Rear/pois.SetFiles {
			continue // certified here too: Check and Repair look after it
		}
		p.Doing("regenerating set %d of %d", number, chain.Rear/pois.SetFiles)
		if err := m.generateSet(ctx, p, st, number); err != nil {
			return fmt.Errorf("regenerate set %d: %w", number, err)
		}
	}
	p.Doing("rebuilding the accumulator")
	if err := st.Rebuild(ctx, chain); err != nil {
		return fmt.Errorf("rebuild the accumulator: %w", err)
	}
	return nil
}

// cleanIdle removes idle files that neither the chain nor an open challenge needs.
// The challenge is read after the same block as the record: later ones ask for
// no file before the front.
func (m *Miner) cleanIdle(ctx context.Context, st *store.Store, l *look) error {
	pin := int64(-1)
	if l.challenge != nil && !settledIdle(l.challenge) {
		pin = int64(l.challenge.Snapshot.SpaceProofInfo.Front)
	}
	info, ok := l.me.SpaceProofInfo.Get()
	if !ok || int64(info.Front) < st.Status().Front {
		return nil // an older block than the store's state
	}
	if err := st.Pin(pin); err != nil {
		return err
	}
	return st.Clean(ctx)
}

// settledIdle says whether nothing about idle space is left to prove.
func settledIdle(c *audit.Challenge) bool {
	proof, ok := c.Proofs.Idle.Get()
	return ok && (proof.Verdict.IsSome() || len(proof.Proof) == 0)
}

// proofInfo is the record that a TEE worker checks before it certifies.
func proofInfo(miner substrate.AccountID, info types.SpaceProofInfo, next pois.Status) (types.SpaceProofInfo, error) {
	if len(next.Acc) > len(info.Accumulator) {
		return info, fmt.Errorf("accumulator of %d bytes", len(next.Acc))
	}
	info.Miner, info.Front, info.Rear = miner, uint64(next.Front), uint64(next.Rear)
	info.Accumulator = types.Accumulator{}
	copy(info.Accumulator[len(info.Accumulator)-len(next.Acc):], next.Acc)
	return info, nil
}
