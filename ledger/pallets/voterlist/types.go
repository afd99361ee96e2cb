package voterlist

import (
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

type accountID = substrate.AccountID

// Node is a voter in its bag.
type Node struct {
	ID       substrate.AccountID               `type:"T::AccountId"`
	Prev     scale.Option[substrate.AccountID] `type:"Option<T::AccountId>"`
	Next     scale.Option[substrate.AccountID] `type:"Option<T::AccountId>"`
	BagUpper uint64                            `type:"T::Score"`
	Score    uint64                            `type:"T::Score"` // votes
}

// Bag is a list of voters, the first to come first.
type Bag struct {
	Head scale.Option[substrate.AccountID] `type:"Option<T::AccountId>"`
	Tail scale.Option[substrate.AccountID] `type:"Option<T::AccountId>"`
}

// instance are the type parameters of an instantiable pallet.
var instance = []scale.Param{{Name: "T"}, {Name: "I"}}

func (Node) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_bags_list::list::Node", Params: instance}
}

func (Bag) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_bags_list::list::Bag", Params: instance}
}

// ListError says why a voter cannot be moved; the detail of the error List.
type ListError uint8

// The values of ListError.
const (
	Duplicate    ListError = 0
	NotHeavier   ListError = 1
	NotInSameBag ListError = 2
	NodeNotFound ListError = 3
)

func (ListError) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_bags_list::list::ListError", Variants: []scale.VariantInfo{
		{Index: uint8(Duplicate), Name: "Duplicate"},
		{Index: uint8(NotHeavier), Name: "NotHeavier"},
		{Index: uint8(NotInSameBag), Name: "NotInSameBag"},
		{Index: uint8(NodeNotFound), Name: "NodeNotFound"},
	}}
}

// RebaggedEvent reports a voter that moved to another bag; from and to are the
// upper ends of the bags.
type RebaggedEvent struct {
	Who  substrate.AccountID `type:"T::AccountId"`
	From uint64              `type:"T::Score"`
	To   uint64              `type:"T::Score"`
}

// ScoreUpdatedEvent reports a voter's new score, in votes.
type ScoreUpdatedEvent struct {
	Who      substrate.AccountID `type:"T::AccountId"`
	NewScore uint64              `type:"T::Score"`
}
