package tee

import "github.com/gocess/gocess/storage/pois/wire"

// The services, by the names of upstream; the last two are ours.
const (
	ServicePubkeys       = "ceseal.pubkeys.CesealPubkeysProvider"
	ServicePoisCertifier = "pois.PoisCertifierApi"
	ServicePoisVerifier  = "pois.PoisVerifierApi"
	ServicePodr2         = "podr2.Podr2Api"
	ServicePodr2Verifier = "podr2.Podr2VerifierApi"
	ServiceTaggerV2      = "cess.podr2.v2.Tagger"
	ServiceVerifierV2    = "cess.podr2.v2.Verifier"
)

// Bounds of requests, in bytes.
const (
	small     = 4 << 10
	maxCommit = 64 << 10        // 513 roots and 256 numbers
	maxWalk   = 48 << 20        // commit proof with all paths: 24 MB with production parameters
	maxSpace  = 8 << 20         // 256 files with 8 paths each and their witnesses
	maxBlocks = 16 << 20        // 65,536 verified blocks
	maxTag    = 8<<20 + 128<<10 // a fragment and 1,000 digests
	maxLinks  = 16 << 20        // aggregation: 4 kB for each batch
)

// Keys of the worker and of the network.
var (
	IdentityPubkey = Method[KeyRequest, KeyReply]{ServicePubkeys, "get_identity_pubkey", small}
	MasterPubkey   = Method[KeyRequest, KeyReply]{ServicePubkeys, "get_master_pubkey", small}
	Podr2Pubkey    = Method[KeyRequest, KeyReply]{ServicePubkeys, "get_podr2_pubkey", small}
)

// Certification of idle space.
var (
	NewMinerKey     = Method[wire.RequestMinerInitParam, wire.ResponseMinerInitParam]{ServicePoisCertifier, "request_miner_get_new_key", small}
	CommitChallenge = Method[wire.RequestMinerCommitGenChall, wire.Challenge]{ServicePoisCertifier, "request_miner_commit_gen_chall", maxCommit}
	VerifyCommit    = Method[wire.RequestVerifyCommitAndAccProof, wire.ResponseVerifyCommitOrDeletionProof]{ServicePoisCertifier, "request_verify_commit_proof", maxWalk}
	VerifyDeletion  = Method[wire.RequestVerifyDeletionProof, wire.ResponseVerifyCommitOrDeletionProof]{ServicePoisCertifier, "request_verify_deletion_proof", maxCommit}
)

// Challenges on idle space.
var (
	VerifySpaceBlock = Method[wire.RequestSpaceProofVerify, wire.ResponseSpaceProofVerify]{ServicePoisVerifier, "request_space_proof_verify_single_block", maxSpace}
	VerifySpaceTotal = Method[wire.RequestSpaceProofVerifyTotal, wire.ResponseSpaceProofVerifyTotal]{ServicePoisVerifier, "request_verify_space_total", maxBlocks}
)

// PoDR² version 1.
var (
	GenTag             = Method[GenTagRequest, GenTagReply]{ServicePodr2, "request_gen_tag", maxTag}
	Echo               = Method[EchoMessage, EchoMessage]{ServicePodr2, "Echo", small}
	BatchVerify        = Method[BatchVerifyRequest, BatchVerifyReply]{ServicePodr2Verifier, "request_batch_verify", MaxMessage}
	AggregateSignature = Method[AggregateRequest, AggregateReply]{ServicePodr2Verifier, "request_aggregate_signature", maxLinks}
)

// PoDR² version 2.
var (
	TaggerKey = Method[Empty, TaggerKeyReply]{ServiceTaggerV2, "Key", small}
	TagV2     = Method[TagV2Request, TagV2Reply]{ServiceTaggerV2, "Tag", maxTag}
	VerifyV2  = Method[VerifyV2Request, VerifyV2Reply]{ServiceVerifierV2, "Verify", small}
)
