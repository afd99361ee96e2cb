package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/accumulator"
)

// ErrState reports a state file that does not match its checksum or is no state.
var ErrState = errors.New("pois store: damaged state file")

// maxHistory is the number of earlier states that can still be proved from.
const maxHistory = 64

// state is the content of state.json: one line of JSON and one with its SHA-256. It is replaced as a whole, durably, at
// every step, so it is the journal.
type state struct {
	Version int               `json:"version"`
	Params  pois.Params       `json:"params"`
	ID      []byte            `json:"id"`
	Key     []byte            `json:"key"`
	Current accumulator.State `json:"current"`
	Pending *pending          `json:"pending,omitempty"`
	History []snapshot        `json:"history,omitempty"`
	Pinned  int64             `json:"pinned"`  // front of an open challenge, -1 if none
	Cleaned int64             `json:"cleaned"` // files up to here are removed
}

// pending is a change whose fate the chain decides.
type pending struct {
	Next accumulator.State `json:"next"`
}

// snapshot is enough to compute an earlier accumulator again.
type snapshot struct {
	Front int64  `json:"front"`
	Rear  int64  `json:"rear"`
	Shape []int  `json:"shape"`
	Top   []byte `json:"top"`
}

func newState(c Config, a *accumulator.Accumulator) state {
	key, _ := c.Key.MarshalBinary() // never fails
	return state{Version: 1, Params: c.Params, ID: c.ID[:], Key: key, Current: a.State(), Pinned: -1}
}

func (st state) marshal() ([]byte, error) {
	b, err := json.Marshal(st)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b)
	return fmt.Appendf(b, "\n%x\n", sum), nil
}

func parseState(b []byte) (st state, err error) {
	body, sum, ok := bytes.Cut(bytes.TrimSuffix(b, []byte("\n")), []byte("\n"))
	want := sha256.Sum256(body)
	if got, err := hex.DecodeString(string(sum)); !ok || err != nil || !bytes.Equal(got, want[:]) {
		return state{}, fmt.Errorf("%w: checksum", ErrState)
	}
	if err := json.Unmarshal(body, &st); err != nil {
		return state{}, fmt.Errorf("%w: %w", ErrState, err)
	}
	if st.Version != 1 || st.Pinned < -1 || st.Cleaned < 0 {
		return state{}, fmt.Errorf("%w: version %d", ErrState, st.Version)
	}
	return st, nil
}

func (s *Store) save(st state) error {
	b, err := st.marshal()
	if err != nil {
		return err
	}
	return s.c.FS.Write(s.statePath(), true, b)
}

// commit makes a state durable and then current. The caller holds mu.
func (s *Store) commit(st state) error {
	if err := s.save(st); err != nil {
		return err
	}
	s.state = st
	return nil
}
