package segment

import (
	"errors"
	"fmt"
	"strings"
)

// Errors of reading.
var (
	// ErrUnrecoverable is wrapped by [MissingError].
	ErrUnrecoverable = errors.New("segment: too few fragments")
	// ErrStalled is the reason why a fetch was given up that received
	// nothing for a while, when there was another shard to try.
	ErrStalled = errors.New("segment: fetch stalled")
)

// MissingError says why a segment cannot be restored: fewer than four
// fragments could be had. It wraps [ErrUnrecoverable] and the reasons.
type MissingError struct {
	Segment int
	ID      Hash
	Have    []int // shards that could be had
	Missing []FragmentError
}

// FragmentError says why one fragment could not be had.
type FragmentError struct {
	FragmentRef
	Err error
}

func (e *MissingError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "segment %d (%s): %d fragments available, %d needed; missing", e.Segment, e.ID, len(e.Have), DataShards)
	for i, f := range e.Missing {
		if i > 0 {
			b.WriteByte(';')
		}
		fmt.Fprintf(&b, " shard %d (%s): %v", f.Shard, f.ID, f.Err)
	}
	return b.String()
}

// Unwrap returns [ErrUnrecoverable] and the reason for each missing fragment.
func (e *MissingError) Unwrap() []error {
	errs := []error{ErrUnrecoverable}
	for _, f := range e.Missing {
		errs = append(errs, f.Err)
	}
	return errs
}
