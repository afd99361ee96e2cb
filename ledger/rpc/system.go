package rpc

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/primitives/ss58"
	"github.com/gocess/gocess/primitives/substrate"
)

func (a *api) systemMethods() []jsonrpc.Method {
	return []jsonrpc.Method{
		{Name: "system_name", Handler: constant(a.cfg.Name)},
		{Name: "system_version", Handler: constant(a.cfg.Version)},
		{Name: "system_chain", Handler: constant(a.cfg.ChainName)},
		{Name: "system_chainType", Handler: constant(chainType(a.cfg.ChainType))},
		{Name: "system_properties", Handler: constant(a.cfg.Properties)},
		{Name: "system_health", Handler: value(a.health)},
		{Name: "system_syncState", Handler: value(a.syncState)},
		{Name: "system_nodeRoles", Handler: value(a.nodeRoles)},
		{Name: "system_localPeerId", Handler: value(a.node.PeerID)},
		{Name: "system_localListenAddresses", Handler: value(a.listenAddresses)},
		{Name: "system_peers", Handler: value(a.peers), Unsafe: true},
		{
			Name: "system_unstable_networkState", Aliases: []string{"system_networkState"},
			Handler: value(a.networkState), Unsafe: true,
		},
		{Name: "system_dryRun", Aliases: []string{"system_dryRunAt"}, Handler: a.dryRun, Unsafe: true},
		{Name: "system_accountNextIndex", Aliases: []string{"account_nextIndex"}, Handler: a.accountNextIndex},
	}
}

// constant answers every call with the same value.
func constant(v any) jsonrpc.Handler {
	text, err := json.Marshal(v)
	return func(_ context.Context, _ *jsonrpc.Call, dst []byte) ([]byte, error) {
		return append(dst, text...), err
	}
}

// value answers with the JSON of what get returns.
func value[T any](get func() T) jsonrpc.Handler {
	return func(_ context.Context, _ *jsonrpc.Call, dst []byte) ([]byte, error) {
		return appendJSON(dst, get())
	}
}

func chainType(name string) any {
	switch name {
	case "Live", "Local", "Development":
		return name
	}
	return map[string]string{"Custom": name}
}

type health struct {
	Peers           int  `json:"peers"`
	IsSyncing       bool `json:"isSyncing"`
	ShouldHavePeers bool `json:"shouldHavePeers"`
}

func (a *api) health() health {
	s := a.node.Sync()
	return health{len(a.node.Peers()), s.Syncing, s.ExpectsPeers}
}

type syncState struct {
	StartingBlock uint32 `json:"startingBlock"`
	CurrentBlock  uint32 `json:"currentBlock"`
	HighestBlock  uint32 `json:"highestBlock"`
}

func (a *api) syncState() syncState {
	s, best := a.node.Sync(), a.chain.Best().Number
	return syncState{s.Starting, best, max(s.Highest, best)}
}

func (a *api) nodeRoles() []string {
	if a.node.IsAuthority() {
		return []string{"Authority"}
	}
	return []string{"Full"}
}

func (a *api) listenAddresses() []string {
	return append([]string{}, a.node.ListenAddresses()...)
}

type peerInfo struct {
	PeerID     string         `json:"peerId"`
	Roles      string         `json:"roles"`
	BestHash   substrate.H256 `json:"bestHash"`
	BestNumber uint32         `json:"bestNumber"`
}

func (a *api) peers() []peerInfo {
	list := []peerInfo{}
	for _, p := range a.node.Peers() {
		hash, err := a.chain.HashAt(p.Best)
		if err != nil {
			hash = substrate.H256{} // of a block that this node does not have yet
		}
		list = append(list, peerInfo{p.ID, "FULL", hash, p.Best})
	}
	return list
}

type networkState struct {
	PeerID            string              `json:"peerId"`
	ListenedAddresses []string            `json:"listenedAddresses"`
	ExternalAddresses []string            `json:"externalAddresses"`
	ConnectedPeers    map[string]struct{} `json:"connectedPeers"`
	NotConnectedPeers map[string]struct{} `json:"notConnectedPeers"`
}

func (a *api) networkState() networkState {
	s := networkState{
		PeerID: a.node.PeerID(), ListenedAddresses: a.listenAddresses(), ExternalAddresses: []string{},
		ConnectedPeers: map[string]struct{}{}, NotConnectedPeers: map[string]struct{}{},
	}
	for _, p := range a.node.Peers() {
		s.ConnectedPeers[p.ID] = struct{}{}
	}
	return s
}

// accountNextIndex is the nonce for an account's next extrinsic, counting those
// that wait in the pool (spec/wire.md §3.8).
func (a *api) accountNextIndex(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	text, err := call.Params.String(0)
	if err != nil {
		return dst, err
	}
	who, err := parseAccount(text)
	if err != nil {
		return dst, jsonrpc.InvalidParams("parameter 0: %v", err)
	}
	view, err := a.chain.BestView()
	if err != nil {
		return dst, err
	}
	defer view.Close()
	at, err := a.ahead(view)
	if err != nil {
		return dst, err
	}
	nonce, err := at.rt.AccountNonce(at.Parent, who)
	if err != nil {
		return dst, err
	}
	return appendUint(dst, a.pool.NextIndex(who, nonce)), nil
}

// parseAccount reads an SS58 address of any network, or hex with 0x.
func parseAccount(text string) (substrate.AccountID, error) {
	if strings.HasPrefix(text, "0x") {
		return substrate.ParseAccountID(text)
	}
	return ss58.DecodeAccount(text)
}
