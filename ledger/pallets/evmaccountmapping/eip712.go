package evmaccountmapping

import (
	"encoding/binary"
	"slices"

	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/ss58"
	"github.com/gocess/gocess/primitives/substrate"
)

// Hashes of the types, as EIP-712 defines them.
var (
	domainType = crypto.Keccak256([]byte("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"))
	callType   = crypto.Keccak256([]byte("SubstrateCall(string who,bytes callData,uint64 nonce)"))
)

// Domain is the separator that makes signatures belong to a chain.
type Domain [32]byte

// NewDomain hashes the parts of a domain.
func NewDomain(name, version []byte, chainID scale.U256, contract substrate.H160) Domain {
	id := chainID.Int().Bytes32()
	n, v := crypto.Keccak256(name), crypto.Keccak256(version)
	return crypto.Keccak256(domainType[:], n[:], v[:], id[:], make([]byte, 12), contract[:])
}

// DomainOf is the domain of the chain that rt runs.
func DomainOf(rt *runtime.Runtime) Domain {
	return NewDomain(DomainName.Of(rt), DomainVersion.Of(rt), DomainChainID.Of(rt), VerifyingContract.Of(rt))
}

// Digest is what the account signs: who in SS58 with the chain's prefix, the
// call's encoding and the nonce.
func (d Domain) Digest(prefix uint16, who substrate.AccountID, call []byte, nonce uint64) [32]byte {
	address, data := crypto.Keccak256([]byte(ss58.Encode(prefix, who[:]))), crypto.Keccak256(call)
	number := binary.BigEndian.AppendUint64(make([]byte, 24), nonce)
	message := crypto.Keccak256(callType[:], address[:], data[:], number)
	return crypto.Keccak256([]byte{0x19, 0x01}, d[:], message[:])
}

// Digest is what Who signs for this call on the chain that rt runs.
func (c MetaCall) Digest(rt *runtime.Runtime) ([32]byte, error) {
	raw, err := scale.Marshal(c.Call)
	if err != nil {
		return [32]byte{}, err
	}
	return DomainOf(rt).Digest(system.SS58Prefix.Of(rt), c.Who, raw, c.Nonce), nil
}

// provides is what two calls with one nonce of an account have in common.
func (c MetaCall) provides() []byte {
	return binary.LittleEndian.AppendUint64(slices.Concat([]byte("EVMAccountMapping"), c.Who[:]), c.Nonce)
}
