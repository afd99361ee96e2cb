package rpc

import (
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/primitives/ss58"
	"github.com/gocess/gocess/primitives/substrate"
)

// codePeer is the system namespace's error for a malformed peer.
const codePeer = 2002

// operatorMethods command the node; only its operator may call them.
func (a *api) operatorMethods() []jsonrpc.Method {
	return []jsonrpc.Method{
		{Name: "system_addReservedPeer", Handler: a.addReservedPeer, Unsafe: true},
		{Name: "system_removeReservedPeer", Handler: a.removeReservedPeer, Unsafe: true},
		{Name: "system_reservedPeers", Handler: value(a.reservedPeers), Unsafe: true},
		{Name: "babe_epochAuthorship", Aliases: []string{"rrsc_epochAuthorship"}, Handler: a.epochAuthorship, Unsafe: true},
	}
}

// addReservedPeer keeps the peer that parameter 0 names connected: a multiaddress
// with its id at the end, or id@host:port.
func (a *api) addReservedPeer(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	text, err := call.Params.String(0)
	if err != nil {
		return dst, err
	}
	address, err := peerAddress(text)
	if err == nil {
		err = a.node.Reserve(address)
	}
	if err != nil {
		return dst, &jsonrpc.Error{Code: codePeer, Message: err.Error()}
	}
	return append(dst, `null`...), nil
}

// removeReservedPeer takes the id alone.
func (a *api) removeReservedPeer(_ context.Context, call *jsonrpc.Call, dst []byte) ([]byte, error) {
	id, err := call.Params.String(0)
	if err != nil {
		return dst, err
	}
	a.node.Unreserve(id)
	return append(dst, `null`...), nil
}

func (a *api) reservedPeers() []string { return append([]string{}, a.node.Reserved()...) }

// peerAddress turns /ip4/1.2.3.4/tcp/30333/p2p/id into id@1.2.3.4:30333.
func peerAddress(text string) (string, error) {
	if !strings.HasPrefix(text, "/") {
		return text, nil
	}
	part := strings.Split(text, "/")[1:]
	if len(part) != 6 || part[2] != "tcp" || part[4] != "p2p" {
		return "", fmt.Errorf("peer %q: /ip4|ip6|dns/HOST/tcp/PORT/p2p/ID or ID@HOST:PORT is expected", text)
	}
	switch part[0] {
	case "ip4", "ip6", "dns", "dns4", "dns6":
		return part[5] + "@" + net.JoinHostPort(part[1], part[3]), nil
	}
	return "", fmt.Errorf("peer %q: a host by ip4, ip6 or dns is expected, not %s", text, part[0])
}

// authorship lists slots by how they were claimed (spec/wire.md §5.8). Here an
// authority authors a slot because it is its turn, which is what BABE calls
// secondary; the block carries its VRF.
type authorship struct {
	Primary      []uint64 `json:"primary"`
	Secondary    []uint64 `json:"secondary"`
	SecondaryVRF []uint64 `json:"secondary_vrf"`
}

// epochAuthorship maps the authorities that this node has the keys of to the
// slots that they are to author in the rest of the epoch.
func (a *api) epochAuthorship(_ context.Context, _ *jsonrpc.Call, dst []byte) ([]byte, error) {
	turns, err := a.node.Turns()
	if err != nil {
		return dst, err
	}
	claims := make(map[string]*authorship)
	for _, t := range turns {
		who := substrate.AccountID(t.Babe)
		name := ss58.Encode(a.cfg.Properties.SS58Format, who[:])
		if claims[name] == nil {
			claims[name] = &authorship{Primary: []uint64{}, Secondary: []uint64{}}
		}
		claims[name].SecondaryVRF = append(claims[name].SecondaryVRF, t.Slot)
	}
	return appendJSON(dst, claims)
}
