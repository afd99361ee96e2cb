//go:build amd64 && !purego

package multisha

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// Best is the fastest level of this processor and system.
func Best() Level {
	switch {
	case AVX512.available():
		return AVX512
	case AVX2.available():
		return AVX2
	}
	return None
}

func (l Level) available() bool {
	switch l {
	case AVX512:
		return cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW
	case AVX2:
		return cpu.X86.HasAVX2
	}
	return false
}

// SumShort hashes padded messages of one block.
func (l Level) SumShort(out *Sums, in *Short) {
	if l == AVX512 {
		sum512x8(&out[0][0], &in[0][0], 128, 1, &fips512, nil)
		return
	}
	sum512x4(&out[0][0], &in[0][0], 128, 1, &fips512, nil)
	sum512x4(&out[4][0], &in[4][0], 128, 1, &fips512, nil)
}

// SumLong hashes padded messages of 244 bytes.
func (l Level) SumLong(out *Sums, in *Long) {
	if l == AVX512 {
		sum512x8(&out[0][0], &in[0][0], 256, 2, &fips512, &lastLong)
		return
	}
	sum512x4(&out[0][0], &in[0][0], 256, 2, &fips512, &lastLong)
	sum512x4(&out[4][0], &in[4][0], 256, 2, &fips512, &lastLong)
}

// Gather writes three labels into each of eight messages: at 52 the sum of the label in prev and of the entries that the
// first d bytes of the digest select, at 116 the label in elders unless that is nil, at 180 the label in neighbour. prev,
// elders and neighbour hold eight labels; table has 256·d entries.
func (l Level) Gather(m *Long, digests *Sums, table []Table, d int, prev, elders, neighbour []byte) {
	if d < 1 || d > 64 || len(table) < 256*d || len(prev) < Lanes*64 || len(neighbour) < Lanes*64 || elders != nil && len(elders) < Lanes*64 {
		panic("multisha: short operand")
	}
	f := gather256
	if l == AVX512 {
		f = gather512
	}
	f(&m[0][0], &digests[0][0], &table[0], d, &prev[0], unsafe.SliceData(elders), &neighbour[0])
}

// Pairs writes the SHA-256 of every 64 bytes of in to out as far as it can, and says how many: a multiple of sixteen. out
// may be the beginning of in.
func (l Level) Pairs(out, in []byte) int {
	groups := len(in) / (pairLanes * pairSize)
	if l != AVX512 || groups == 0 {
		return 0
	}
	if len(out) < groups*pairLanes*32 {
		panic("multisha: short operand")
	}
	sum256x16(&out[0], &in[0], groups, &fips256)
	return groups * pairLanes
}

//go:noescape
func sum512x8(out, in *byte, stride, blocks int, c *wide, last *[80]uint64)

//go:noescape
func sum512x4(out, in *byte, stride, blocks int, c *wide, last *[80]uint64)

//go:noescape
func gather512(messages, digests *byte, table *Table, d int, prev, elders, neighbour *byte)

//go:noescape
func gather256(messages, digests *byte, table *Table, d int, prev, elders, neighbour *byte)

//go:noescape
func sum256x16(out, in *byte, groups int, c *narrow)
