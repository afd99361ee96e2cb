package rpc_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/rpc"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/ss58"
	"github.com/gocess/gocess/primitives/substrate"
)

// TestScripts runs the exchanges in testdata against a ledger of three blocks,
// of which block 2 holds a transfer. A script's lines are
//
//	# comment
//	> method params         params is a JSON array; none is the empty one
//	< result                or  <! error object
//
// $name stands for a value of variables, as a JSON string; … matches anything.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			n := startNode(t, rpc.Config{Version: "1.2.3-test", ChainName: "cess-test"})
			runScript(t, n, variables(n).Replace(string(text)))
		})
	}
}

// variables makes the blocks that scripts speak of.
func variables(n *node) *strings.Replacer {
	n.t.Helper()
	transfer := n.transfer(0, 0)
	n.produce()
	if _, err := n.pool.Submit(n.t.Context(), transfer); err != nil {
		n.t.Fatal(err)
	}
	n.produce()
	best := n.produce()
	pending := n.transfer(1, 7)
	if _, err := n.pool.Submit(n.t.Context(), pending); err != nil {
		n.t.Fatal(err)
	}
	hashAt := func(number uint32) string {
		h, err := n.chain.HashAt(number)
		if err != nil {
			n.t.Fatal(err)
		}
		return quoted(h)
	}
	block1, err := n.chain.Block(1)
	if err != nil {
		n.t.Fatal(err)
	}
	alice, bob := n.alice.AccountID(), n.bob.AccountID()
	nobody := substrate.AccountID{0xee}
	pendingHash := crypto.Blake2b256(pending)
	v14, err := n.rt.MetadataV14()
	if err != nil {
		n.t.Fatal(err)
	}
	return strings.NewReplacer(
		"$genesis", hashAt(0), "$hash1", hashAt(1), "$hash2", hashAt(2), "$best", quoted(best.Hash),
		"$unknown", quoted(substrate.H256{0x77}),
		"$transfer", hexes(transfer), "$pendingHash", quoted(pendingHash), "$pending", hexes(pending),
		"$timestamp1", hexes(block1.Body[0]),
		"$aliceSS58", `"`+ss58.Encode(ss58.CESS, alice[:])+`"`, "$aliceKusama", `"`+ss58.Encode(2, alice[:])+`"`,
		"$aliceID", hexes(alice[:]), "$nobodyID", hexes(nobody[:]),
		"$aliceKey", hexes(system.Accounts.Key(alice)), "$stashKey", hexes(system.Accounts.Key(pair(n.t, "//Alice//stash").AccountID())), "$bobKey", hexes(system.Accounts.Key(bob)),
		"$faucetKey", potKey(types.FaucetPot), "$punishmentKey", potKey(types.PunishmentPot), "$reserveKey", potKey(types.ReservePot),
		"$treasuryKey", potKey(substrate.PalletID([]byte("py/trsry"))), "$spaceKey", potKey(types.SpacePot), "$rewardKey", potKey(types.RewardPot),
		"$accounts", hexes(system.Accounts.Prefix()), "$nobodyKey", hexes(system.Accounts.Key(nobody)),
		"$events", hexes(system.Events.Key()), "$metadataV14", hexes(v14),
	)
}

// potKey is the key of a pot's account: genesis gives pots their existential
// deposit.
func potKey(pot substrate.PalletID) string {
	return hexes(system.Accounts.Key(substrate.AccountOfPallet(pot)))
}

func runScript(t *testing.T, n *node, script string) {
	c := n.dial()
	var request string
	for number, line := range strings.Split(script, "\n") {
		switch {
		case line == "", strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "> "):
			request = line[2:]
		case strings.HasPrefix(line, "<! "), strings.HasPrefix(line, "< "):
			kind, want, _ := strings.Cut(line, " ")
			envelope := `{"jsonrpc":"2.0","id":1,"result":` + want + `}`
			if kind == "<!" {
				envelope = `{"jsonrpc":"2.0","id":1,"error":` + want + `}`
			}
			method, params, _ := strings.Cut(request, " ")
			if got := c.call(method, params); !matches(envelope, got) {
				t.Errorf("line %d: %.200s\n got %.2000s\nwant %.2000s", number+1, request, got, envelope)
			}
		default:
			t.Fatalf("line %d is neither request nor answer: %s", number+1, line)
		}
	}
}

func matches(pattern, text string) bool {
	if !strings.Contains(pattern, "…") {
		return pattern == text
	}
	parts := strings.Split(pattern, "…")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile(`^` + strings.Join(parts, `.*`) + `$`).MatchString(text)
}
