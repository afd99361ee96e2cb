package main

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
)

func keyCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "key", Short: "Make, inspect and use account keys", GroupID: "use"}
	cmd.AddCommand(keyNew(), keyInspect(), keySign(), keyVerify())
	return cmd
}

func schemeFlag(cmd *cobra.Command) func() (crypto.Scheme, error) {
	name := cmd.Flags().String("scheme", "sr25519", "sr25519, ed25519 or ecdsa")
	return func() (crypto.Scheme, error) { return crypto.ParseScheme(*name) }
}

type keyInfo struct {
	Mnemonic string `json:"mnemonic,omitempty"`
	Scheme   string `json:"scheme"`
	Address  string `json:"address"`
	Public   string `json:"public"`
	Account  string `json:"account"`
}

func describeKey(p crypto.Pair) keyInfo {
	account := p.AccountID()
	return keyInfo{
		Scheme:  p.Scheme().String(),
		Address: types.Address(account).String(),
		Public:  "0x" + hex.EncodeToString(p.Public()),
		Account: "0x" + hex.EncodeToString(account[:]),
	}
}

func (k keyInfo) print(w io.Writer) {
	if k.Mnemonic != "" {
		fmt.Fprintf(w, "Secret phrase\t%s\n", k.Mnemonic)
	}
	fmt.Fprintf(w, "Address\t%s\nPublic key\t%s\nAccount\t%s\nScheme\t%s\n", k.Address, k.Public, k.Account, k.Scheme)
}

func keyNew() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Make a new key",
		Example: `  cess key new
  cess key new --words 24 --store ~/.cess/keys --name savings   # asks for a passphrase`,
		Args: cobra.NoArgs,
	}
	scheme := schemeFlag(cmd)
	words := cmd.Flags().Int("words", 12, "length of the secret phrase: 12, 15, 18, 21 or 24")
	store := cmd.Flags().String("store", "", "folder of a keystore to put the key in, encrypted")
	name := cmd.Flags().String("name", "default", "name of the key in the keystore")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, err := scheme()
		if err != nil {
			return err
		}
		mnemonic, pair, err := crypto.Generate(s, *words)
		if err != nil {
			return err
		}
		if *store != "" {
			if err := storeKey(*store, *name, pair); err != nil {
				return err
			}
		}
		k := describeKey(pair)
		k.Mnemonic = mnemonic
		if err := show(cmd, k, k.print); err != nil {
			return err
		}
		say(cmd, "\nWrite the secret phrase down. Whoever knows it owns the account.")
		return nil
	}
	return cmd
}

func storeKey(dir, name string, pair crypto.Pair) error {
	ks, err := crypto.OpenKeystore(dir)
	if err != nil {
		return err
	}
	first, err := readSecret("Passphrase: ")
	if err != nil {
		return err
	}
	if first == "" {
		return errors.New("an empty passphrase would store the key in the clear")
	}
	if again, err := readSecret("Again: "); err != nil || again != first {
		return errors.Join(err, errors.New("the passphrases differ"))
	}
	return ks.Put(name, pair, first)
}

// readSecret asks on the terminal, without showing what is typed.
func readSecret(prompt string) (string, error) {
	fd := int(os.Stdin.Fd())
	if !term.IsTerminal(fd) {
		line, err := bufio.NewReader(io.LimitReader(os.Stdin, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	fmt.Fprint(os.Stderr, prompt)
	b, err := term.ReadPassword(fd)
	fmt.Fprintln(os.Stderr)
	return string(b), err
}

func keyInspect() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "inspect <secret URI | address>",
		Short: "Show the address and public key of a secret or an address",
		Example: `  cess key inspect //Alice
  cess key inspect - < phrase.txt        # keeps the secret out of the shell's history
  cess key inspect cXjmuHdBk4J3Zyt2oGodwGegNFaTFPcfC48PZ9NMmcUFzF6cc`,
		Args: cobra.ExactArgs(1),
	}
	scheme := schemeFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if account, err := types.ParseAddress(args[0]); err == nil && !strings.HasPrefix(args[0], "0x") {
			k := keyInfo{Address: types.Address(account).String(), Account: "0x" + hex.EncodeToString(account[:])}
			return show(cmd, k, func(w io.Writer) { fmt.Fprintf(w, "Address\t%s\nAccount\t%s\n", k.Address, k.Account) })
		}
		s, err := scheme()
		if err != nil {
			return err
		}
		pair, err := signer(s, args[0])
		if err != nil {
			return err
		}
		k := describeKey(pair)
		return show(cmd, k, k.print)
	}
	return cmd
}

// signer makes a key from a secret URI; `-` reads it from standard input,
// `@file` from a file.
func signer(scheme crypto.Scheme, suri string) (crypto.Pair, error) {
	if suri == "" {
		return nil, errors.New("no signing account: name one with --from, such as --from //Alice on a development network")
	}
	text, err := secretURI(suri)
	if err != nil {
		return nil, err
	}
	return pairFrom(scheme, text)
}

// secretURI reads the secret that an option names: - from standard input, @file
// from a file, else the secret itself.
func secretURI(option string) (string, error) {
	switch {
	case option == "-":
		return readSecret("Secret phrase: ")
	case strings.HasPrefix(option, "@"):
		b, err := os.ReadFile(option[1:])
		return strings.TrimSpace(string(b)), err
	}
	return option, nil
}

func pairFrom(scheme crypto.Scheme, suri string) (crypto.Pair, error) {
	pair, err := crypto.FromURI(scheme, suri)
	if err != nil {
		return nil, fmt.Errorf("secret: %w", err)
	}
	return pair, nil
}

func keySign() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "sign <text>",
		Short:   "Sign a text",
		Example: `  cess key sign "hello" --from //Alice`,
		Args:    cobra.ExactArgs(1),
	}
	scheme := schemeFlag(cmd)
	from := cmd.Flags().String("from", os.Getenv("CESS_FROM"), "secret URI of the key, - to read it, @file (CESS_FROM)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := scheme()
		if err != nil {
			return err
		}
		pair, err := signer(s, *from)
		if err != nil {
			return err
		}
		sig, err := pair.Sign([]byte(args[0]))
		if err != nil {
			return err
		}
		result := map[string]string{"signature": "0x" + hex.EncodeToString(sig)}
		return show(cmd, result, func(w io.Writer) { fmt.Fprintln(w, result["signature"]) })
	}
	return cmd
}

func keyVerify() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "verify <address> <text> <signature>",
		Short:   "Check the signature of a text",
		Example: `  cess key verify cXjmuHdBk4J3Zyt2oGodwGegNFaTFPcfC48PZ9NMmcUFzF6cc "hello" 0x…`,
		Args:    cobra.ExactArgs(3),
	}
	scheme := schemeFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := scheme()
		if err != nil {
			return err
		}
		account, err := types.ParseAddress(args[0])
		if err != nil {
			return err
		}
		sig, err := hex.DecodeString(strings.TrimPrefix(args[2], "0x"))
		if err != nil {
			return fmt.Errorf("signature: %w", err)
		}
		message := []byte(args[1])
		valid := crypto.VerifyAccount(s, account, message, sig) ||
			crypto.VerifyAccount(s, account, crypto.WrapText(message), sig)
		err = show(cmd, map[string]bool{"valid": valid}, func(w io.Writer) {
			fmt.Fprintln(w, map[bool]string{true: "valid", false: "NOT valid"}[valid])
		})
		if err == nil && !valid {
			err = errReported
		}
		return err
	}
	return cmd
}
