package sminer

// UseReservoir gives the chains of a test a reservoir, nil for none.
func UseReservoir(r Reservoir) { use.Reservoir = r }
