// Package consensus runs the ledger: CometBFT in process, the ABCI application
// that turns its decisions into Substrate blocks, and the pool that feeds it.
//
//	node, err := consensus.New(cfg)
//	err = node.Start(ctx)
//	defer node.Close()
//	feed := node.Chain().Subscribe()
//	hash, err := node.Pool().Submit(ctx, extrinsic)
//
// One CometBFT block is one Substrate block. It is executed when it is
// proposed, checked or decided, whichever comes first; later steps find the
// result in memory. Its header is derived from the execution on every node
// alike, and CometBFT's own header carries only the state root as app hash.
// Committed means durable: state, header, body and consensus' own record are
// one atomic synced batch, so that a crash at any instant leaves either the
// block or its parent, and CometBFT replays what is missing. Blocks that are
// fetched from peers become durable a few at a time, after CometBFT's own copy.
//
// The mapping is specified in spec/consensus.md §9. Types of CometBFT do not
// leave this package.
package consensus
