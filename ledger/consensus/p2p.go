package consensus

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"strings"
)

// P2P is how the node meets others. A node is known by its id, 40 hex digits,
// and reached at id@host:port.
type P2P struct {
	// Listen is host:port. Default 127.0.0.1:0, any free port.
	Listen string
	// External is the host:port that peers reach the node at, if not Listen.
	External string
	// Peers are always kept connected: id@host:port.
	Peers []string
	// Seeds are asked for peers when the node has too few: id@host:port. They
	// need Exchange.
	Seeds []string
	// Exchange lets the node learn of further peers from its peers, and tell them
	// of those that it knows.
	Exchange bool
	// Private are ids of nodes that others are not told of: a sentry names the
	// validator behind it.
	Private []string
	// Unconditional are ids of nodes that are let in however many peers there
	// are.
	Unconditional []string
	// MaxPeers bounds connections, besides those of unconditional peers. Default
	// 50.
	MaxPeers int
}

func (p *P2P) validate() error {
	var errs []error
	for _, list := range []struct {
		what  string
		peers []string
	}{{"peer", p.Peers}, {"seed", p.Seeds}} {
		for _, peer := range list.peers {
			if err := checkPeer(peer); err != nil {
				errs = append(errs, fmt.Errorf("p2p: %s %q: %w", list.what, peer, err))
			}
		}
	}
	for _, list := range []struct {
		what string
		ids  []string
	}{{"private", p.Private}, {"unconditional", p.Unconditional}} {
		for _, id := range list.ids {
			if err := checkNodeID(id); err != nil {
				errs = append(errs, fmt.Errorf("p2p: %s peer %q: %w", list.what, id, err))
			}
		}
	}
	if p.External != "" {
		if _, _, err := net.SplitHostPort(p.External); err != nil {
			errs = append(errs, fmt.Errorf("p2p: external address: %w", err))
		}
	}
	if len(p.Seeds) > 0 && !p.Exchange {
		errs = append(errs, errors.New("p2p: seeds are of no use to a node that does not exchange addresses"))
	}
	return errors.Join(errs...)
}

func checkPeer(text string) error {
	id, address, ok := strings.Cut(text, "@")
	if !ok {
		return errors.New("id@host:port is needed")
	}
	if err := checkNodeID(id); err != nil {
		return err
	}
	_, _, err := net.SplitHostPort(address)
	return err
}

func checkNodeID(id string) error {
	if raw, err := hex.DecodeString(id); err != nil || len(raw) != len(address{}) {
		return errors.New("a node's id has 40 hex digits")
	}
	return nil
}
