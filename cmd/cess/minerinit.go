package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gocess/gocess/internal/durable"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
)

func minerInit() *cobra.Command {
	var s minerSettings
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Prepare a miner: its folder, its key and its settings",
		Long: `Makes the folder with miner.yaml, which has the settings given here, and, unless
--key names one, a new account in miner.key. Fund the account, then start the
miner. Nothing that exists is changed.`,
		Example: `  cess miner init --home /data/cess --listen 0.0.0.0:15001 --endpoint http://203.0.113.7:15001
  cess miner init --home ./miner1 --key @secret.txt --space-tib 4 --beneficiary cXjmuHdBk4J3Zyt2oGodwGegNFaTFPcfC48PZ9NMmcUFzF6cc`,
		Args: cobra.NoArgs,
	}
	minerFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		home, err := cmd.Flags().GetString("home")
		if err != nil {
			return err
		}
		if home, err = filepath.Abs(home); err != nil {
			return err
		}
		file, keyFile := filepath.Join(home, "miner.yaml"), filepath.Join(home, "miner.key")
		for _, path := range []string{file, keyFile} {
			if _, err := os.Stat(path); err == nil {
				return fmt.Errorf("%s exists already", path)
			} else if !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		if err := durable.MkdirAll(home, 0o700); err != nil {
			return err
		}
		f := cmd.Flags()
		if err := f.Set("home", home); err != nil {
			return err
		}
		mnemonic := ""
		if !f.Changed("key") {
			if mnemonic, _, err = crypto.Generate(crypto.Sr25519, 12); err != nil {
				return err
			}
			if err := durable.WriteFile(keyFile, []byte(mnemonic+"\n"), 0o600); err != nil {
				return err
			}
			if err := f.Set("key", "@"+keyFile); err != nil {
				return err
			}
		}
		cfg, err := s.load(cmd)
		if err != nil {
			return err
		}
		if err := durable.WriteFile(file, []byte(settingsFile(f)), 0o600); err != nil {
			return err
		}
		need := sminer.CollateralLimit(types.Tebibytes(cfg.SpaceTiB))
		result := struct {
			Settings   string        `json:"settings"`
			Account    types.Address `json:"account"`
			Collateral types.Balance `json:"collateral"`
		}{file, types.Address(cfg.Signer.AccountID()), need}
		return show(cmd, result, func(w io.Writer) {
			fmt.Fprintf(w, "Settings\t%s\nAccount\t%v\nCollateral\t%s\n", file, result.Account, tokens(need))
			if mnemonic != "" {
				fmt.Fprintf(w, "Secret phrase\tin %s; keep a copy elsewhere\n", keyFile)
			}
			fmt.Fprintf(w, "\nSend the account its collateral and some TCESS for fees, then:\n  cess miner doctor -c %s\n  cess miner run -c %s\n", file, file)
		})
	}
	return cmd
}

// settingsFile is a YAML file with what was set, and the rest as comments.
func settingsFile(f *pflag.FlagSet) string {
	var b strings.Builder
	b.WriteString("# Settings of a storage miner; `cess miner run --help` explains them.\n")
	f.VisitAll(func(flag *pflag.Flag) {
		switch flag.Name {
		case "config", "help", "json":
			return
		}
		value := flag.Value.String()
		switch flag.Value.Type() {
		case "string":
			value = fmt.Sprintf("%q", value)
		case "stringSlice":
			value = strings.ReplaceAll(value, ",", ", ")
		}
		mark := "# "
		if flag.Changed || flag.Name == "node" || flag.Name == "home" {
			mark = ""
		}
		fmt.Fprintf(&b, "%s%s: %s\n", mark, flag.Name, value)
	})
	return b.String()
}
