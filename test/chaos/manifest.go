package chaos

import (
	"time"

	"github.com/gocess/gocess/ledger/genesis"
)

// Manifest is a scenario: a network and what happens to it.
type Manifest struct {
	Name string
	// Proves says in a sentence what holds if the scenario passes.
	Proves string
	// Nodes is the number of nodes, each of a candidate for a seat. Default 4.
	Nodes int
	// Seats is the number of validators. Default as many as Nodes.
	Seats int
	// BlockTime is the interval between blocks. Default 1 s.
	BlockTime time.Duration
	// Epoch is the length of a session in blocks; six are an era. Default 10.
	Epoch uint32
	// Links are the conditions of all links at all times.
	Links Conditions
	// DiskBytes, if not zero, is the size of a disk of its own for each node.
	// Where that cannot be had, a soak does without disks that are full, and
	// other scenarios are skipped.
	DiskBytes int64
	// Env is added to the environment of single nodes.
	Env map[int][]string
	// Tags are build tags of the program.
	Tags []string
	// Rate is the number of transfers per second. Default 200.
	Rate int
	// Faults strike one after the other, in random order.
	Faults []Planned
	// Soak draws faults from Faults, in proportion to their Full counts, until
	// the time of the run is over, instead of so many.
	Soak bool
	// Witness spares the last node all faults that end its process: how its memory
	// grows is seen over the whole run.
	Witness bool
	// Rest is up to how long the network is left alone between faults. Default 2 s.
	Rest time.Duration
	// Bound is how long the network may take to go on after a fault has ended:
	// every node has a block made since. It is generous, since machines are
	// loaded; the times themselves are printed. Default 90 s.
	Bound time.Duration
	// Check, if set, is asked at the end, when all nodes run.
	Check func(*World) error
}

// Planned is a fault and how often it strikes, in a short run and in one that
// proves something.
type Planned struct {
	Fault       Fault
	Short, Full int
}

func (m Manifest) complete() Manifest {
	setDefault(&m.Nodes, 4)
	setDefault(&m.Seats, m.Nodes)
	setDefault(&m.Epoch, genesis.DefaultPace.Epoch)
	setDefault(&m.BlockTime, time.Second)
	setDefault(&m.Rate, 200)
	setDefault(&m.Rest, 2*time.Second)
	setDefault(&m.Bound, 90*time.Second)
	return m
}

func setDefault[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}

// near are links within a region: 5 ms there and back, and the odd lost
// segment.
var near = Conditions{Latency: 2 * time.Millisecond, Jitter: time.Millisecond, Loss: 0.001}

// far are bad links between continents.
var far = Conditions{Latency: 80 * time.Millisecond, Jitter: 40 * time.Millisecond, Loss: 0.02, Reset: 0.0005, Bandwidth: 1 << 20}

// Manifests are all scenarios.
var Manifests = []Manifest{
	{
		Name:   "kills",
		Proves: "kill -9 of one validator, of two and of all of them loses no final block and no state; the chain goes on when they are back",
		Links:  near,
		Faults: []Planned{{Kill, 3, 100}},
	},
	{
		Name:   "partition-3-1",
		Proves: "three of four go on without the fourth, which makes no block alone and catches up when it is back",
		Links:  near,
		Faults: []Planned{{PartitionOne, 1, 20}},
	},
	{
		Name:   "partition-2-2",
		Proves: "two halves make no block, neither of them, and go on together when they are one again",
		Links:  near,
		Faults: []Planned{{PartitionHalves, 1, 20}},
	},
	{
		Name:   "stop",
		Proves: "a validator that hangs for a while (SIGSTOP) goes on with the others",
		Links:  near,
		Faults: []Planned{{Stop, 1, 20}},
	},
	{
		Name:   "links",
		Proves: "slow, lossy and breaking links, and links that fail in one direction, do not part the chain",
		Links:  near,
		Faults: []Planned{{BadLinks, 1, 10}, {OneWay, 1, 10}},
	},
	{
		Name:   "clock",
		Proves: "a validator whose clock jumps by an hour, there and back, keeps deciding blocks with the others",
		Links:  near,
		Faults: []Planned{{ClockJump, 2, 10}},
	},
	{
		Name:      "disk-full",
		Proves:    "a validator without space on its disk says so and stops, or waits; with space it goes on and has lost nothing",
		Links:     near,
		DiskBytes: 192 << 20,
		Faults:    []Planned{{DiskFull, 1, 5}},
	},
	{
		Name:   "slow-disk",
		Proves: "a validator whose disk takes up to half a second to sync does not stop the chain",
		Links:  near,
		Faults: []Planned{{SlowDisk, 1, 10}},
	},
	byzantine("double-vote",
		"who votes twice in a round is reported by the others, slashed by the formula, and loses its vote; the chain goes on",
		convicted),
	byzantine("invalid-extension", "vote extensions with wrong proofs do not stop the chain", withoutRandomness),
	byzantine("withheld-extension", "a validator that gives no randomness does not stop the chain", withoutRandomness),
	byzantine("equivocating-proposals", "a proposer that shows half of the others another block forks nothing", unpunished),
	{
		Name:      "soak",
		Proves:    "all of it in any order, while seven candidates take turns in four seats; elections go on",
		Nodes:     7,
		Seats:     4,
		Links:     near,
		DiskBytes: 1 << 30,
		Soak:      true,
		Witness:   true,
		Rest:      8 * time.Second,
		Faults: []Planned{
			{Kill, 2, 2}, {PartitionOne, 2, 2}, {PartitionHalves, 2, 2}, {Stop, 2, 2}, {BadLinks, 2, 2},
			{OneWay, 2, 2}, {ClockJump, 2, 2}, {SlowDisk, 2, 2}, {DiskFull, 1, 1},
		},
		Check: rotated,
	},
}
