package storagehandler

import "github.com/gocess/gocess/ledger/runtime"

// Errors (spec/pallets-storage.md §3.8). Those without a remark are part of
// the wire shape; no rule of the specification raises them.
var (
	ErrBugInvalid                 = runtime.NewError(index, 0, "BugInvalid") // a record that genesis makes is missing
	ErrBoundedVec                 = runtime.NewError(index, 1, "BoundedVecError")
	ErrInsufficientAvailableSpace = runtime.NewError(index, 2, "InsufficientAvailableSpace") // the network has not enough unsold space
	ErrInsufficientBalance        = runtime.NewError(index, 3, "InsufficientBalance")        // the payer's free balance is too small
	ErrInsufficientStorage        = runtime.NewError(index, 4, "InsufficientStorage")        // the territory has not enough space left
	ErrOverflow                   = runtime.NewError(index, 5, "Overflow")                   // arithmetic, or a full agenda
	ErrWrongOperation             = runtime.NewError(index, 6, "WrongOperation")
	ErrPurchasedSpace             = runtime.NewError(index, 7, "PurchasedSpace")    // the owner has a territory of this name
	ErrNotPurchasedSpace          = runtime.NewError(index, 8, "NotPurchasedSpace") // no such territory
	ErrLeaseFreeze                = runtime.NewError(index, 9, "LeaseFreeze")
	ErrLeaseExpired               = runtime.NewError(index, 10, "LeaseExpired")
	ErrOrderExpired               = runtime.NewError(index, 11, "OrderExpired")
	ErrRandom                     = runtime.NewError(index, 12, "RandomErr")
	ErrNoOrder                    = runtime.NewError(index, 13, "NoOrder")            // no such order
	ErrParam                      = runtime.NewError(index, 14, "ParamError")         // an argument is out of range
	ErrDuplicateTokens            = runtime.NewError(index, 15, "DuplicateTokens")    // the token is in use
	ErrNotHaveTerritory           = runtime.NewError(index, 16, "NotHaveTerritory")   // no such territory
	ErrNotActive                  = runtime.NewError(index, 17, "NotActive")          // the territory is not active
	ErrNotExpire                  = runtime.NewError(index, 18, "NotExpire")          // the territory is not expired
	ErrNotOnConsignment           = runtime.NewError(index, 19, "NotOnConsignment")   // the territory is not for sale
	ErrInsufficientLease          = runtime.NewError(index, 20, "InsufficientLease")  // too little of the lease is left to sell
	ErrConsignmentExisted         = runtime.NewError(index, 21, "ConsignmentExisted") // the territory is for sale already
	ErrOnConsignment              = runtime.NewError(index, 22, "OnConsignment")
	ErrState                      = runtime.NewError(index, 23, "StateError")             // the territory's state forbids it
	ErrObjectNotZero              = runtime.NewError(index, 24, "ObjectNotZero")          // the territory is not empty
	ErrNonExistentConsignment     = runtime.NewError(index, 25, "NonExistentConsignment") // the token is not for sale
	ErrConsignmentLocked          = runtime.NewError(index, 26, "ConsignmentLocked")      // there is a buyer already
	ErrConsignmentUnLocked        = runtime.NewError(index, 27, "ConsignmentUnLocked")    // there is no buyer
	ErrUnexpected                 = runtime.NewError(index, 28, "Unexpected")             // records contradict each other, or scheduling failed
	ErrNotBuyer                   = runtime.NewError(index, 29, "NotBuyer")               // the signer is not the buyer
	ErrInvalidOrder               = runtime.NewError(index, 30, "InvalidOrder")           // the price changed since the order was made
	ErrOwnConsignment             = runtime.NewError(index, 31, "OwnConsignment")         // the seller cannot buy
	ErrBoundariesNotMet           = runtime.NewError(index, 32, "BoundariesNotMet")       // too few days
	ErrDuplicateName              = runtime.NewError(index, 33, "DuplicateName")          // the owner has a territory of the new name
)
