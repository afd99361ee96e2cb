package substrate

import "github.com/gocess/gocess/primitives/scale"

// OpaqueMetadata is a metadata blob as the Metadata API returns it.
type OpaqueMetadata []byte

// ScaleType implements the convention of package scale.
func (OpaqueMetadata) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_core::OpaqueMetadata", FieldTypeName: "Vec<u8>"}
}

// OpaqueValue is an encoding whose type the reader must know.
type OpaqueValue []byte

// ScaleType implements the convention of package scale.
func (OpaqueValue) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_runtime::OpaqueValue", FieldTypeName: "Vec<u8>"}
}

// BlakeTwo256 is the marker type of the chain's hashing.
type BlakeTwo256 struct{}

// ScaleType implements the convention of package scale.
func (BlakeTwo256) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_runtime::traits::BlakeTwo256"}
}

// InherentID names a piece of inherent data, such as "timstap0".
type InherentID = [8]byte

// InherentData is what a block author adds to a block besides transactions.
type InherentData struct {
	Data scale.BTreeMap[InherentID, []byte] `type:"BTreeMap<InherentIdentifier, Vec<u8>>"`
}

// ScaleType implements the convention of package scale.
func (InherentData) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_inherents::InherentData"}
}

// CheckInherentsResult is the verdict on a block's inherents.
type CheckInherentsResult struct {
	Okay       bool         `type:"bool"`
	FatalError bool         `type:"bool"`
	Errors     InherentData `type:"InherentData"`
}

// ScaleType implements the convention of package scale.
func (CheckInherentsResult) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_inherents::CheckInherentsResult"}
}
