// Package scale is the SCALE codec of the ledger: encoding, strict decoding and
// type descriptions for metadata, all derived from the same Go types.
//
// A plan (a tree of closures over field offsets) is built once per Go type and
// cached; values are then walked without reflection. Decoding trusts nothing:
// trailing bytes, lengths beyond the input or a declared bound, non-minimal
// compact integers, unknown enum indices, invalid UTF-8 and unsorted maps are
// errors, nesting is limited to [MaxDepth] and memory to [AllocationBase] plus
// [AllocationFactor] bytes per input byte.
//
// How Go types map to SCALE types:
//
//   - uint8…uint64, int8…int64, bool, string, slices and arrays are themselves;
//     int and uint are refused because their width is not fixed.
//   - A struct encodes its fields in order. The tag `scale:"name,compact"` renames a
//     field ("_" = unnamed) and encodes an integer as Compact; `scale:"-"` skips it;
//     `type:"T::AccountId"` is the typeName shown in metadata. Embedded fields are
//     refused, unexported ones need an explicit tag.
//   - *T is Box<T>: it encodes as T and must not be nil.
//   - A value method ScaleType() [TypeInfo] gives a type its metadata path, its
//     parameters and, on a uint8, the variants of a field-less enum.
//   - A Go interface registered with [RegisterEnum] is an enum with data.
//   - A type with the value method AppendScale and the pointer method DecodeScale has
//     its own codec; it encodes to at least one byte and its ScaleType gives Def.
//   - [U128], [U256], [Compact], [Option], [Result], [BoundedVec], [WeakBoundedVec],
//     [BTreeMap], [BoundedBTreeMap], [BTreeSet], [CowStr] and [CowVec] complete the list.
//
// Empty vectors decode to nil slices, so that a zero value survives a round trip.
// The rules are those of spec/wire.md §1 and §6.4.
package scale
