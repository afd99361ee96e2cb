package pois

import (
	"crypto/sha512"
	"encoding/binary"

	"github.com/gocess/gocess/storage/pois/internal/multisha"
)

// words is a label in a form whose XOR is eight machine instructions.
type words = multisha.Table

func toWords(b []byte) (w words) {
	b = b[:LabelSize:LabelSize]
	for i := range w {
		w[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return w
}

// putWords writes a label to b.
func putWords(b []byte, w *words) {
	b = b[:LabelSize:LabelSize]
	for i, v := range w {
		binary.LittleEndian.PutUint64(b[8*i:], v)
	}
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

	msg     *message
	sel     *selector
	window  *window // nil where only portable code is used
	targets targets
}

// newLayerJob makes a job that can be used for one layer file after another.
func newLayerJob(g *graph, id ID, level multisha.Level) *layerJob {
	j := &layerJob{g: g, id: id, table: make([]words, 256*g.p.D), targets: targets{g: g}}
	if level != multisha.None && g.p.D <= sha512.Size && g.p.chunk()%multisha.Lanes == 0 {
		j.window = &window{level: level}
	}
	return j
}

// start prepares the work on a layer file: cluster, layer, buffers and lower layers are set.
func (j *layerJob) start() {
	j.msg = newMessage(&j.id, j.cluster, fileNumber(j.cluster, j.layer))
	j.sel = newSelector(&j.id, j.cluster, j.layer)
	if j.window != nil {
		j.window.start(j.msg, j.sel)
	}
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
	chunk, level := j.g.p.chunk(), multisha.None
	if j.window != nil {
		level = j.window.level
	}
	for ; from < to; from += chunk {
		switch {
		case j.window != nil && j.neighbour != nil:
			j.fillWindows(from, from+chunk)
		case j.prev == nil:
			j.fillFirst(from, from+chunk)
		default:
			j.fillChunk(from, from+chunk)
		}
		j.nodes[from/chunk] = foldLabels(level, j.out[from*LabelSize:(from+chunk)*LabelSize])
	}
}

// fillFirst computes positions of layer 0, whose nodes have no parents.
func (j *layerJob) fillFirst(from, to int) {
	msg := j.msg
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
func (j *layerJob) fillChunk(from, to int) {
	base := j.g.p.logical(j.layer) * j.g.p.N
	msg, sel := j.msg, j.sel
	for pos := from; pos < to; pos++ {
		at := pos * LabelSize
		h := sel.of(base+pos, j.g.p.D)
		sum := toWords(j.prev[at:])
		xorTable(&sum, j.table, h)
		slot := j.slot(pos)
		if slot >= 0 && int(h[slot>>8]) == slot&0xff {
			j.replaceOwn(&sum, h, pos, slot)
		}
		putWords(msg[msgParents:], &sum)
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
