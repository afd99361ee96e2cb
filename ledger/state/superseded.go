package state

import (
	"encoding/binary"
	"fmt"
)

// superseded names a version that nobody can read once the height that wrote
// the list is the oldest retained one.
type superseded struct {
	kind byte
	name []byte
	// deleted: the version written at the list's height is itself a deletion and
	// goes as well. Nothing below it is left then, so that absence needs no mark.
	deleted bool
	// known: the older version is that of height version. Otherwise it is the
	// next one in key order.
	known   bool
	version uint64
	// all: there may be several older versions, none of them known.
	all bool
}

// Flags of an encoded entry.
const (
	flagNode    = 1 << 0
	flagDeleted = 1 << 1
	flagKnown   = 1 << 2
	flagAll     = 1 << 3
)

// chunkEntries bounds a chunk of a list, and with it one step of pruning.
const chunkEntries = 4096

// supersededWriter encodes one height's list in chunks. An entry is: flags,
// length of the prefix shared with the name before, length of the rest, the
// rest, and how many heights below the list's the older version is, if known.
type supersededWriter struct {
	height uint64
	emit   func(chunk uint32, encoded []byte) error
	chunk  uint32
	count  int
	buf    []byte
	name   []byte
}

func (w *supersededWriter) add(e superseded) error {
	var flags byte
	if e.kind == kindNode {
		flags |= flagNode
	}
	if e.deleted {
		flags |= flagDeleted
	}
	if e.known {
		flags |= flagKnown
	}
	if e.all {
		flags |= flagAll
	}
	shared := commonPrefix(w.name, e.name)
	w.buf = append(w.buf, flags)
	w.buf = binary.AppendUvarint(w.buf, uint64(shared))
	w.buf = binary.AppendUvarint(w.buf, uint64(len(e.name)-shared))
	w.buf = append(w.buf, e.name[shared:]...)
	if e.known {
		w.buf = binary.AppendUvarint(w.buf, w.height-e.version)
	}
	w.name = append(w.name[:0], e.name...)
	if w.count++; w.count == chunkEntries {
		return w.flush()
	}
	return nil
}

func (w *supersededWriter) flush() error {
	if w.count == 0 {
		return nil
	}
	err := w.emit(w.chunk, w.buf)
	w.chunk++
	w.count, w.buf, w.name = 0, w.buf[:0], w.name[:0]
	return err
}

// readSuperseded decodes a chunk. The entry's name is valid during the call.
func readSuperseded(height uint64, encoded []byte, visit func(superseded) error) error {
	var name []byte
	for len(encoded) > 0 {
		flags := encoded[0]
		encoded = encoded[1:]
		var e superseded
		shared, ok1 := uvarint(&encoded)
		rest, ok2 := uvarint(&encoded)
		contradiction := flags >= 1<<4 || flags&flagKnown != 0 && flags&flagAll != 0
		if contradiction || !ok1 || !ok2 || shared > uint64(len(name)) || rest > uint64(len(encoded)) {
			return fmt.Errorf("%w: superseded list of %d", ErrCorrupt, height)
		}
		name = append(name[:shared], encoded[:rest]...)
		encoded = encoded[rest:]
		e.name = name
		e.kind = kindValue
		if flags&flagNode != 0 {
			e.kind = kindNode
		}
		e.deleted, e.all = flags&flagDeleted != 0, flags&flagAll != 0
		if e.known = flags&flagKnown != 0; e.known {
			below, ok := uvarint(&encoded)
			if !ok || below == 0 || below > height {
				return fmt.Errorf("%w: superseded list of %d", ErrCorrupt, height)
			}
			e.version = height - below
		}
		if err := visit(e); err != nil {
			return err
		}
	}
	return nil
}

func uvarint(b *[]byte) (uint64, bool) {
	v, n := binary.Uvarint(*b)
	if n <= 0 {
		return 0, false
	}
	*b = (*b)[n:]
	return v, true
}
