package pois

import (
	"encoding/binary"
	"math"

	"github.com/gocess/gocess/storage/pois/internal/multisha"
)

// vectors says which vector instructions this machine has.
var vectors = multisha.Best()

// Vectors names the instructions that generation uses on this machine: "AVX-512", "AVX2" or "portable".
func Vectors() string { return vectors.String() }

// window computes eight consecutive positions of a layer file side by side. Their digests, which select the parents,
// are independent; their labels depend on each other only where a digest selects a target inside the window, which the
// caller finds out before the labels are hashed.
type window struct {
	level    multisha.Level
	names    multisha.Short // what digests hash: miner, cluster, layer, node
	digests  multisha.Sums
	messages multisha.Long
	labels   multisha.Sums
}

// start prepares the parts of all messages that are the same in a layer file.
func (w *window) start(msg *message, sel *selector) {
	for i := range multisha.Lanes {
		copy(w.names[i][:], sel.msg[:])
		copy(w.messages[i][:], msg[:])
	}
	w.names.PadShort(len(sel.msg))
	w.messages.PadLong()
}

// choose hashes eight nodes to the bytes that select their parents.
func (w *window) choose(node int) {
	for i := range w.names {
		binary.BigEndian.PutUint64(w.names[i][selectorNode:], uint64(node+i))
	}
	w.level.SumShort(&w.digests, &w.names)
}

// hash computes the labels of eight nodes from their messages.
func (w *window) hash(node int) {
	for i := range w.messages {
		binary.BigEndian.PutUint32(w.messages[i][msgNode:], uint32(node+i))
	}
	w.level.SumLong(&w.labels, &w.messages)
}

func (w *window) parents(lane int) *Label { return (*Label)(w.messages[lane][msgParents:]) }

// targets walks the positions that digests can select, in ascending order.
type targets struct {
	g    *graph
	slot int // entry of the table
	next int // its position, above all others when there are no more
}

func (t *targets) advance() {
	t.slot++
	t.find()
}

func (t *targets) find() {
	t.next = math.MaxInt
	if i := t.slot >> 8; i < t.g.p.D {
		t.next = i*t.g.group + t.g.hub[t.slot&0xff]
	}
}

// target is a position of a window that digests can select.
type target struct{ lane, slot int }

// inside lists the targets among eight positions and passes them.
func (t *targets) inside(found []target, pos int) []target {
	if pos == 0 {
		t.slot = 0
		t.find()
	}
	for ; t.next < pos+multisha.Lanes; t.advance() {
		found = append(found, target{t.next - pos, t.slot})
	}
	return found
}

// fillWindows computes positions of a layer file, all with a neighbour, eight at a time.
func (j *layerJob) fillWindows(from, to int) {
	const size = multisha.Lanes * LabelSize
	w, base := j.window, j.g.p.logical(j.layer)*j.g.p.N
	var room [multisha.Lanes]target
	for pos := from; pos < to; pos += multisha.Lanes {
		at := pos * LabelSize
		neighbour := j.neighbour[at : at+size]
		var found []target
		if j.prev == nil {
			for i := range w.messages {
				copy(w.messages[i][msgNeighbour:msgNeighbour+LabelSize], neighbour[i*LabelSize:(i+1)*LabelSize])
			}
		} else {
			found = j.targets.inside(room[:0], pos)
			w.choose(base + pos)
			if w.entangled(found) {
				j.fillChunk(pos, pos+multisha.Lanes)
				continue
			}
			var elders []byte
			if j.elders != nil {
				elders = j.elders[at : at+size]
			}
			w.level.Gather(&w.messages, &w.digests, j.table, j.g.p.D, j.prev[at:at+size], elders, neighbour)
			for _, f := range found {
				if digest := w.digests[f.lane][:j.g.p.D]; int(digest[f.slot>>8]) == f.slot&0xff {
					parents := w.parents(f.lane)
					sum := toWords(parents[:])
					j.replaceOwn(&sum, digest, pos+f.lane, f.slot)
					putWords(parents[:], &sum)
				}
			}
		}
		w.hash(base + pos)
		for i := range w.labels {
			*(*Label)(j.out[at+i*LabelSize:]) = w.labels[i]
		}
		for _, f := range found {
			j.table[f.slot] = toWords(w.labels[f.lane][:])
		}
	}
}

// entangled says whether a digest selects a target that lies earlier in the window: its label is not known yet.
func (w *window) entangled(found []target) bool {
	for _, f := range found {
		for lane := f.lane + 1; lane < multisha.Lanes; lane++ {
			if int(w.digests[lane][f.slot>>8]) == f.slot&0xff {
				return true
			}
		}
	}
	return false
}
