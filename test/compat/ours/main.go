// Command ours reads a chain's state with the project's own SDK, for tests that
// hold what another SDK reads against it. It answers each line of its input, a
// question, with a line of JSON:
//
//	ours ws://127.0.0.1:9944
//	{"item":"Sminer.MinerItems","keys":["0x…"],"at":"0x…"}   a value; keys are SCALE
//	{"list":"Oss.Oss","at":"0x…"}                            a whole map
//	{"outcome":"0x…","signer":"0x…"}                         how a signer's extrinsic of a block ended
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	_ "github.com/gocess/gocess/ledger/pallets" // calls and errors of all pallets
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "ours:", err)
		os.Exit(1)
	}
}

type question struct {
	Item, List string
	Keys       []hexBytes
	At         *substrate.H256

	Outcome *substrate.H256
	Signer  *substrate.AccountID
}

// answer holds what the SDK decoded, encoded again.
type answer struct {
	Set   bool       `json:"set"`
	Scale hexBytes   `json:"scale,omitempty"`
	List  []hexBytes `json:"list,omitempty"`
	// Outcome is "" for an extrinsic that succeeded, else its error's name.
	Outcome string `json:"outcome"`
	Error   string `json:"error,omitempty"`
}

func run(ctx context.Context) error {
	if len(os.Args) != 2 {
		return fmt.Errorf("usage: ours <ws://host:port>")
	}
	c, err := sdk.Dial(ctx, os.Args[1])
	if err != nil {
		return err
	}
	defer c.Close()
	in, out := bufio.NewScanner(os.Stdin), json.NewEncoder(os.Stdout)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var q question
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			return err
		}
		a, err := reply(ctx, c, q)
		if err != nil {
			a = answer{Error: err.Error()}
		}
		if err := out.Encode(a); err != nil {
			return err
		}
	}
	return in.Err()
}

func reply(ctx context.Context, c *sdk.Client, q question) (answer, error) {
	at := c.Best()
	if q.At != nil {
		at = c.At(*q.At)
	}
	switch {
	case q.Outcome != nil && q.Signer != nil:
		return outcome(ctx, c, *q.Outcome, *q.Signer)
	case q.List != "":
		read, ok := lists[q.List]
		if !ok {
			return answer{}, fmt.Errorf("no list %q", q.List)
		}
		values, err := read(ctx, at)
		return answer{Set: true, List: values}, err
	}
	read, ok := items[q.Item]
	if !ok {
		return answer{}, fmt.Errorf("no item %q", q.Item)
	}
	value, set, err := read(ctx, at, q.Keys)
	return answer{Set: set, Scale: value}, err
}

// outcome finds the last extrinsic of a signer in a block.
func outcome(ctx context.Context, c *sdk.Client, block substrate.H256, signer substrate.AccountID) (answer, error) {
	body, err := c.Body(ctx, block)
	if err != nil {
		return answer{}, err
	}
	index := -1
	for i, raw := range body {
		x, err := runtime.DecodeExtrinsic(raw)
		if err != nil || x.Signature == nil {
			continue
		}
		if who, ok := x.Signature.Address.ID(); ok && who == signer {
			index = i
		}
	}
	if index < 0 {
		return answer{}, fmt.Errorf("block %v holds nothing of %v", block, signer)
	}
	records, err := sdk.Get(ctx, c.At(block), system.Events)
	if err != nil {
		return answer{}, err
	}
	for _, record := range records {
		if i, ok := record.Phase.Extrinsic(); !ok || int(i) != index {
			continue
		}
		switch e := record.Event.Event.(type) {
		case system.ExtrinsicFailedEvent:
			return answer{Set: true, Outcome: runtime.ErrorName(e.DispatchError)}, nil
		case system.ExtrinsicSuccessEvent:
			return answer{Set: true}, nil
		}
	}
	return answer{}, fmt.Errorf("extrinsic %d of block %v has no outcome", index, block)
}
