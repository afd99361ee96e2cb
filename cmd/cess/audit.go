package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/storage/podr2"
)

func auditCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "audit", Short: "Check proofs of stored data", GroupID: "dev"}
	cmd.AddCommand(auditVerify())
	return cmd
}

// serviceProof is a version 2 proof with all that its verification needs.
type serviceProof struct {
	// Key is the tagger's public key, 193 bytes; all byte strings are 0x-hex.
	Key hexText `json:"key"`
	// Seed is the challenge's, 32 bytes.
	Seed hexText `json:"seed"`
	// Samples is the number of blocks that the challenge asked for.
	Samples uint32 `json:"samples"`
	// Fragments are the ids of the miner's fragments, in the order of the
	// challenge.
	Fragments []string `json:"fragments"`
	// Proof is the answer, 129 bytes.
	Proof hexText `json:"proof"`
}

// maxProofFile bounds a proof file: a miner of a million fragments has 70 MB
// of ids.
const maxProofFile = 128 << 20

func auditVerify() *cobra.Command {
	return &cobra.Command{
		Use:   "verify <file>",
		Short: "Check a service proof of version 2 with public data alone",
		Long: `Checks that a miner held the data that a challenge asked for. The file is JSON:
  {"key": "0x…", "seed": "0x…", "samples": 460, "fragments": ["<64 hex>", …], "proof": "0x…"}
No secret and none of the data are needed. The exit code is 0 only for a valid proof.`,
		Example: `  cess audit verify proof.json`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := readProof(args[0])
			if err != nil {
				return err
			}
			verdict, err := p.verify(cmd)
			if err != nil {
				return err
			}
			result := map[string]any{"valid": verdict == nil, "fragments": len(p.Fragments), "samples": p.Samples}
			err = show(cmd, result, func(w io.Writer) {
				if verdict == nil {
					fmt.Fprintf(w, "valid: the miner held %d sampled blocks of %d fragments\n", p.Samples, len(p.Fragments))
					return
				}
				fmt.Fprintf(w, "NOT valid: %v\n", verdict)
			})
			if err == nil && verdict != nil {
				err = errReported
			}
			return err
		},
	}
}

func readProof(path string) (*serviceProof, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	dec := json.NewDecoder(io.LimitReader(f, maxProofFile))
	dec.DisallowUnknownFields()
	var p serviceProof
	if err := dec.Decode(&p); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if dec.More() {
		return nil, fmt.Errorf("%s: more than one proof", path)
	}
	return &p, nil
}

// verify returns the verdict on the proof, or an error if the file asks no
// question that could be answered.
func (p *serviceProof) verify(cmd *cobra.Command) (verdict, err error) {
	if len(p.Seed) != len(podr2.Seed{}) {
		return nil, fmt.Errorf("seed: %d bytes instead of %d", len(p.Seed), len(podr2.Seed{}))
	}
	key, err := podr2.ParsePublicKey(p.Key)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	challenge := podr2.Challenge{Seed: podr2.Seed(p.Seed), Samples: p.Samples}
	query, err := challenge.Query(uint64(len(p.Fragments)), func(i uint64) (podr2.Name, error) {
		return podr2.ParseName(p.Fragments[i])
	})
	if err != nil {
		return nil, fmt.Errorf("challenge: %w", err)
	}
	proof, err := podr2.ParseProof(p.Proof)
	if err != nil {
		return fmt.Errorf("proof: %w", err), nil
	}
	verdict = key.Verify(cmd.Context(), query, proof)
	if ctx := cmd.Context(); errors.Is(verdict, ctx.Err()) && ctx.Err() != nil {
		return nil, verdict
	}
	return verdict, nil
}
