//go:build !amd64 || purego

package ifma

// Available tells whether this processor and system have the instructions.
const Available = false

const missing = "ifma: not available"

func mulN(z, x, y, m *Limb, inverse *Limb, sum *Limb, n int) { panic(missing) }

func chain11(z, x, y, m *Limb, inverse *Limb, doubled *byte, count int) { panic(missing) }

func subtract11(z, x, y, two *Limb) { panic(missing) }

func swap11(x, y *Limb, mask byte) { panic(missing) }
