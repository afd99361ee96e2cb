package metadata

import "fmt"

// DifferenceKind classifies a Difference.
type DifferenceKind string

// The kinds of differences. "Missing" is in want and not in got, "extra" the reverse.
const (
	PalletMissing   DifferenceKind = "pallet missing"
	PalletExtra     DifferenceKind = "pallet extra"
	PalletDiffers   DifferenceKind = "pallet" // index, prefix, presence of a section
	StorageMissing  DifferenceKind = "storage missing"
	StorageExtra    DifferenceKind = "storage extra"
	StorageDiffers  DifferenceKind = "storage" // modifier, hashers, fallback, types
	CallNotLive     DifferenceKind = "call not live"
	CallExtra       DifferenceKind = "call extra"
	CallDiffers     DifferenceKind = "call"
	EventMissing    DifferenceKind = "event missing"
	EventExtra      DifferenceKind = "event extra"
	EventDiffers    DifferenceKind = "event"
	ErrorMissing    DifferenceKind = "error missing"
	ErrorExtra      DifferenceKind = "error extra"
	ErrorDiffers    DifferenceKind = "error"
	ConstantMissing DifferenceKind = "constant missing"
	ConstantExtra   DifferenceKind = "constant extra"
	ConstantType    DifferenceKind = "constant type"
	ConstantValue   DifferenceKind = "constant value"
	RuntimeDiffers  DifferenceKind = "runtime" // extrinsic format, outer enums
	APIMissing      DifferenceKind = "api missing"
	APIExtra        DifferenceKind = "api extra"
	APIDiffers      DifferenceKind = "api"
)

// A Difference is one way in which a runtime departs from the wanted one.
type Difference struct {
	Pallet string // empty for the runtime as a whole
	Item   string // "storage Account", "call transfer", …: what Score counts; may be empty
	Kind   DifferenceKind
	Path   string // to the difference: "System.storage.Account.value.data.free"
	Got    string
	Want   string
}

// String is one line for people.
func (d Difference) String() string {
	switch {
	case d.Got == "" && d.Want == "":
		return fmt.Sprintf("%s: %s", d.Kind, d.Path)
	case d.Got == "":
		return fmt.Sprintf("%s: %s: want %s", d.Kind, d.Path, d.Want)
	case d.Want == "":
		return fmt.Sprintf("%s: %s: got %s", d.Kind, d.Path, d.Got)
	}
	return fmt.Sprintf("%s: %s: got %s, want %s", d.Kind, d.Path, d.Got, d.Want)
}
