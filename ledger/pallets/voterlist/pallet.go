// Package voterlist keeps validators and nominators roughly in the order of their
// stakes: in bags, of which each has the voters with a score between two
// thresholds, in the order in which they came. An election asks the voters of the
// highest bag first.
package voterlist

import (
	"github.com/gocess/gocess/ledger/runtime"
)

const (
	name  = "VoterList"
	index = 52
)

// Storage.
var (
	// ListNodes are the voters, each with its neighbours in its bag.
	ListNodes = runtime.NewCountedMap[accountID, Node](name, "ListNodes", runtime.Twox64Concat)

	// ListBags are the ends of the bags that are not empty, by the bag's upper
	// threshold.
	ListBags = runtime.NewOptionalMap[uint64, Bag](name, "ListBags", runtime.Twox64Concat)
)

// BagThresholds are the upper ends of the bags, in votes, ascending.
var BagThresholds = runtime.NewConstant(name, "BagThresholds", thresholds)

// ErrList is the one error of the pallet; its detail says what is wrong.
var (
	ErrList = runtime.NewErrorWith[ListError](index, 0, "List", "ListError")

	ErrDuplicate    = ErrList.Detailed(uint8(Duplicate), "Duplicate")       // the voter is in the list
	ErrNotHeavier   = ErrList.Detailed(uint8(NotHeavier), "NotHeavier")     // the voter that should come first has no more
	ErrNotInSameBag = ErrList.Detailed(uint8(NotInSameBag), "NotInSameBag") // the voters are in different bags
	ErrNodeNotFound = ErrList.Detailed(uint8(NodeNotFound), "NodeNotFound") // the voter is not in the list
)

// Pallet is the declaration page of VoterList: its wire format, item by item.
var Pallet = &runtime.Pallet{
	Name:    name,
	Index:   index,
	Storage: []runtime.StorageItem{ListNodes, ListNodes.Counter, ListBags},
	Calls: runtime.Calls("pallet_bags_list::pallet::Call",
		runtime.NewCall[Rebag](0, "rebag", runtime.Work(7, 6)),
		runtime.NewCall[PutInFrontOf](1, "put_in_front_of", runtime.Work(10, 7)),
		runtime.NewCall[PutInFrontOfOther](2, "put_in_front_of_other", runtime.Work(10, 7)),
	).WithParams(instance...),
	Events: runtime.Events("pallet_bags_list::pallet::Event",
		runtime.Event[RebaggedEvent](0, "Rebagged"),
		runtime.Event[ScoreUpdatedEvent](1, "ScoreUpdated"),
	).WithParams(instance...),
	Errors:    runtime.Errors("pallet_bags_list::pallet::Error", ErrList).WithParams(instance...),
	Constants: []runtime.ConstantItem{BagThresholds},
}
