package babe

import (
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// engine names BABE in digests.
var engine = substrate.EngineID{'B', 'A', 'B', 'E'}

// consensusLog is what a digest tells followers of epochs (spec/consensus.md
// §2.2).
type consensusLog interface{ consensusLog() }

type (
	nextEpochData struct {
		Authorities []Authority
		Randomness  [32]byte
	}
	onDisabled     struct{ Authority uint32 }
	nextConfigData struct{ Config NextConfigDescriptor }
)

func (nextEpochData) consensusLog()  {}
func (onDisabled) consensusLog()     {}
func (nextConfigData) consensusLog() {}

var _ = scale.RegisterEnum[consensusLog](
	scale.TypeInfo{Path: "sp_consensus_babe::ConsensusLog"},
	scale.V[consensusLog, nextEpochData](1, "NextEpochData"),
	scale.V[consensusLog, onDisabled](2, "OnDisabled"),
	scale.V[consensusLog, nextConfigData](3, "NextConfigData"),
)

func deposit(ctx *runtime.Context, log consensusLog) {
	system.DepositLog(ctx, substrate.DigestItem{
		Kind: substrate.DigestConsensus, Engine: engine, Data: scale.MustMarshal(log),
	})
}
