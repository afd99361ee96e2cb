package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/nodes/tee"
	"github.com/gocess/gocess/primitives/crypto"
)

func teeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "tee",
		Short: "Run a TEE worker",
		Long: `A TEE worker tags fragments, certifies idle space and judges the proofs of miners.
The first worker of a network makes the keys that all workers share; later ones
get them from it, encrypted, over the chain.`,
		Example: `  cess tee init --home ./tee
  cess tee run --home ./tee --key @tee.secret --stash-key @stash.secret
  cess tee status`,
		GroupID: "run",
	}
	cmd.AddCommand(teeRun(), teeInit(), teeKeys(), teeStatus())
	return cmd
}

// sealFlag declares --seal-key and returns what reads it.
func sealFlag(cmd *cobra.Command) {
	cmd.Flags().String("seal-key", "", "file with the 64 hexadecimal digits that keys on disk are encrypted with (default: not encrypted, mode 0600)")
}

// sealerOf makes the protection of keys on disk from --seal-key.
func sealerOf(path string) (tee.Sealer, error) {
	if path == "" {
		return tee.Unsealed{}, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--seal-key: %w", err)
	}
	key, err := hex.DecodeString(string(bytes.TrimSpace(text)))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("--seal-key: %s does not hold 64 hexadecimal digits", path)
	}
	return tee.NewKeySealer([32]byte(key))
}

func teeInit() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make the keys of a TEE worker",
		Long: `Makes the identity of a worker for the chain that --node is on, and prints its
public key. Running it again changes nothing.`,
		Example: `  cess tee init --home ./tee
  cess tee init --home ./tee --seal-key /run/keys/tee --json`,
		Args: cobra.NoArgs,
	}
	home := cmd.Flags().String("home", "cess-tee", "the worker's folder")
	identity := cmd.Flags().String("identity", "", "secret URI of the worker's key, for development networks (default: a new key)")
	sealFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		seal, err := cmd.Flags().GetString("seal-key")
		if err != nil {
			return err
		}
		sealer, err := sealerOf(seal)
		if err != nil {
			return err
		}
		var pair crypto.Pair
		if *identity != "" {
			if pair, err = signer(crypto.Sr25519, *identity); err != nil {
				return fmt.Errorf("--identity: %w", err)
			}
		}
		c, err := dial(cmd)
		if err != nil {
			return err
		}
		defer c.Close()
		keys, err := tee.Init(*home, sealer, c.Genesis(), pair)
		if err != nil {
			return err
		}
		if err := showKeys(cmd, keys); err != nil {
			return err
		}
		say(cmd, "Next: bond a stash (cess tx Staking.bond), then cess tee run --home %s --stash-key <secret of the stash> --key <payer>", *home)
		return nil
	}
	return cmd
}

func teeKeys() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Show the public keys in a worker's folder",
		Example: `  cess tee keys --home ./tee
  cess tee keys --home ./tee --json`,
		Args: cobra.NoArgs,
	}
	home := cmd.Flags().String("home", "cess-tee", "the worker's folder")
	sealFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		seal, err := cmd.Flags().GetString("seal-key")
		if err != nil {
			return err
		}
		sealer, err := sealerOf(seal)
		if err != nil {
			return err
		}
		keys, err := tee.ReadKeys(*home, sealer)
		if err != nil {
			return err
		}
		return showKeys(cmd, keys)
	}
	return cmd
}

func showKeys(cmd *cobra.Command, k *tee.Keys) error {
	type shown struct {
		Identity string   `json:"identity"`
		Chain    string   `json:"chain"`
		Masters  []string `json:"masterKeys"`
		Tagger   string   `json:"taggerKey,omitempty"` // identifier
	}
	s := shown{Identity: hex.EncodeToString(k.Identity[:]), Chain: hex.EncodeToString(k.Genesis[:]), Masters: []string{}}
	for _, m := range k.Masters {
		s.Masters = append(s.Masters, hex.EncodeToString(m[:]))
	}
	if k.Tagger != nil {
		s.Tagger = k.Tagger.ID().String()
	}
	return show(cmd, s, func(w io.Writer) {
		fmt.Fprintf(w, "identity\t%s\nchain\t%s\n", s.Identity, s.Chain)
		for _, m := range s.Masters {
			fmt.Fprintf(w, "master key\t%s\n", m)
		}
		if s.Tagger != "" {
			fmt.Fprintf(w, "tagger key\t%s\n", s.Tagger)
		}
	})
}
