// Package genesis describes chains: a Spec is a JSON file from which every node
// derives the same block 0. Its constants and pallet parts replace what would
// otherwise be code paths: a development chain differs from a public one by
// its file alone.
package genesis

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/gocess/gocess/internal/durable"
	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/ledger/runtime"
)

// Spec is a chain.
type Spec struct {
	// Name is what people call the chain; `system_chain`.
	Name string `json:"name"`
	// ID is one word: the consensus chain id and the name of data folders.
	ID string `json:"id"`
	// ChainType is Live, Local or Development.
	ChainType  string     `json:"chainType"`
	Properties Properties `json:"properties"`
	// BlockTimeMs is the target interval between blocks.
	BlockTimeMs uint64 `json:"blockTimeMs"`
	// GenesisTimeMs is the Unix time from which the chain may produce blocks.
	GenesisTimeMs uint64 `json:"genesisTimeMs"`
	// BootNodes are p2p addresses, id@host:port, that a new node dials.
	BootNodes []string `json:"bootNodes,omitempty"`
	// SpecVersion is the version of the runtime that the chain begins with; 0 is
	// the oldest, 137.
	SpecVersion uint32 `json:"specVersion,omitempty"`
	// Constants override declared constants and parameters, by "Pallet.Name".
	Constants map[string]json.RawMessage `json:"constants,omitempty"`
	// Pallets hold the first state, by pallet name.
	Pallets map[string]json.RawMessage `json:"genesis"`
}

// Properties are what clients need to show amounts and addresses
// (spec/wire.md §5.4, `system_properties`).
type Properties struct {
	SS58Format    uint16 `json:"ss58Format"`
	TokenDecimals uint8  `json:"tokenDecimals"`
	TokenSymbol   string `json:"tokenSymbol"`
}

// CESS are the properties of all CESS chains.
var CESS = Properties{SS58Format: 11330, TokenDecimals: 18, TokenSymbol: "TCESS"}

// maxSpecBytes bounds a chain spec file; with raw state of a large network it
// may be big, but not without end.
const maxSpecBytes = 256 << 20

// Read parses and checks a chain spec.
func Read(r io.Reader) (*Spec, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxSpecBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read chain spec: %w", err)
	}
	if len(raw) > maxSpecBytes {
		return nil, fmt.Errorf("chain spec is larger than %d bytes", maxSpecBytes)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	var s Spec
	if err := dec.Decode(&s); err != nil {
		return nil, fmt.Errorf("chain spec: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("chain spec: something follows the JSON object")
	}
	return &s, s.Validate()
}

// Load reads a chain spec file.
func Load(path string) (*Spec, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open chain spec: %w", err)
	}
	defer f.Close()
	return Read(f)
}

// Write stores the spec as a file, durably.
func (s *Spec) Write(path string) error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("encode chain spec: %w", err)
	}
	return durable.WriteFile(path, append(b, '\n'), 0o644)
}

// maxIDLength is what CometBFT allows for a chain id.
const maxIDLength = 50

// Validate says what is wrong with a spec, without building its state.
func (s *Spec) Validate() error {
	switch {
	case s.Name == "":
		return errors.New("chain spec: name is missing")
	case s.ID == "" || len(s.ID) > maxIDLength || !isWord(s.ID):
		return fmt.Errorf("chain spec: id %q: 1 to %d letters, digits, - and _ are needed", s.ID, maxIDLength)
	case s.BlockTimeMs < 50 || s.BlockTimeMs > 600_000:
		return fmt.Errorf("chain spec: blockTimeMs %d is not between 50 and 600000", s.BlockTimeMs)
	case s.GenesisTimeMs == 0:
		return errors.New("chain spec: genesisTimeMs is missing")
	case s.Pallets == nil:
		return errors.New("chain spec: genesis is missing")
	}
	switch s.ChainType {
	case "Live", "Local", "Development":
	default:
		return fmt.Errorf("chain spec: chainType %q: Live, Local or Development is needed", s.ChainType)
	}
	return nil
}

func isWord(s string) bool {
	for _, c := range s {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}

// Runtime are the versions of the state machine that runs the chain.
func (s *Spec) Runtime() (*runtime.Versions, error) {
	return pallets.Versions(s.SpecVersion, s.Constants)
}

// State is the state of block 0, in key order.
func (s *Spec) State(rt *runtime.Versions) ([]runtime.Change, error) {
	return rt.First().Genesis(s.Pallets)
}
