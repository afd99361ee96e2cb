// Package chaos runs real validators under fire and checks that nothing that
// was final is ever lost or contradicted.
//
//	go test -tags chaos -count=1 -timeout 0 -v ./test/chaos                      # each scenario, short
//	CESS_CHAOS_FULL=1 go test -tags chaos -count=1 -timeout 0 -v ./test/chaos     # as often as proves something
//	go test -tags chaos -count=1 -timeout 0 -v -run 'TestChaos/kills' ./test/chaos
//
// A Manifest is a scenario. Its nodes are processes of `cess node`, which
// reach each other only through a Mesh: a proxy for each ordered pair of nodes
// that delays, stalls, resets and cuts connections, and needs no privileges.
// Processes are killed (SIGKILL) and halted (SIGSTOP). A node's disk may be a
// small file system in memory, mounted in a mount namespace of its own, which
// takes root; without it the scenario is skipped with the reason.
//
// Clocks and slow disks need the program's help, and get it without a line in
// the program: Build compiles it with `go build -overlay`, which replaces two
// files of Go's standard library. Package syscall then maps a small file, the
// control page, that the harness writes. time.Now adds the page's offset to the
// wall clock, for every module of the program, CometBFT among them; monotonic
// time is not changed, as on a machine whose clock is set. syscall.Syscall waits
// before fsync and fdatasync for as long as the page says.
//
// Meanwhile 200 transfers per second go to all nodes. Each transfer is signed
// once and sent until it is in a block, to another node if one does not answer.
// Followers read every block of every node as it appears: a Chain compares
// hashes, state roots and extrinsics at each height, notices a head that goes
// back, and an extrinsic that is included twice. In the end every node must show
// all blocks once more, every transfer must be in one, nonces and balances must
// be what the blocks say, all nodes must stop in order, and `cess state verify`
// must find their tries whole.
//
// Each node is that of a candidate. In most scenarios all have a seat; in the soak
// seven compete for four, and elections move the seats every minute. Faults are
// drawn for the seats of the moment: partitions part them three to one and two to
// two, with the other nodes on either side, and what is killed or halted leaves a
// quorum in this session and the next, unless all are. What a group of nodes does
// that is cut off is judged block by block by the seats that decide that block:
// without a quorum of them it makes none, with one it goes on. In the end no era
// may have been prolonged by a failed election, and seats must have moved.
//
// How long the network takes to go on after a fault has ended is printed. It is
// the time until every node, with a seat or without, has a block that nobody had
// then; for processes the fault ends when they are started again. Only a generous
// bound of it is asserted: machines are loaded.
//
// The slopes of RSS and goroutines are printed for each node and for all. A
// process that is started again begins small, so that each is fitted alone: a
// straight line through the last two thirds of its life, as caches fill in the
// first, if it lived for three minutes; the mean is weighted by the time fitted.
// Kills leave many processes young: slopes by age of process show whether growth
// ends as caches are full, and in the soak one node is spared what would end its
// process.
//
// What happens follows a seed, which is printed. The environment sets:
//
//	CESS_CHAOS_SEED   the seed
//	CESS_CHAOS_FULL   1 for the full counts
//	CESS_CHAOS_COUNT  how often each fault strikes
//	CESS_CHAOS_RATE   transfers per second
//	CESS_CHAOS_SOAK   how long the soak lasts: 30m with the full counts, else there is none
//	CESS_CHAOS_BIN    a folder that keeps the programs for the next run
package chaos
