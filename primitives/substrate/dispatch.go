package substrate

import "github.com/gocess/gocess/primitives/scale"

// DispatchClass groups calls by their claim on block space.
type DispatchClass uint8

// The dispatch classes.
const (
	Normal DispatchClass = iota
	Operational
	Mandatory
)

func (c DispatchClass) String() string { return nameOf(dispatchClasses, uint8(c)) }

// ScaleType implements the convention of package scale.
func (DispatchClass) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "frame_support::dispatch::DispatchClass", Variants: dispatchClasses}
}

var dispatchClasses = []scale.VariantInfo{{0, "Normal"}, {1, "Operational"}, {2, "Mandatory"}}

// Pays tells whether a call pays its weight fee. Yes is zero.
type Pays uint8

// The values of Pays.
const (
	PaysYes Pays = iota
	PaysNo
)

func (p Pays) String() string { return nameOf(paysNames, uint8(p)) }

// ScaleType implements the convention of package scale.
func (Pays) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "frame_support::dispatch::Pays", Variants: paysNames}
}

var paysNames = []scale.VariantInfo{{0, "Yes"}, {1, "No"}}

// nameOf is the name of a field-less enum's value.
func nameOf(variants []scale.VariantInfo, v uint8) string {
	for _, x := range variants {
		if x.Index == v {
			return x.Name
		}
	}
	return "unknown"
}

// DispatchInfo is what events tell about the cost of an extrinsic.
type DispatchInfo struct {
	Weight  Weight        `type:"Weight"`
	Class   DispatchClass `type:"DispatchClass"`
	PaysFee Pays          `type:"Pays"`
}

// ScaleType implements the convention of package scale.
func (DispatchInfo) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "frame_system::DispatchEventInfo"}
}

// PostDispatchInfo is what a call reports about its actual cost.
type PostDispatchInfo struct {
	ActualWeight scale.Option[Weight] `type:"Option<Weight>"`
	PaysFee      Pays                 `type:"Pays"`
}

// ScaleType implements the convention of package scale.
func (PostDispatchInfo) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "frame_support::dispatch::PostDispatchInfo"}
}

// PostDispatchResult is the outcome of a dispatch with its actual cost.
type PostDispatchResult = scale.Result[PostDispatchInfo, DispatchErrorWithPostInfo]

// DispatchErrorWithPostInfo is a failed dispatch with its actual cost.
type DispatchErrorWithPostInfo struct {
	PostInfo PostDispatchInfo `type:"Info"`
	Err      DispatchError    `scale:"error" type:"DispatchError"`
}

// ScaleType implements the convention of package scale.
func (DispatchErrorWithPostInfo) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{
		Path:   "sp_runtime::DispatchErrorWithPostInfo",
		Params: []scale.Param{{Name: "Info", Type: scale.TypeOf[PostDispatchInfo]()}},
	}
}

// PerDispatchClass holds one value for each dispatch class.
type PerDispatchClass[T any] struct {
	Normal      T `type:"T"`
	Operational T `type:"T"`
	Mandatory   T `type:"T"`
}

// Of points at the value of class c; an unknown class counts as Mandatory.
func (p *PerDispatchClass[T]) Of(c DispatchClass) *T {
	switch c {
	case Normal:
		return &p.Normal
	case Operational:
		return &p.Operational
	}
	return &p.Mandatory
}

// ScaleType implements the convention of package scale.
func (PerDispatchClass[T]) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{
		Path:   "frame_support::dispatch::PerDispatchClass",
		Params: []scale.Param{{Name: "T", Type: scale.TypeOf[T]()}},
	}
}

// BalanceStatus says what becomes of moved funds.
type BalanceStatus uint8

// The balance statuses.
const (
	BalanceFree BalanceStatus = iota
	BalanceReserved
)

// ScaleType implements the convention of package scale.
func (BalanceStatus) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{
		Path:     "frame_support::traits::tokens::misc::BalanceStatus",
		Variants: []scale.VariantInfo{{0, "Free"}, {1, "Reserved"}},
	}
}

// Unit is (): it encodes to nothing.
type Unit = struct{}

// DispatchResult is the outcome of a call as events report it.
type DispatchResult = scale.Result[Unit, DispatchError]
