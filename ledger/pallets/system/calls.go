package system

import "github.com/gocess/gocess/primitives/substrate"

// Remark stores nothing: its bytes are on chain as part of the block.
type Remark struct {
	Remark []byte `type:"Vec<u8>"`
}

// SetHeapPages sets `:heappages`; root.
type SetHeapPages struct {
	Pages uint64 `type:"u64"`
}

// SetCode replaces `:code`; root.
type SetCode struct {
	Code []byte `type:"Vec<u8>"`
}

// SetCodeWithoutChecks replaces `:code` without comparing versions; root.
type SetCodeWithoutChecks struct {
	Code []byte `type:"Vec<u8>"`
}

// SetStorage writes raw keys; root.
type SetStorage struct {
	Items []KeyValue `type:"Vec<KeyValue>"`
}

// KillStorage removes raw keys; root.
type KillStorage struct {
	Keys [][]byte `type:"Vec<Key>"`
}

// KillPrefix removes up to Subkeys keys under Prefix; root.
type KillPrefix struct {
	Prefix  []byte `type:"Key"`
	Subkeys uint32 `type:"u32"`
}

// RemarkWithEvent is Remark with a Remarked event of the hash.
type RemarkWithEvent struct {
	Remark []byte `type:"Vec<u8>"`
}

// AuthorizeUpgrade names the hash of the next code; root.
type AuthorizeUpgrade struct {
	CodeHash substrate.H256 `type:"T::Hash"`
}

// AuthorizeUpgradeWithoutChecks names the hash of the next code and skips the
// version check; root.
type AuthorizeUpgradeWithoutChecks struct {
	CodeHash substrate.H256 `type:"T::Hash"`
}

// ApplyAuthorizedUpgrade applies the authorized code; anybody may send it.
type ApplyAuthorizedUpgrade struct {
	Code []byte `type:"Vec<u8>"`
}
