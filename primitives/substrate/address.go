package substrate

import (
	"fmt"

	"github.com/gocess/gocess/primitives/scale"
)

// AddressKind is the variant of a MultiAddress, numbered as on the wire.
type AddressKind uint8

// The kinds of addresses. CESS resolves only the first two (spec/wire.md §1.4).
const (
	AddressID AddressKind = iota
	AddressIndex
	AddressRaw
	Address32
	Address20
)

// MultiAddress names the target of a call or the signer of an extrinsic. It is a
// comparable value; the zero value is the Id of the zero account.
type MultiAddress struct {
	kind  AddressKind
	index uint32
	bytes [32]byte // Id, Address32; Address20 in the first 20 bytes
	raw   string
}

// AddressOf is the Id address of an account.
func AddressOf(id AccountID) MultiAddress { return MultiAddress{bytes: id} }

// AddressOfIndex is the address of an index of pallet Indices.
func AddressOfIndex(i uint32) MultiAddress { return MultiAddress{kind: AddressIndex, index: i} }

// AddressOfRaw is a Raw address.
func AddressOfRaw(b []byte) MultiAddress { return MultiAddress{kind: AddressRaw, raw: string(b)} }

// AddressOf32 is an Address32.
func AddressOf32(b [32]byte) MultiAddress { return MultiAddress{kind: Address32, bytes: b} }

// AddressOf20 is an Address20.
func AddressOf20(b [20]byte) MultiAddress {
	a := MultiAddress{kind: Address20}
	copy(a.bytes[:], b[:])
	return a
}

// Kind is the variant of a.
func (a MultiAddress) Kind() AddressKind { return a.kind }

// ID is the account of an Id address.
func (a MultiAddress) ID() (AccountID, bool) {
	return AccountID(a.bytes), a.kind == AddressID
}

// Index is the index of an Index address.
func (a MultiAddress) Index() (uint32, bool) { return a.index, a.kind == AddressIndex }

// Bytes is the payload of any address but an Index.
func (a MultiAddress) Bytes() []byte {
	switch a.kind {
	case AddressID, Address32:
		return append([]byte(nil), a.bytes[:]...)
	case Address20:
		return append([]byte(nil), a.bytes[:20]...)
	}
	return []byte(a.raw)
}

func (a MultiAddress) String() string {
	switch a.kind {
	case AddressID:
		return toHex(a.bytes[:])
	case AddressIndex:
		return fmt.Sprintf("Index(%d)", a.index)
	case AddressRaw:
		return fmt.Sprintf("Raw(%s)", toHex([]byte(a.raw)))
	case Address32:
		return fmt.Sprintf("Address32(%s)", toHex(a.bytes[:]))
	}
	return fmt.Sprintf("Address20(%s)", toHex(a.bytes[:20]))
}

// AppendScale implements the convention of package scale.
func (a MultiAddress) AppendScale(dst []byte) ([]byte, error) {
	dst = append(dst, byte(a.kind))
	switch a.kind {
	case AddressIndex:
		return scale.AppendCompact(dst, uint64(a.index)), nil
	case AddressRaw:
		return append(scale.AppendCompact(dst, uint64(len(a.raw))), a.raw...), nil
	case Address20:
		return append(dst, a.bytes[:20]...), nil
	}
	return append(dst, a.bytes[:]...), nil
}

// DecodeScale implements the convention of package scale.
func (a *MultiAddress) DecodeScale(d *scale.Decoder) error {
	*a = MultiAddress{}
	kind, err := d.Byte()
	if err != nil {
		return err
	}
	a.kind = AddressKind(kind)
	switch a.kind {
	case AddressID, Address32:
		b, err := d.Bytes(32)
		copy(a.bytes[:], b)
		return err
	case AddressIndex:
		i, err := scale.Decode[scale.Compact[uint32]](d)
		a.index = i.Value
		return err
	case AddressRaw:
		b, err := d.ByteVec()
		a.raw = string(b)
		return err
	case Address20:
		b, err := d.Bytes(20)
		copy(a.bytes[:], b)
		return err
	}
	return d.Errorf("%w (%d)", scale.ErrUnknownVariant, kind)
}

// ScaleType implements the convention of package scale.
func (MultiAddress) ScaleType() scale.TypeInfo { return scale.TypeInfo{Def: multiAddressDef} }

var multiAddressDef = &scale.TypeDef{
	Path: "sp_runtime::multiaddress::MultiAddress",
	Params: []scale.Param{
		{Name: "AccountId", Type: scale.TypeOf[AccountID]()},
		{Name: "AccountIndex", Type: scale.TypeOf[uint32]()},
	},
	Kind: scale.KindVariant,
	Variants: []scale.VariantDef{
		variant[AccountID](0, "Id", "AccountId"),
		variant[scale.Compact[uint32]](1, "Index", "AccountIndex"),
		variant[[]byte](2, "Raw", "Vec<u8>"),
		variant[[32]byte](3, "Address32", "[u8; 32]"),
		variant[[20]byte](4, "Address20", "[u8; 20]"),
	},
}

// variant describes an enum variant with one unnamed field.
func variant[T any](index uint8, name, typeName string) scale.VariantDef {
	return scale.VariantDef{Name: name, Index: index,
		Fields: []scale.Field{{Type: scale.TypeOf[T](), TypeName: typeName}}}
}

// unit describes an enum variant without fields.
func unit(index uint8, name string) scale.VariantDef {
	return scale.VariantDef{Name: name, Index: index}
}
