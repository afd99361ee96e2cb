package validator

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/gocess/gocess/internal/version"
	"github.com/gocess/gocess/ledger/consensus"
	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/ledger/types"
)

// StatusMethod is the JSON-RPC method that answers with a Status. It is unsafe:
// for callers on the node's own machine.
const StatusMethod = "cess_nodeStatus"

// Status is what a node tells its operator.
type Status struct {
	Version string `json:"version"`
	NodeID  string `json:"nodeId"`
	Home    string `json:"home"`
	// Keystore is the folder of session keys.
	Keystore string `json:"keystore"`
	// VotingKeys are the grandpa keys that the node has, in hex.
	VotingKeys []string `json:"votingKeys"`
	// Height is the newest block of the node, Highest that of its peers.
	Height     uint32 `json:"height"`
	Highest    uint32 `json:"highest"`
	CatchingUp bool   `json:"catchingUp"`
	// OutOfReach says why the node cannot get the blocks that it lacks, and what to
	// do; empty while it can.
	OutOfReach string `json:"outOfReach,omitempty"`
	Peers      int    `json:"peers"`
	// Deciding are the grandpa keys whose votes decide the next block, in hex.
	Deciding []string `json:"deciding"`
	// Voting says that one of them is the node's, VotingKey which.
	Voting    bool          `json:"voting"`
	VotingKey string        `json:"votingKey,omitempty"`
	Stash     types.Address `json:"stash"`
	// VoteHeight and VoteRound are what the node voted in last.
	VoteHeight uint32 `json:"voteHeight"`
	VoteRound  int32  `json:"voteRound"`
	// Signed and Missed count blocks since the node started; Foreign votes were
	// signed by another node with the same key.
	Signed      uint64 `json:"signed"`
	Missed      uint64 `json:"missed"`
	LastMissed  uint32 `json:"lastMissed"`
	Foreign     uint64 `json:"foreign"`
	LastForeign uint32 `json:"lastForeign"`
	// DiskFree is what is left on the disk of Home, in bytes.
	DiskFree uint64 `json:"diskFree"`
	// Life tells how the proofs of life go of the candidates that the node serves.
	Life []LifeStatus `json:"life"`
}

func (n *Node) statusMethod(home string) jsonrpc.Method {
	return jsonrpc.Method{Name: StatusMethod, Unsafe: true, Handler: func(_ context.Context, _ *jsonrpc.Call, dst []byte) ([]byte, error) {
		s, err := n.Status(home)
		if err != nil {
			return dst, err
		}
		b, err := json.Marshal(s)
		return append(dst, b...), err
	}}
}

// Status is what the node, whose folder is home, does.
func (n *Node) Status(home string) (*Status, error) {
	keys, err := n.keys.votingKeys()
	if err != nil {
		return nil, err
	}
	sync, duty := n.node.Sync(), n.node.Duty()
	s := &Status{
		Version: version.Text(), NodeID: n.node.ID(), Home: home, Keystore: n.keys.Dir(), VotingKeys: keys,
		Height: sync.Current, Highest: sync.Highest, CatchingUp: sync.CatchingUp, Peers: sync.Peers,
		Deciding: []string{}, Voting: duty.Voting, Stash: types.Address(duty.Validator.Account),
		VoteHeight: duty.Height, VoteRound: duty.Round, Signed: duty.Signed, Missed: duty.Missed, LastMissed: duty.LastMissed,
		Foreign: duty.Foreign, LastForeign: duty.LastForeign,
		Life: n.life.status(),
	}
	if err := outOfReach(sync); err != nil {
		s.OutOfReach = err.Error()
	}
	if duty.Voting {
		s.VotingKey = hexKey(duty.Validator.Grandpa[:])
	}
	for _, v := range n.node.Deciding() {
		s.Deciding = append(s.Deciding, hexKey(v.Grandpa[:]))
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(home, &fs); err != nil {
		return nil, fmt.Errorf("free space of %s: %w", home, err)
	}
	s.DiskFree = fs.Bavail * uint64(fs.Bsize)
	return s, nil
}

// Ready says why the node cannot get the newest blocks of its chain although it
// runs, nil if it knows of no reason.
func (n *Node) Ready() error { return outOfReach(n.node.Sync()) }

func outOfReach(s consensus.SyncState) error {
	if s.Oldest == 0 {
		return nil
	}
	return fmt.Errorf("no peer has block %d; peers begin at block %d: start with a new --home and with --state-sync, --trust-height and "+
		"--trust-hash, or name in --peers a node that keeps all blocks", s.Current+1, s.Oldest)
}

func hexKey(public []byte) string { return "0x" + hex.EncodeToString(public) }
