// Package substrate holds the types that every Substrate chain shares: accounts, hashes,
// addresses, signatures, eras, weights, dispatch outcomes, headers and digests. Their
// encodings and metadata descriptions are those of the CESS reference metadata
// (spec/wire.md §1, §4.1, §6). Types of single pallets live with their pallet.
package substrate
