package electionprovidermultiphase

import (
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// RawSolution is a solution as it is submitted.
type RawSolution struct {
	Solution Solution      `type:"S"`
	Score    ElectionScore `type:"ElectionScore"`
	Round    uint32        `type:"u32"`
}

func (RawSolution) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: path("RawSolution"), Params: []scale.Param{{Name: "S", Type: scale.TypeOf[Solution]()}}}
}

// Share is the part of a voter's votes that a target gets; both are indices into
// a snapshot.
type Share struct {
	Target uint16           `scale:"_,compact"`
	Part   substrate.PerU16 `scale:"_,compact"`
}

// Single is a voter with one target.
type Single struct {
	Voter  uint32 `scale:"_,compact"`
	Target uint16 `scale:"_,compact"`
}

// Pair is a voter with two targets; Last gets what is left.
type Pair struct {
	Voter uint32 `scale:"_,compact"`
	First Share  `scale:"_"`
	Last  uint16 `scale:"_,compact"`
}

// Split is a voter with more targets, as many as Shares has and one; Last gets
// what is left.
type Split[Shares any] struct {
	Voter  uint32 `scale:"_,compact"`
	Shares Shares `scale:"_"`
	Last   uint16 `scale:"_,compact"`
}

// Solution spreads votes over winners, voters by how many targets they have.
type Solution struct {
	Votes1  []Single
	Votes2  []Pair
	Votes3  []Split[[2]Share]
	Votes4  []Split[[3]Share]
	Votes5  []Split[[4]Share]
	Votes6  []Split[[5]Share]
	Votes7  []Split[[6]Share]
	Votes8  []Split[[7]Share]
	Votes9  []Split[[8]Share]
	Votes10 []Split[[9]Share]
	Votes11 []Split[[10]Share]
	Votes12 []Split[[11]Share]
	Votes13 []Split[[12]Share]
	Votes14 []Split[[13]Share]
	Votes15 []Split[[14]Share]
	Votes16 []Split[[15]Share]
}

func (Solution) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "cess_node_runtime::NposSolution16"}
}
