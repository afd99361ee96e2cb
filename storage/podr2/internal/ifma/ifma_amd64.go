//go:build amd64 && !purego

package ifma

import "golang.org/x/sys/cpu"

// Available tells whether this processor and system have the instructions.
var Available = cpu.X86.HasAVX512F && cpu.X86.HasAVX512IFMA

// Mul8 sets z = x·y/R. If x·y < 2^35·p² the result is below (1 + 2^-10)·p when x·y < 2^24·p², and below 2p in any case.
//
//go:noescape
func Mul8(z, x, y *Vec8, m *Modulus8)

// Square8 sets z to x squared n ≥ 1 times over, with the bounds of Mul8 for x·x.
//
//go:noescape
func Square8(z, x *Vec8, m *Modulus8, n int)

// Add8 sets z = x + y, not reduced.
//
//go:noescape
func Add8(z, x, y *Vec8)

// Sub8 sets z = x - y + 8p, not reduced, for y ≤ 8p.
//
//go:noescape
func Sub8(z, x, y *Vec8, m *Modulus8)

// SubReduce8 sets z = x - a - b modulo p, below (2 + 2^-9)·p, for x ≤ 2p and a + b ≤ 6p.
//
//go:noescape
func SubReduce8(z, x, a, b *Vec8, m *Modulus8)

// Mul20 sets z = x·y/R, below 1.1·p if x and y are below 2p.
//
//go:noescape
func Mul20(z, x, y *Vec20, m *Modulus20)

// Select20 sets z = table[index], 0 ≤ index < 16, and reads all entries in the same order whatever the index.
//
//go:noescape
func Select20(z *Vec20, table *[16]Vec20, index uint64)
