//go:build !amd64 || purego

package multisha

const missing = "multisha: not available"

// Best is None.
func Best() Level { return None }

func (l Level) available() bool { return false }

// SumShort is not available.
func (l Level) SumShort(out *Sums, in *Short) { panic(missing) }

// SumLong is not available.
func (l Level) SumLong(out *Sums, in *Long) { panic(missing) }

// Gather is not available.
func (l Level) Gather(m *Long, digests *Sums, table []Table, d int, prev, elders, neighbour []byte) {
	panic(missing)
}

// Pairs hashes nothing.
func (l Level) Pairs(out, in []byte) int { return 0 }
