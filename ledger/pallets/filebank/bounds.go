package filebank

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Limits (spec/pallets-storage.md §2.1, §2.2).
const (
	maxSegments  = 1000
	maxFileName  = 63
	maxOwners    = 50_000
	maxUserFiles = 500_000
	maxClearUser = 2000
)

// FileName is a user's name for a file, at least NameMinLength bytes.
type FileName = scale.BoundedVec[byte, FileNameBound]

// ExpiredTerritory is a territory whose files are to be removed.
type ExpiredTerritory struct {
	Owner substrate.AccountID
	Name  types.TerritoryName
}

// Bounds of vectors, checked while decoding: an over-long argument makes an
// extrinsic undecodable.
type (
	// SegmentBound is the number of segments of a file.
	SegmentBound struct{}
	// FragmentBound is the number of fragments of a segment.
	FragmentBound struct{}
	// FileNameBound is the length of a file name, in bytes.
	FileNameBound struct{}
	// OwnerBound is the number of owners of a file.
	OwnerBound struct{}
	// UserFileBound is the number of files of a user.
	UserFileBound struct{}
	// ClearUserBound is the number of territories in ClearUserList.
	ClearUserBound struct{}
)

func (SegmentBound) Max() int   { return maxSegments }
func (FragmentBound) Max() int  { return types.FragmentCount }
func (FileNameBound) Max() int  { return maxFileName }
func (OwnerBound) Max() int     { return maxOwners }
func (UserFileBound) Max() int  { return maxUserFiles }
func (ClearUserBound) Max() int { return maxClearUser }
