//go:build e2e

package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gocess/gocess/devnet"
	"github.com/gocess/gocess/internal/devkit"
	"github.com/gocess/gocess/ledger/genesis"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/storage/segment"
)

// cheatEnv names the miners that cheat, and how, to a program that was built
// with the tag cheat.
const cheatEnv = "CESS_MINER_CHEAT"

// missLimit is the number of challenges in a row that may go without a proof.
const missLimit = 3

// minerPorts is how far the miners' ports are from a network's first one.
const minerPorts = 10

// cheatBinary builds a cess whose miners can cheat.
func cheatBinary(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cess")
	build := exec.CommandContext(within(t, 15*time.Minute), "go", "build", "-tags", "cheat", "-o", path, "../../cmd/cess")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build cess with cheating miners: %v\n%s", err, out)
	}
	return path
}

// startCheaters runs a network in which the miners from the first on cheat in
// these ways and the others do not. Nobody is challenged unless the test says
// so; a challenge is over within two minutes.
func startCheaters(t *testing.T, miners int, ways []string) *devkit.Network {
	t.Helper()
	t.Setenv(devkit.BinaryEnv, cheatBinary(t))
	var named []string
	for i, way := range ways {
		named = append(named, types.Address(key(t, devnet.MinerSURI(i+1)).AccountID()).String()+"="+way)
	}
	t.Setenv(cheatEnv, strings.Join(named, ","))
	dir, ports := t.TempDir(), devkit.FreePorts(t, minerPorts+miners)
	err := devnet.Prepare(devnet.Config{Dir: dir, Miners: miners, PortBase: ports, Pace: genesis.FastPace}, func(spec *genesis.Spec) {
		for name, v := range map[string]int{
			"Audit.ChallengePeriod": 0,
			"Audit.MissLimit":       missLimit,
			"Audit.ProveTime":       30,
			"Audit.VerifyTime":      15,
			"Podr2.DisputePeriod":   5,
			"Podr2.Samples":         samples,
		} {
			spec.Constants[name] = []byte(fmt.Sprint(v))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return devkit.Start(t, devkit.Config{Dir: dir, Miners: miners, PortBase: ports})
}

// place stores a file without a gateway, so that the test decides about its
// miners: the i-th of the nodes gets column i.
func (u *user) place(t *testing.T, territory string, file content, nodes []*devkit.Node) types.Hash {
	t.Helper()
	dir := t.TempDir()
	sink, err := segment.NewDirSink(dir)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := segment.Encode(within(t, 5*time.Minute), file.reader(), sink, segment.EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	fid := types.HashOf(manifest.FID)
	declare := filebank.UploadDeclaration{
		FileHash: fid, FileSize: u128(uint64(file.size)),
		UserBrief: filebank.UserBrief{User: u.account(), FileName: filebank.FileName("placed"), TerritoryName: types.TerritoryName(territory)},
	}
	for _, s := range manifest.Segments {
		list := filebank.SegmentList{Hash: types.HashOf(s.ID)}
		for _, f := range s.Fragments {
			list.FragmentList = append(list.FragmentList, types.HashOf(f))
		}
		declare.DealInfo = append(declare.DealInfo, list)
	}
	if _, err := u.chain.Submit(within(t, txTimeout), u.key, declare); err != nil {
		t.Fatalf("declare the file: %v", err)
	}
	for column, node := range nodes[:types.FragmentCount] {
		sent := make(map[segment.Hash]bool) // segments may be alike
		for _, s := range manifest.Segments {
			fragment := s.Fragments[column]
			if sent[fragment] {
				continue
			}
			sent[fragment] = true
			b, err := os.ReadFile(filepath.Join(dir, fragment.String()))
			if errors.Is(err, fs.ErrNotExist) {
				b = make([]byte, segment.FragmentSize) // zeros are not written
			} else if err != nil {
				t.Fatal(err)
			}
			eventually(t, 2*time.Minute, node.Name+" takes a fragment", func() string {
				if err := u.send(t, node, fid, types.HashOf(fragment), b); err != nil {
					return err.Error()
				}
				return ""
			})
		}
	}
	u.waitActive(t, fid, 3*time.Minute)
	return fid
}

// send brings a fragment to a miner, as gateways do.
func (u *user) send(t *testing.T, node *devkit.Node, fid, fragment types.Hash, b []byte) error {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", fragment.String())
	if err != nil {
		return err
	}
	if _, err := part.Write(b); err != nil {
		return err
	}
	if err := form.Close(); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(within(t, time.Minute), http.MethodPut, node.Endpoint+"/fragment", &body)
	if err != nil {
		return err
	}
	if req.Header, err = u.credentials(time.Hour); err != nil {
		return err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Fid", fid.String())
	req.Header.Set("Fragment", fragment.String())
	resp, err := u.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return envelope(resp, new(any))
}
