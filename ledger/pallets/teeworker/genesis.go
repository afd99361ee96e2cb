package teeworker

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Genesis is what a chain starts with.
type Genesis struct {
	// NoneAttestationEnabled lets workers register without evidence; false
	// unless set, and true on chains for development only.
	NoneAttestationEnabled bool `json:"noneAttestationEnabled,omitempty"`
	// CesealVerifyRequired admits only programs of the allow-list; true
	// unless set.
	CesealVerifyRequired *bool `json:"cesealVerifyRequired,omitempty"`
	// AllowedPrograms are the measurements of the programs that may run.
	AllowedPrograms []substrate.H256 `json:"allowedPrograms,omitempty"`
	// Workers are registered from the first block, without evidence.
	Workers []GenesisWorker `json:"workers,omitempty"`
	// MasterKey is the key that one of Workers already holds; the chain
	// otherwise starts without.
	MasterKey *GenesisMasterKey `json:"masterKey,omitempty"`
	// Launcher is the one of Workers that makes the master key when it starts,
	// as if governance had asked it to.
	Launcher *substrate.H256 `json:"launcher,omitempty"`
}

// GenesisWorker is a worker; keys are 0x-hex.
type GenesisWorker struct {
	PublicKey substrate.H256 `json:"publicKey"`
	// ECDHPublicKey is PublicKey unless set.
	ECDHPublicKey *substrate.H256 `json:"ecdhPublicKey,omitempty"`
	// Stash is needed unless the role is Marker.
	Stash    *types.Address `json:"stash,omitempty"`
	Role     string         `json:"role,omitempty"` // full unless set; verifier, marker
	Endpoint string         `json:"endpoint,omitempty"`
}

// GenesisMasterKey is a master key and its holder; 0x-hex.
type GenesisMasterKey struct {
	PublicKey substrate.H256 `json:"publicKey"`
	Holder    substrate.H256 `json:"holder"`
}

func genesis(ctx *runtime.Context, raw json.RawMessage) error {
	var g Genesis
	if err := types.DecodeGenesis(raw, &g); err != nil {
		return err
	}
	NoneAttestationEnabled.Put(ctx, g.NoneAttestationEnabled)
	CesealVerifyRequired.Put(ctx, g.CesealVerifyRequired == nil || *g.CesealVerifyRequired)
	if len(g.AllowedPrograms) > int(MaxWhitelist.Get(ctx)) {
		return ErrBoundedVec
	}
	CesealBinAllowList.Put(ctx, g.AllowedPrograms)
	for _, hash := range g.AllowedPrograms {
		CesealBinAddedAt.Put(ctx, hash, 0)
	}
	ValidationTypeList.Put(ctx, nil)
	Workers.Counter.Put(ctx, 0)
	for _, w := range g.Workers {
		if err := w.register(ctx); err != nil {
			return fmt.Errorf("worker %v: %w", w.PublicKey, err)
		}
	}
	if g.MasterKey != nil && g.Launcher != nil {
		return errors.New("the master key has a holder; nobody can launch it")
	}
	if l := g.Launcher; l != nil {
		holder := types.WorkerPublicKey(*l)
		if !Workers.Contains(ctx, holder) {
			return fmt.Errorf("launcher %v of the master key: %w", *l, ErrWorkerNotFound)
		}
		MasterKeyStatus.Put(ctx, Launching{Holder: holder})
	}
	if k := g.MasterKey; k != nil {
		if !Workers.Contains(ctx, types.WorkerPublicKey(k.Holder)) {
			return fmt.Errorf("holder %v of the master key: %w", k.Holder, ErrWorkerNotFound)
		}
		settle(ctx, MasterKeyInfo{PublicKey: k.PublicKey, Holder: types.WorkerPublicKey(k.Holder)})
	}
	return nil
}

func (g GenesisWorker) register(ctx *runtime.Context) error {
	key := types.WorkerPublicKey(g.PublicKey)
	if Workers.Contains(ctx, key) {
		return fmt.Errorf("listed twice")
	}
	w := Worker{
		PublicKey: key, ECDHPublicKey: key, ConfidenceLevel: unattested,
		AttestationProvider: scale.Some(ProviderRoot), Features: []uint32{1, 4}, Endpoint: g.Endpoint,
	}
	if g.ECDHPublicKey != nil {
		w.ECDHPublicKey = *g.ECDHPublicKey
	}
	switch g.Role {
	case "", "full":
		w.Role = Full
	case "verifier":
		w.Role = Verifier
	case "marker":
		w.Role = Marker
	default:
		return fmt.Errorf("role %q is none of full, verifier and marker", g.Role)
	}
	if (g.Stash == nil) != (w.Role == Marker) {
		return ErrWrongWorkerRole
	}
	if g.Stash != nil {
		w.StashAccount = scale.Some(substrate.AccountID(*g.Stash))
	}
	if len(g.Endpoint) > maxEndpoint {
		return ErrBoundedVec
	}
	return add(ctx, w)
}
