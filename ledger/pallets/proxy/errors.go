package proxy

import "github.com/gocess/gocess/ledger/runtime"

// Errors of the pallet.
var (
	ErrTooMany      = runtime.NewError(index, 0, "TooMany")      // proxies or announcements
	ErrNotFound     = runtime.NewError(index, 1, "NotFound")     // no such proxy or announcement
	ErrNotProxy     = runtime.NewError(index, 2, "NotProxy")     // the sender is no proxy of the account
	ErrUnproxyable  = runtime.NewError(index, 3, "Unproxyable")  // no call returns it
	ErrDuplicate    = runtime.NewError(index, 4, "Duplicate")    // the proxy is there already
	ErrNoPermission = runtime.NewError(index, 5, "NoPermission") // the sender is not the pure proxy so described
	ErrUnannounced  = runtime.NewError(index, 6, "Unannounced")  // the call was not announced, or its delay is not over
	ErrNoSelfProxy  = runtime.NewError(index, 7, "NoSelfProxy")
)
