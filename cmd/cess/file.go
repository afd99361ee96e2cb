package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/sdk/gateway"
)

func fileCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "file", Short: "Store, fetch and look after files", GroupID: "use"}
	cmd.AddCommand(filePut(), fileGet(), fileStat(), fileList(), fileRemove())
	return cmd
}

// cipherFlag is the flag that gives a file's password.
func cipherFlag(cmd *cobra.Command) func() (string, error) {
	given := cmd.Flags().String("cipher", "", "where the file's password is: - asks for it, @file reads it")
	return func() (string, error) {
		switch {
		case *given == "":
			return "", nil
		case *given == "-":
			return readSecret("File password: ")
		case strings.HasPrefix(*given, "@"):
			b, err := os.ReadFile((*given)[1:])
			return strings.TrimRight(string(b), "\r\n"), err
		}
		return "", errors.New("a password on the command line can be seen by others: use --cipher - or --cipher @file")
	}
}

const (
	waitAccepted = "accepted"
	waitActive   = "active"
)

func filePut() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "put <path>",
		Short: "Store a file",
		Long: `Stores a file in a territory through a gateway, which needs to be authorized
(cess gateway authorize). The path - reads standard input.

With --cipher the gateway encrypts the file; it sees the content and the
password. Encrypt beforehand what it must not see.`,
		Example: `  cess file put holiday.jpg --territory photos --from //Alice
  cess file put plan.pdf --territory work --cipher - --wait active
  tar c docs | cess file put - --name docs.tar --territory work --json`,
		Args: cobra.ExactArgs(1),
	}
	from, at, cipher := fromFlag(cmd), gatewayFlag(cmd), cipherFlag(cmd)
	f := cmd.Flags()
	territory := f.String("territory", "", "territory to put it in (required)")
	name := f.String("name", "", "name of the file, 3 to 63 bytes (default that of the path)")
	wait := f.String("wait", waitAccepted, "how far to wait: accepted by the gateway, or active: stored by twelve miners")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case *territory == "":
			return errors.New("where to? Add --territory; `cess territory list` shows yours, `cess territory mint` makes one")
		case *wait != waitAccepted && *wait != waitActive:
			return fmt.Errorf("--wait %s: accepted or active is needed", *wait)
		}
		key, err := from()
		if err != nil {
			return err
		}
		if key.Scheme() != crypto.Sr25519 {
			return errors.New("gateways know sr25519 keys only")
		}
		password, err := cipher()
		if err != nil {
			return err
		}
		u := upload{territory: *territory, name: *name, cipher: password, wait: *wait}
		if err := u.open(args[0]); err != nil {
			return err
		}
		defer u.in.Close()
		client, err := gateway.New(*at, key)
		if err != nil {
			return err
		}
		defer client.Close()
		return u.run(cmd, client)
	}
	return cmd
}

// upload is a file on its way to a gateway.
type upload struct {
	territory, name, cipher, wait string

	in   *os.File
	size int64 // negative if unknown
}

func (u *upload) open(path string) (err error) {
	if path == "-" {
		if u.name == "" {
			return errors.New("standard input has no name: add --name")
		}
		u.in, u.size = os.Stdin, -1
		return nil
	}
	if u.in, err = os.Open(path); err != nil {
		return err
	}
	info, err := u.in.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = fmt.Errorf("%s is a folder: pack it first, as in `tar c %s | cess file put - --name %s.tar …`", path, path, info.Name())
	case info.Mode().IsRegular() && info.Size() == 0:
		err = fmt.Errorf("%s is empty; there is nothing to store", path)
	}
	if err != nil {
		_ = u.in.Close() // only read
		return err
	}
	u.size = -1
	if info.Mode().IsRegular() {
		u.size = info.Size()
	}
	if u.name == "" {
		u.name = filepath.Base(path)
	}
	return nil
}

func (u *upload) run(cmd *cobra.Command, client *gateway.Client) error {
	began := time.Now()
	sent := int64(0)
	bar := startProgress(cmd, u.name, u.size)
	fid, err := client.Put(cmd.Context(), u.territory, u.name, u.in, u.size, gateway.PutOptions{
		Cipher:   u.cipher,
		Progress: func(n int64) { sent = n; bar.set(n) },
	})
	bar.done()
	if err != nil {
		return explainGateway(err)
	}
	state := waitAccepted
	if u.wait == waitActive {
		if err := awaitActive(cmd, client, fid); err != nil {
			return err
		}
		state = waitActive
	}
	result := struct {
		FID       types.Hash `json:"fid"`
		Name      string     `json:"name"`
		Size      int64      `json:"size"`
		Territory string     `json:"territory"`
		State     string     `json:"state"`
	}{fid, u.name, sent, u.territory, state}
	if err := show(cmd, result, func(w io.Writer) { fmt.Fprintln(w, fid) }); err != nil {
		return err
	}
	say(cmd, "%s: %s in %v, %s.", u.name, bytesText(uint64(sent)), time.Since(began).Round(100*time.Millisecond), state)
	return nil
}

// gatewayPatience is how long a gateway may fail to tell how far an upload is.
const gatewayPatience = 30 * time.Second

// awaitActive waits until twelve miners store the file, and tells of each that
// reports its part.
func awaitActive(cmd *cobra.Command, client *gateway.Client, fid types.Hash) error {
	ctx := cmd.Context()
	seen := make(map[uint8]bool)
	answered := time.Now()
	for {
		s, err := client.Status(ctx, fid)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			// It may be busy, or be starting again.
			if time.Since(answered) > gatewayPatience {
				return explainGateway(err)
			}
		case s.State == "failed":
			return fmt.Errorf("the gateway gave up storing %v: %s", fid, s.Why)
		default:
			answered = time.Now()
			for _, c := range s.Columns {
				if c.State == "reported" && !seen[c.Index] && c.Miner != nil {
					seen[c.Index] = true
					say(cmd, "  part %2d of 12 is with miner %v  (%d stored)", c.Index, *c.Miner, len(seen))
				}
			}
			if s.State == gateway.Active {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pollEvery):
		}
	}
}

// explainGateway adds what to try to a gateway's refusal.
func explainGateway(err error) error {
	if err == nil {
		return nil
	}
	var refused *gateway.Error
	if !errors.As(err, &refused) {
		if errors.Is(err, context.Canceled) {
			return err
		}
		if errors.Is(err, gateway.ErrMismatch) {
			return fmt.Errorf("%w\n(if the file was stored with a password, give it with --cipher)", err)
		}
		if strings.Contains(err.Error(), "connection refused") {
			return fmt.Errorf("%w\n(no gateway answers there: name one with --gateway, or start a network with `cess devnet`)", err)
		}
		return err
	}
	for hint, say := range map[string]string{
		"authorize":                   "run `cess gateway authorize`",
		"purchase territory":          "the account has no such territory: see `cess territory list`, or make one with `cess territory mint`",
		"insufficient territory":      "the territory is full: a file takes 96 MiB for every 32 MiB begun",
		"remaining space":             "the territory is full: a file takes 96 MiB for every 32 MiB begun",
		"wrong cipher":                "give the password that the file was stored with",
		"The file has not been uplo":  "the chain does not know the file: check the fid, or ask the gateway that took it",
		"territory will expire soon":  "renew it: `cess tx StorageHandler.renewal_territory <name> <days>`",
		"no permission":               "the gateway does not accept the signature: is this machine's clock right?",
		"the territory is not active": "see `cess territory list`",
	} {
		if strings.Contains(refused.Msg, hint) {
			return fmt.Errorf("%w\n(%s)", err, say)
		}
	}
	return err
}
