//go:build !amd64 || purego

package ifma

// Available tells whether this processor and system have the instructions.
const Available = false

const missing = "ifma: not available"

// Mul8 is not available.
func Mul8(z, x, y *Vec8, m *Modulus8) { panic(missing) }

// Square8 is not available.
func Square8(z, x *Vec8, m *Modulus8, n int) { panic(missing) }

// Add8 is not available.
func Add8(z, x, y *Vec8) { panic(missing) }

// Sub8 is not available.
func Sub8(z, x, y *Vec8, m *Modulus8) { panic(missing) }

// SubReduce8 is not available.
func SubReduce8(z, x, a, b *Vec8, m *Modulus8) { panic(missing) }

// Mul20 is not available.
func Mul20(z, x, y *Vec20, m *Modulus20) { panic(missing) }

// Select20 is not available.
func Select20(z *Vec20, table *[16]Vec20, index uint64) { panic(missing) }
