package metadata

import "github.com/gocess/gocess/primitives/scale"

// Description is what a runtime says about itself in terms of its Go types. Order is
// kept: pallets by index, entries as clients should list them.
type Description struct {
	Pallets   []PalletDescription
	Extrinsic ExtrinsicDescription
	Runtime   scale.Type
	APIs      []APIDescription
	Call      scale.Type // RuntimeCall
	Event     scale.Type // RuntimeEvent
	Error     scale.Type // RuntimeError
	// Instead maps types to what describes them here, wherever they are mentioned:
	// one Go type may stand for an enum that differs between runtimes.
	Instead map[scale.Type]scale.Type
}

// PalletDescription describes a pallet. A zero Calls, Event or Error means that the pallet
// has none.
type PalletDescription struct {
	Name      string
	Prefix    string // of its storage; Name when empty
	Index     uint8
	Storage   []StorageDescription // none: the pallet has no storage section
	Calls     scale.Type
	Event     scale.Type
	Error     scale.Type
	Constants []ConstantDescription
	Docs      []string
}

// StorageDescription describes a storage entry: a plain value without hashers, else a map.
type StorageDescription struct {
	Name     string
	Modifier Modifier
	Hashers  []Hasher
	Key      scale.Type // maps only
	Value    scale.Type
	Fallback []byte
	Docs     []string
}

// ConstantDescription describes a constant with its encoded value.
type ConstantDescription struct {
	Name  string
	Type  scale.Type
	Value []byte
	Docs  []string
}

// ExtrinsicDescription describes the envelope of transactions.
type ExtrinsicDescription struct {
	Version    uint8
	Type       scale.Type // zero: UncheckedExtrinsic of the four types below
	Address    scale.Type
	Call       scale.Type
	Signature  scale.Type
	Extra      scale.Type
	Extensions []ExtensionDescription
}

// ExtensionDescription describes a signed extension.
type ExtensionDescription struct {
	Identifier string
	Type       scale.Type
	Additional scale.Type
}

// APIDescription describes a runtime API (V15).
type APIDescription struct {
	Name    string
	Methods []MethodDescription
	Docs    []string
}

// MethodDescription describes a function of a runtime API.
type MethodDescription struct {
	Name   string
	Args   []ArgDescription
	Output scale.Type
	Docs   []string
}

// ArgDescription describes an argument.
type ArgDescription struct {
	Name string
	Type scale.Type
}

// UncheckedExtrinsic is the type by which V14 clients find the parts of an extrinsic
// (spec/wire.md §6.5, §6.6).
func UncheckedExtrinsic(address, call, signature, extra scale.Type) scale.Type {
	return scale.Synthetic(&scale.TypeDef{
		Path: uncheckedExtrinsic,
		Params: []scale.Param{
			{Name: "Address", Type: address}, {Name: "Call", Type: call},
			{Name: "Signature", Type: signature}, {Name: "Extra", Type: extra},
		},
		Kind:   scale.KindComposite,
		Fields: []scale.Field{{Type: scale.TypeOf[[]byte]()}},
	})
}

// EncodeV14 builds the metadata of desc and writes it as version 14.
func EncodeV14(desc *Description) ([]byte, error) {
	m, err := Build(desc)
	if err != nil {
		return nil, err
	}
	return m.EncodeV14()
}

// EncodeV15 builds the metadata of desc and writes it as version 15.
func EncodeV15(desc *Description) ([]byte, error) {
	m, err := Build(desc)
	if err != nil {
		return nil, err
	}
	return m.EncodeV15()
}
