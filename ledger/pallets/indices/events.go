package indices

import "github.com/gocess/gocess/primitives/substrate"

// IndexAssignedEvent reports who has an index now.
type IndexAssignedEvent struct {
	Who   substrate.AccountID `type:"T::AccountId"`
	Index uint32              `type:"T::AccountIndex"`
}

// IndexFreedEvent reports an index that anybody may claim.
type IndexFreedEvent struct {
	Index uint32 `type:"T::AccountIndex"`
}

// IndexFrozenEvent reports an index that its owner keeps for ever.
type IndexFrozenEvent struct {
	Index uint32              `type:"T::AccountIndex"`
	Who   substrate.AccountID `type:"T::AccountId"`
}
