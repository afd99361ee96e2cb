package pois

import (
	"crypto/sha512"
	"encoding/binary"
)

// words is a label in a form whose XOR is eight machine instructions.
type words [LabelSize / 8]uint64

func toWords(b []byte) (w words) {
	b = b[:LabelSize:LabelSize]
	for i := range w {
		w[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return w
}

// layerJob computes one layer file. Positions must be filled in ascending order.
//
// Random parents can only be one of 256 targets in each of D groups. The job keeps the labels of all targets in one
// table (1 MiB in production, so it stays in the second-level cache instead of 128 MiB of layer files) and replaces an
// entry as soon as its label is computed: at any position the entries before it are of this layer and those after it of
// the previous one, which is exactly the rule of the graph (spec/pois.md §3.5).
type layerJob struct {
	g       *graph
	id      ID
	cluster int64
	layer   int

	prev      []byte // labels of layer L-1, nil when L = 0
	elders    []byte // XOR of the elder layers, nil below layer K
	neighbour []byte // labels of the layer file before, nil for the first of a set
	out       []byte // labels of this layer file
	nodes     []Hash // finest stored tree level, one per chunk
	table     []words
}

// start prepares the table. table must hold 256·D entries.
func (j *layerJob) start() {
	if j.prev == nil {
		return
	}
	j.table = j.table[:256*j.g.p.D]
	for i := range j.g.p.D {
		for b, at := range j.g.hub {
			at += i * j.g.group
			j.table[i<<8|b] = toWords(j.prev[at*LabelSize:])
		}
	}
}

// fill computes positions [from, to) and their tree nodes; both are multiples of the chunk.
func (j *layerJob) fill(from, to int) {
	chunk := j.g.p.chunk()
	msg := newMessage(&j.id, j.cluster, fileNumber(j.cluster, j.layer))
	for ; from < to; from += chunk {
		if j.prev == nil {
			j.fillFirst(msg, from, from+chunk)
		} else {
			j.fillChunk(msg, from, from+chunk)
		}
		j.nodes[from/chunk] = foldLabels(j.out[from*LabelSize : (from+chunk)*LabelSize])
	}
}

// fillFirst computes positions of layer 0, whose nodes have no parents.
func (j *layerJob) fillFirst(msg *message, from, to int) {
	for pos := from; pos < to; pos++ {
		at := pos * LabelSize
		msg.setNode(pos)
		if j.neighbour != nil {
			msg.setNeighbour(j.neighbour[at : at+LabelSize])
		}
		label := msg.label(j.neighbour != nil)
		copy(j.out[at:at+LabelSize], label[:])
	}
}

// fillChunk computes positions of a layer above 0.
func (j *layerJob) fillChunk(msg *message, from, to int) {
	base := j.g.p.logical(j.layer) * j.g.p.N
	sel := newSelector(&j.id, j.cluster, j.layer)
	for pos := from; pos < to; pos++ {
		at := pos * LabelSize
		h := sel.of(base+pos, j.g.p.D)
		sum := toWords(j.prev[at:])
		xorTable(&sum, j.table, h)
		slot := j.slot(pos)
		if slot >= 0 && int(h[slot>>8]) == slot&0xff {
			j.replaceOwn(&sum, h, pos, slot)
		}
		parents := msg[msgParents : msgParents+LabelSize : msgParents+LabelSize]
		for i, w := range sum {
			binary.LittleEndian.PutUint64(parents[8*i:], w)
		}
		msg.setNode(base + pos)
		if j.elders != nil {
			copy(msg[msgElders:msgElders+LabelSize], j.elders[at:at+LabelSize])
		}
		msg.setNeighbour(j.neighbour[at : at+LabelSize])
		label := sha512.Sum512(msg[:])
		copy(j.out[at:at+LabelSize], label[:])
		if slot >= 0 {
			j.table[slot] = toWords(label[:])
		}
	}
}

// xorTable folds the entry that each digest byte selects into the sum.
func xorTable(sum *words, table []words, digest []byte) {
	a0, a1, a2, a3, a4, a5, a6, a7 := sum[0], sum[1], sum[2], sum[3], sum[4], sum[5], sum[6], sum[7]
	for i, b := range digest {
		t := &table[i<<8|int(b)]
		a0 ^= t[0]
		a1 ^= t[1]
		a2 ^= t[2]
		a3 ^= t[3]
		a4 ^= t[4]
		a5 ^= t[5]
		a6 ^= t[6]
		a7 ^= t[7]
	}
	*sum = words{a0, a1, a2, a3, a4, a5, a6, a7}
}

// slot is the table entry of a position, -1 if nothing can point there.
func (j *layerJob) slot(pos int) int {
	i := pos / j.g.group
	if i >= j.g.p.D {
		return -1
	}
	within := pos - i*j.g.group
	b := within / j.g.step
	if b > 255 || j.g.hub[b] != within {
		return -1
	}
	return i<<8 | b
}

// replaceOwn handles the one case the table cannot: the digest selected the node's own position, which stands for the
// position after it. After the last position that is position 0 of this layer.
func (j *layerJob) replaceOwn(sum *words, digest []byte, pos, slot int) {
	for i, w := range j.table[slot] {
		sum[i] ^= w
	}
	next := (pos + 1) % j.g.p.N
	if s := j.slot(next); s >= 0 && int(digest[s>>8]) == s&0xff {
		return // selected by its own group as well; parents are a set
	}
	from := j.prev
	if next == 0 {
		from = j.out
	}
	for i, w := range toWords(from[next*LabelSize:]) {
		sum[i] ^= w
	}
}
