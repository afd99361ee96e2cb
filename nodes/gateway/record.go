package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/storage/segment"
)

// State is how far an upload is.
type State string

// The states of a job.
const (
	StateDeclaring    State = "declaring"    // no deal on chain yet, or none any more
	StateDistributing State = "distributing" // the deal is open, columns go to miners
	StateActive       State = "active"       // the file is on chain; fragments are cache
	StateFailed       State = "failed"       // cannot go on before its cause changes
)

// Claim is one user's wish to own a file.
type Claim struct {
	Owner     types.Address `json:"owner"`
	Territory []byte        `json:"territory"`
	Name      []byte        `json:"name"`
	// Done says that the chain has the user as owner.
	Done bool `json:"done,omitempty"`
	// Why is the reason why the chain would refuse the user now.
	Why string `json:"why,omitempty"`
}

// ColumnState is how far one column of a job is.
type ColumnState string

// The states of a column.
const (
	ColumnWaiting  ColumnState = "waiting"  // no miner yet
	ColumnSending  ColumnState = "sending"  // to Column.Miner
	ColumnSent     ColumnState = "sent"     // the miner has it and has to report
	ColumnReported ColumnState = "reported" // on chain
)

// Column is fragment Index−1 of every segment; one miner stores it whole.
type Column struct {
	Index uint8          `json:"index"` // 1 to 12
	Miner *types.Address `json:"miner"` // nil: none yet
	State ColumnState    `json:"state"`
	Tries int            `json:"tries"` // miners tried so far
	Error string         `json:"error"` // of the last one that failed
	Since time.Time      `json:"since"` // of the state
}

func (c *Column) set(s ColumnState) { c.State, c.Since = s, time.Now().UTC() }

// Record is what the journal keeps of a job beside its manifest. It never
// holds a cipher.
type Record struct {
	FID      types.Hash                  `json:"fid"`
	State    State                       `json:"state"`
	Why      string                      `json:"why"` // what it waits for, or why it failed
	Segments int                         `json:"segments"`
	Claims   []Claim                     `json:"claims"`
	Columns  [types.FragmentCount]Column `json:"columns"`
	Tries    int                         `json:"tries"` // steps in a row that failed
	Bytes    int64                       `json:"bytes"` // fragments on disk
	Created  time.Time                   `json:"created"`
	Changed  time.Time                   `json:"changed"` // of State
	Used     time.Time                   `json:"used"`    // last read, for the cache
}

func newRecord(m *segment.Manifest, c Claim) Record {
	now := time.Now().UTC()
	r := Record{
		FID: types.HashOf(m.FID), State: StateDeclaring, Segments: len(m.Segments), Claims: []Claim{c},
		Created: now, Changed: now, Used: now,
	}
	for i := range r.Columns {
		r.Columns[i] = Column{Index: uint8(i + 1), State: ColumnWaiting, Since: now}
	}
	return r
}

var errRecord = errors.New("journal: malformed record")

// decodeRecord reads the form that encode writes.
func decodeRecord(b []byte) (Record, error) {
	var r Record
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		return Record{}, fmt.Errorf("%w: %w", errRecord, err)
	}
	if dec.More() {
		return Record{}, fmt.Errorf("%w: more than one value", errRecord)
	}
	return r, r.validate()
}

func (r *Record) validate() error {
	if _, err := r.FID.Digest(); err != nil {
		return fmt.Errorf("%w: %w", errRecord, err)
	}
	if !slices.Contains([]State{StateDeclaring, StateDistributing, StateActive, StateFailed}, r.State) {
		return fmt.Errorf("%w: state %q", errRecord, r.State)
	}
	if r.Segments < 1 || r.Segments > segment.MaxSegments || len(r.Claims) == 0 || r.Bytes < 0 {
		return fmt.Errorf("%w: %d segments, %d claims, %d bytes", errRecord, r.Segments, len(r.Claims), r.Bytes)
	}
	states := []ColumnState{ColumnWaiting, ColumnSending, ColumnSent, ColumnReported}
	for i, c := range r.Columns {
		if int(c.Index) != i+1 || !slices.Contains(states, c.State) || c.Miner == nil && c.State != ColumnWaiting {
			return fmt.Errorf("%w: column %d", errRecord, i+1)
		}
	}
	return nil
}

func (r *Record) encode() ([]byte, error) { return json.Marshal(r) }

// setState notes when the state changed.
func (r *Record) setState(s State, why string) {
	if r.State != s {
		r.State, r.Changed = s, time.Now().UTC()
	}
	r.Why = why
}

// finished says that the chain has the file: the fragments are only cache.
func (r *Record) finished() bool { return r.State == StateActive }

// claim finds what a user wants of the file.
func (r *Record) claim(who substrate.AccountID) *Claim {
	for i := range r.Claims {
		if substrate.AccountID(r.Claims[i].Owner) == who {
			return &r.Claims[i]
		}
	}
	return nil
}

// clone is a copy that shares nothing with r.
func (r *Record) clone() Record {
	c := *r
	c.Claims = slices.Clone(r.Claims)
	return c
}
