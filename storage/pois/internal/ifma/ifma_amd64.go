//go:build amd64 && !purego

package ifma

import "golang.org/x/sys/cpu"

// Available tells whether this processor and system have the instructions.
var Available = cpu.X86.HasAVX512F && cpu.X86.HasAVX512IFMA

// mulN sets z = x·y/R for n limbs, n-1 a multiple of three. sum is scratch; z may be x or y.
//
//go:noescape
func mulN(z, x, y, m *Limb, inverse *Limb, sum *Limb, n int)

// chain11 sets z = x·y/R, then z = z·z/R over and over: count products in all. Product number i is doubled in the lanes
// that bits of doubled[i] name.
//
//go:noescape
func chain11(z, x, y, m *Limb, inverse *Limb, doubled *byte, count int)

// subtract11 sets z = x - y + two, which must not be negative.
//
//go:noescape
func subtract11(z, x, y, two *Limb)

// swap11 exchanges x and y in the lanes that bits of the mask name.
//
//go:noescape
func swap11(x, y *Limb, mask byte)
