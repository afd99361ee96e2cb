package sminer

// UseReservoir gives the chains of a test another reservoir, nil for none, and
// returns how to undo that.
func UseReservoir(r Reservoir) (undo func()) {
	old := use.Reservoir
	use.Reservoir = r
	return func() { use.Reservoir = old }
}
