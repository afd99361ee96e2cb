package grandpa

// NewAuthoritiesEvent reports a new set of voters.
type NewAuthoritiesEvent struct {
	AuthoritySet []Authority `type:"AuthorityList"`
}

// PausedEvent would report that finality stops.
type PausedEvent struct{}

// ResumedEvent would report that finality goes on.
type ResumedEvent struct{}
