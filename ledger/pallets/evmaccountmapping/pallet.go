// Package evmaccountmapping lets the holder of an Ethereum key make calls: it
// signs the call as EIP-712 typed data, and anybody submits it in an extrinsic
// that carries no signature of its own. The call runs as the account
// blake2-256(compressed public key), which also pays.
//
// The signature covers the account, the call and a nonce of this pallet, not
// the chain: it is valid on every chain whose EIP712ChainID and
// EIP712VerifyingContractAddress are equal. A network that holds value sets its
// own chain id (spec/pallets-storage.md §12, B29).
package evmaccountmapping

import (
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

const (
	name  = "EvmAccountMapping"
	index = 111
)

// Storage (spec/pallets-storage.md §7).
var (
	// Nonces are the nonces of the next meta_call of an account, apart from
	// those of signed extrinsics.
	Nonces = runtime.NewMap[substrate.AccountID, uint64](name, "AccountNonce", runtime.Blake2_128Concat)
)

// Constants, with the values of the reference network.
var (
	ServiceFee        = runtime.NewConstant(name, "ServiceFee", scale.U128From64(10_000_000_000)) // planck; burnt
	DomainName        = runtime.NewConstant(name, "EIP712Name", []byte("Substrate"))
	DomainVersion     = runtime.NewConstant(name, "EIP712Version", []byte("1"))
	DomainChainID     = runtime.NewConstant(name, "EIP712ChainID", scale.U256{})
	VerifyingContract = runtime.NewConstant(name, "EIP712VerifyingContractAddress", substrate.H160{})
)

// MaxTip is the highest tip, in planck, of a meta_call. The signature does not
// cover the tip, so whoever submits the call could take the payer's money by
// it: none is the default (spec/pallets-storage.md §12, B29).
var MaxTip = runtime.NewParameter(name, "MaxTip", types.Balance{})

// Pallet is the declaration page of EvmAccountMapping: its wire format, item by
// item.
var Pallet = &runtime.Pallet{
	Name:    name,
	Index:   index,
	Storage: []runtime.StorageItem{Nonces},
	Calls: runtime.Calls("pallet_evm_account_mapping::pallet::Call",
		runtime.NewCall[MetaCall](0, "meta_call", runtime.Work(5, 5)),
	),
	Events: runtime.Events("pallet_evm_account_mapping::pallet::Event",
		runtime.Event[ServiceFeePaidEvent](0, "ServiceFeePaid"),
		runtime.Event[TransactionFeePaidEvent](1, "TransactionFeePaid"),
		runtime.Event[CallDoneEvent](2, "CallDone"),
	),
	Errors: runtime.Errors("pallet_evm_account_mapping::pallet::Error",
		ErrUnexpected, ErrNonce, ErrPayment,
	),
	Constants: []runtime.ConstantItem{
		ServiceFee, DomainName, DomainVersion, DomainChainID, VerifyingContract, MaxTip,
	},
	Unsigned: rules{},
}
