package preimage

import "github.com/gocess/gocess/primitives/substrate"

// NotedEvent reports bytes that were stored.
type NotedEvent struct {
	Hash substrate.H256 `type:"T::Hash"`
}

// RequestedEvent reports a preimage that is needed from now on.
type RequestedEvent struct {
	Hash substrate.H256 `type:"T::Hash"`
}

// ClearedEvent reports bytes that were removed.
type ClearedEvent struct {
	Hash substrate.H256 `type:"T::Hash"`
}
