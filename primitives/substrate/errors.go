package substrate

import (
	"fmt"

	"github.com/gocess/gocess/primitives/scale"
)

// ModuleError is an error of a pallet: the pallet's index and, in byte 0 of the code, the
// index of the variant in the pallet's Error enum.
type ModuleError struct {
	Index uint8   `type:"u8"`
	Code  [4]byte `scale:"error" type:"[u8; MAX_MODULE_ERROR_ENCODED_SIZE]"`
}

// ScaleType implements the convention of package scale.
func (ModuleError) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_runtime::ModuleError"}
}

func (e ModuleError) Error() string {
	return fmt.Sprintf("error %d of pallet %d", e.Code[0], e.Index)
}

// TokenError says why tokens cannot move.
type TokenError uint8

// The token errors.
const (
	TokenFundsUnavailable TokenError = iota
	TokenOnlyProvider
	TokenBelowMinimum
	TokenCannotCreate
	TokenUnknownAsset
	TokenFrozen
	TokenUnsupported
	TokenCannotCreateHold
	TokenNotExpendable
	TokenBlocked
)

// ScaleType implements the convention of package scale.
func (TokenError) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_runtime::TokenError", Variants: []scale.VariantInfo{
		{0, "FundsUnavailable"}, {1, "OnlyProvider"}, {2, "BelowMinimum"}, {3, "CannotCreate"},
		{4, "UnknownAsset"}, {5, "Frozen"}, {6, "Unsupported"}, {7, "CannotCreateHold"},
		{8, "NotExpendable"}, {9, "Blocked"},
	}}
}

func (e TokenError) Error() string { return textOf("token error", tokenErrorTexts[:], uint8(e)) }

var tokenErrorTexts = [...]string{
	"funds are unavailable",
	"the account must keep existing",
	"the account would fall below the minimum balance",
	"the account cannot be created",
	"the asset is unknown",
	"the funds are frozen",
	"the operation is not supported by the asset",
	"the account cannot be created to hold funds",
	"the account would be removed, which is not wanted",
	"the account may not receive funds",
}

// ArithmeticError says why a number cannot be computed.
type ArithmeticError uint8

// The arithmetic errors.
const (
	ArithmeticUnderflow ArithmeticError = iota
	ArithmeticOverflow
	ArithmeticDivisionByZero
)

// ScaleType implements the convention of package scale.
func (ArithmeticError) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_arithmetic::ArithmeticError", Variants: []scale.VariantInfo{
		{0, "Underflow"}, {1, "Overflow"}, {2, "DivisionByZero"},
	}}
}

func (e ArithmeticError) Error() string {
	return textOf("arithmetic error", arithmeticErrorTexts[:], uint8(e))
}

var arithmeticErrorTexts = [...]string{"arithmetic underflow", "arithmetic overflow", "division by zero"}

// TransactionalError says why a storage layer cannot be opened.
type TransactionalError uint8

// The transactional errors.
const (
	TransactionalLimitReached TransactionalError = iota
	TransactionalNoLayer
)

// ScaleType implements the convention of package scale.
func (TransactionalError) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_runtime::TransactionalError", Variants: []scale.VariantInfo{
		{0, "LimitReached"}, {1, "NoLayer"},
	}}
}

func (e TransactionalError) Error() string {
	return textOf("transactional error", transactionalErrorTexts[:], uint8(e))
}

var transactionalErrorTexts = [...]string{"too many nested storage layers", "no storage layer"}

// TrieError says why a storage proof is refused.
type TrieError uint8

// The trie errors.
const (
	TrieInvalidStateRoot TrieError = iota
	TrieIncompleteDatabase
	TrieValueAtIncompleteKey
	TrieDecoderError
	TrieInvalidHash
	TrieDuplicateKey
	TrieExtraneousNode
	TrieExtraneousValue
	TrieExtraneousHashReference
	TrieInvalidChildReference
	TrieValueMismatch
	TrieIncompleteProof
	TrieRootMismatch
	TrieDecodeError
)

// ScaleType implements the convention of package scale.
func (TrieError) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_runtime::proving_trie::TrieError", Variants: []scale.VariantInfo{
		{0, "InvalidStateRoot"}, {1, "IncompleteDatabase"}, {2, "ValueAtIncompleteKey"},
		{3, "DecoderError"}, {4, "InvalidHash"}, {5, "DuplicateKey"}, {6, "ExtraneousNode"},
		{7, "ExtraneousValue"}, {8, "ExtraneousHashReference"}, {9, "InvalidChildReference"},
		{10, "ValueMismatch"}, {11, "IncompleteProof"}, {12, "RootMismatch"}, {13, "DecodeError"},
	}}
}

func (e TrieError) Error() string { return textOf("trie error", trieErrorTexts[:], uint8(e)) }

var trieErrorTexts = [...]string{
	"the state root is not in the database", "a trie node is missing", "a value is set at an incomplete key",
	"a trie node cannot be decoded", "a hash is not valid", "a key is set twice", "the proof has an extra node",
	"the proof has an extra value", "the proof has an extra hash reference", "a child reference is not valid",
	"a value does not match", "the proof is incomplete", "the root does not match", "a value cannot be decoded",
}

func textOf(what string, texts []string, i uint8) string {
	if int(i) < len(texts) {
		return texts[i]
	}
	return fmt.Sprintf("%s %d", what, i)
}
