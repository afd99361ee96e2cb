package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/miner"
)

func minerCheck() *cobra.Command {
	var s minerSettings
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check all that a miner keeps: fragments, tags, idle files",
		Long: `Reads everything in a miner's folder and reports what is damaged. While the miner
runs it is asked to do so itself, and also reports what the chain counts as its own
and is not there. With --proof it also makes proofs for
random questions and verifies them as the network would.

It fails if anything is wrong; a running miner repairs that by itself.`,
		Example: `  cess miner check -c miner.yaml
  cess miner check --home ./miner1 --key //Miner1 --proof --json`,
		Args: cobra.NoArgs,
	}
	minerFlags(cmd)
	proof := cmd.Flags().Bool("proof", false, "also make and verify proofs for random questions")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := s.load(cmd)
		if err != nil {
			return err
		}
		o := miner.CheckOptions{Proof: *proof, Tags: true}
		if onTerminal() && !asJSON(cmd) {
			o.Progress = func(format string, args ...any) {
				fmt.Fprintf(cmd.ErrOrStderr(), "\r\033[K"+format, args...)
			}
		}
		report, err := miner.CheckFolder(cmd.Context(), cfg.Home, cfg.Signer.AccountID(), o)
		if errors.Is(err, miner.ErrInUse) {
			report, err = askCheck(cmd.Context(), cfg, *proof)
		}
		if o.Progress != nil {
			fmt.Fprint(cmd.ErrOrStderr(), "\r\033[K")
		}
		if err != nil {
			return err
		}
		if err := show(cmd, report, func(w io.Writer) {
			fmt.Fprintf(w, "Fragments\t%d, %d of them tagged\nIdle files\t%d\n", report.Fragments, report.Tagged, report.IdleFiles)
			for _, p := range report.Proofs {
				fmt.Fprintf(w, "Proven\t%s\n", p)
			}
			for _, p := range report.Problems {
				fmt.Fprintf(w, "Problem\t%s\n", p)
			}
			if report.NotCompared != "" {
				fmt.Fprintf(w, "Not compared\twith the chain's list of fragments: %s\n", report.NotCompared)
			}
		}); err != nil {
			return err
		}
		if n := len(report.Problems); n > 0 {
			if asJSON(cmd) {
				return errReported
			}
			return fmt.Errorf("%d problems were found", n)
		}
		return nil
	}
	return cmd
}

// askCheck has the running miner check itself.
func askCheck(ctx context.Context, cfg miner.Config, proof bool) (*miner.CheckReport, error) {
	body, err := json.Marshal(map[string]bool{"proof": proof})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+cfg.Listen+"/check", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	message := strconv.FormatInt(time.Now().Add(time.Minute).UnixMilli(), 10)
	signature, err := cfg.Signer.Sign([]byte(message))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Account", types.Address(cfg.Signer.AccountID()).String())
	req.Header.Set("Message", message)
	req.Header.Set("Signature", hex.EncodeToString(signature))
	report := new(miner.CheckReport)
	if err := askMiner(req, report); err != nil {
		return nil, fmt.Errorf("the folder is in use, and at %s: %w", cfg.Listen, err)
	}
	return report, nil
}

// maxAnswer bounds a miner's answer.
const maxAnswer = 16 << 20

// askMiner does a request to a miner's HTTP API and reads the data of its
// answer.
func askMiner(req *http.Request, to any) error {
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return err
	}
	var e struct {
		Code int             `json:"code"`
		Msg  string          `json:"msg"`
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(b, &e); err != nil {
		return fmt.Errorf("no miner answers: HTTP status %s", resp.Status)
	}
	if e.Code != http.StatusOK {
		return fmt.Errorf("the miner answers %d: %s", e.Code, e.Msg)
	}
	return json.Unmarshal(e.Data, to)
}
