// Package metadata describes a runtime the way Substrate clients expect it: pallets with
// their storage, calls, events, errors and constants over a registry of portable types.
//
// A node builds metadata from its own Go types: fill in a [Description], then [EncodeV14]
// or [EncodeV15]. Clients [Decode] what a node serves, look names up in it and convert
// values dynamically ([Metadata.EncodeValue], [Metadata.DecodeValue]). [Diff] compares two
// runtimes whatever their type ids. Layouts are those of spec/wire.md §6.
//
// Decoding is strict and bounded like package scale; a decoded [Metadata] holds no type id
// that its registry lacks.
package metadata

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gocess/gocess/primitives/scale"
)

// The metadata versions this package reads and writes.
const (
	V14 = 14
	V15 = 15
)

// ErrNotMetadata reports a blob that does not start like metadata.
var ErrNotMetadata = errors.New("metadata: no metadata")

// ErrVersion reports a metadata version other than 14 and 15.
var ErrVersion = errors.New("metadata: unsupported version")

// Metadata is a decoded or built description of a runtime.
type Metadata struct {
	Version   uint8  // of the blob it was decoded from; V15 when built
	Types     []Type // the registry; a TypeID is an index into it
	Pallets   []Pallet
	Extrinsic Extrinsic
	Runtime   TypeID
	APIs      []API      // empty in V14
	Outer     OuterEnums // V14: found by path, 0 where there is none
	Custom    []Custom
}

// TypeID refers to a type of the registry; on the wire it is a Compact<u32>.
type TypeID uint32

// AppendScale implements the convention of package scale.
func (id TypeID) AppendScale(dst []byte) ([]byte, error) {
	return scale.AppendCompact(dst, uint64(id)), nil
}

// DecodeScale implements the convention of package scale.
func (id *TypeID) DecodeScale(d *scale.Decoder) error {
	c, err := scale.Decode[scale.Compact[uint32]](d)
	*id = TypeID(c.Value)
	return err
}

// Pallet describes a pallet.
type Pallet struct {
	Name      string
	Storage   scale.Option[Storage]
	Calls     scale.Option[TypeID] // an enum
	Event     scale.Option[TypeID] // an enum
	Constants []Constant
	Error     scale.Option[TypeID] // an enum
	Index     uint8
	Docs      []string `scale:"-"` // V15 only
}

// Storage lists the storage entries of a pallet.
type Storage struct {
	Prefix  string
	Entries []StorageEntry
}

// StorageEntry describes a storage value or map.
type StorageEntry struct {
	Name     string
	Modifier Modifier
	Type     StorageType
	Fallback []byte // what an absent Default entry stands for
	Docs     []string
}

// Modifier says what absence means.
type Modifier uint8

// The modifiers.
const (
	Optional Modifier = iota // absent is None
	Default                  // absent is the fallback
)

// ScaleType implements the convention of package scale.
func (Modifier) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Variants: []scale.VariantInfo{{0, "Optional"}, {1, "Default"}}}
}

func (m Modifier) String() string {
	if m == Optional {
		return "Optional"
	}
	return "Default"
}

// Hasher turns the encoding of a map key into a part of the storage key.
type Hasher uint8

// The hashers (spec/wire.md §2.1).
const (
	Blake2_128 Hasher = iota
	Blake2_256
	Blake2_128Concat
	Twox128
	Twox256
	Twox64Concat
	Identity
)

var hasherNames = []scale.VariantInfo{
	{0, "Blake2_128"}, {1, "Blake2_256"}, {2, "Blake2_128Concat"}, {3, "Twox128"},
	{4, "Twox256"}, {5, "Twox64Concat"}, {6, "Identity"},
}

// ScaleType implements the convention of package scale.
func (Hasher) ScaleType() scale.TypeInfo { return scale.TypeInfo{Variants: hasherNames} }

func (h Hasher) String() string {
	if int(h) < len(hasherNames) {
		return hasherNames[h].Name
	}
	return fmt.Sprintf("Hasher(%d)", uint8(h))
}

// StorageType is PlainStorage or MapStorage.
type StorageType interface{ storageType() }

// PlainStorage is a single value.
type PlainStorage struct{ Value TypeID }

// MapStorage is a map. With several hashers the key is a tuple with one element for each;
// with one hasher the key is hashed as a whole.
type MapStorage struct {
	Hashers []Hasher
	Key     TypeID
	Value   TypeID
}

func (PlainStorage) storageType() {}
func (MapStorage) storageType()   {}

var _ = scale.RegisterEnum[StorageType](scale.TypeInfo{},
	scale.V[StorageType, PlainStorage](0, "Plain"),
	scale.V[StorageType, MapStorage](1, "Map"),
)

// Constant is a value known to the runtime.
type Constant struct {
	Name  string
	Type  TypeID
	Value []byte
	Docs  []string
}

// Extrinsic describes the envelope of transactions. V14 knows only Type, V15 only the
// parts; both are filled in by Decode where the registry tells.
type Extrinsic struct {
	Version    uint8
	Type       TypeID // the UncheckedExtrinsic
	Address    TypeID
	Call       TypeID
	Signature  TypeID
	Extra      TypeID
	Extensions []Extension
}

// Extension is a signed extension.
type Extension struct {
	Identifier string
	Type       TypeID // what the extrinsic carries
	Additional TypeID // what is signed besides
}

// API is a runtime API; its functions are called Name_Method.
type API struct {
	Name    string
	Methods []Method
	Docs    []string
}

// Method is a function of a runtime API.
type Method struct {
	Name   string
	Args   []Arg
	Output TypeID
	Docs   []string
}

// Arg is an argument of a Method.
type Arg struct {
	Name string
	Type TypeID
}

// OuterEnums are the runtime's sums over all pallets.
type OuterEnums struct{ Call, Event, Error TypeID }

// Custom is a value the runtime adds to its metadata.
type Custom struct {
	Key   string
	Type  TypeID
	Value []byte
}

// path joins the segments of a type's path.
func joinPath(segments []string) string { return strings.Join(segments, "::") }
