package timestamp

// Set sets the time in ms; only as the inherent that opens a block.
type Set struct {
	Now uint64 `scale:",compact" type:"T::Moment"`
}
