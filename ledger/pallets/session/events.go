package session

// NewSessionEvent reports the session that begins with the next block.
type NewSessionEvent struct {
	SessionIndex uint32 `type:"SessionIndex"`
}
