package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/sdk/gateway"
)

func fileGet() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "get <fid>",
		Short: "Fetch a file",
		Long: `Fetches a file through a gateway. An interrupted download goes on where it
stopped. What came is checked against the fid, so that the gateway need not be
trusted; output to - cannot be checked before it is used.`,
		Example: `  cess file get 83ee47245398adee79bd9c0a8bc57b821e92aba10f5f9ade8a5d1fae4d8c4302
  cess file get 83ee…4302 -o copy.jpg
  cess file get 83ee…4302 -o plan.pdf --cipher -
  cess file get 83ee…4302 -o - | tar x`,
		Args: cobra.ExactArgs(1),
	}
	at, cipher := gatewayFlag(cmd), cipherFlag(cmd)
	output := cmd.Flags().StringP("output", "o", "", "file to write, - for standard output (default the file's own name)")
	trust := cmd.Flags().Bool("no-verify", false, "trust the gateway: do not check the content against the fid")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		fid, err := parseFID(args[0])
		if err != nil {
			return err
		}
		password, err := cipher()
		if err != nil {
			return err
		}
		client, err := gateway.New(*at, nil)
		if err != nil {
			return err
		}
		defer client.Close()
		d := download{fid: fid, path: *output, opts: gateway.GetOptions{Cipher: password, Verify: !*trust}}
		return d.run(cmd, client)
	}
	return cmd
}

func parseFID(text string) (types.Hash, error) {
	fid, err := types.ParseHash(text)
	if err != nil {
		return fid, fmt.Errorf("fid %q: %w", text, err)
	}
	return fid, nil
}

// download is a file on its way from a gateway.
type download struct {
	fid  types.Hash
	path string
	opts gateway.GetOptions
}

func (d *download) run(cmd *cobra.Command, client *gateway.Client) error {
	ctx := cmd.Context()
	m, err := client.Stat(ctx, d.fid)
	if err != nil {
		return explainGateway(err)
	}
	if d.path == "" {
		if d.path, err = ownName(m); err != nil {
			return err
		}
	}
	began := time.Now()
	bar := startProgress(cmd, filepath.Base(d.path), int64(m.Size))
	d.opts.Progress = bar.set
	if d.path == "-" {
		err = client.Get(ctx, d.fid, cmd.OutOrStdout(), d.opts)
		bar.done()
		return explainGet(err)
	}
	err = client.GetFile(ctx, d.fid, d.path, d.opts)
	bar.done()
	if err != nil {
		return explainGet(err)
	}
	result := struct {
		FID      types.Hash `json:"fid"`
		Path     string     `json:"path"`
		Size     uint64     `json:"size"`
		Verified bool       `json:"verified"`
	}{d.fid, d.path, m.Size, d.opts.Verify}
	if err := show(cmd, result, func(w io.Writer) { fmt.Fprintln(w, d.path) }); err != nil {
		return err
	}
	say(cmd, "%s: %s in %v.", d.path, bytesText(m.Size), time.Since(began).Round(100*time.Millisecond))
	return nil
}

func explainGet(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w\n(run the same command again: it goes on where it stopped)", err)
	}
	return explainGateway(err)
}

// ownName is the name that the file's first owner gave it, as a name in this
// folder that is still free.
func ownName(m gateway.Metadata) (string, error) {
	name := m.FID
	if len(m.Owner) > 0 {
		name = safeName(m.Owner[0].FileName, m.FID)
	}
	if _, err := os.Lstat(name); err == nil {
		return "", fmt.Errorf("%s exists already: choose where to write with -o", name)
	} else if !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	return name, nil
}

// safeName keeps the last element of a name that somebody else chose, if it is
// an ordinary one.
func safeName(name, fallback string) string {
	base := filepath.Base(filepath.FromSlash(name))
	if base == "" || base[0] == '.' || base == string(filepath.Separator) {
		return fallback
	}
	for _, c := range base {
		if c < ' ' || c == 0x7f || c == '\\' || c == '�' {
			return fallback
		}
	}
	return base
}
