package utility

import "github.com/gocess/gocess/primitives/substrate"

// BatchInterruptedEvent names the first call of a batch that failed and why;
// those before it stay done.
type BatchInterruptedEvent struct {
	Index uint32                  `type:"u32"`
	Error substrate.DispatchError `type:"DispatchError"`
}

// BatchCompletedEvent reports a batch whose calls all succeeded.
type BatchCompletedEvent struct{}

// BatchCompletedWithErrorsEvent reports a batch of which some calls failed.
type BatchCompletedWithErrorsEvent struct{}

// ItemCompletedEvent reports one call of a batch that succeeded.
type ItemCompletedEvent struct{}

// ItemFailedEvent reports one call of a batch that failed.
type ItemFailedEvent struct {
	Error substrate.DispatchError `type:"DispatchError"`
}

// DispatchedAsEvent carries the outcome of DispatchAs.
type DispatchedAsEvent struct {
	Result substrate.DispatchResult `type:"DispatchResult"`
}
