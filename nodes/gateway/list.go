package gateway

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/gocess/gocess/internal/httpx"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/sdk"
)

// heldFile is an entry of a user's list as upstream's gateways spell it: the
// JSON of the Go SDK's type.
type heldFile struct {
	TerritoryName []byte      `json:"TerritoryName"` // base64
	Filehash      [64]byte    `json:"Filehash"`      // the digits' ASCII codes
	FileSize      json.Number `json:"FileSize"`      // charged bytes, 96 MiB for each segment
}

// ListedFile is a file of an account in one of its territories.
type ListedFile struct {
	Territory string      `json:"territory"`
	FID       string      `json:"fid"`
	Size      json.Number `json:"size"` // charged bytes, 96 MiB for each segment
}

// listFiles lists the files of an account (spec/gateway.md §2.12): without a
// territory in upstream's raw form, with one, or with ?format=v2, in a clean
// one. The parameters may stand in the query or in headers.
func (g *Gateway) listFiles(w http.ResponseWriter, r *http.Request) {
	param := func(name string) string { return cmp.Or(r.URL.Query().Get(name), r.Header.Get(name)) }
	text, territory := param("Account"), param("Territory")
	if text == "" {
		g.answer(w, "list files", refuse(400, "Please set your Account in the header or url"))
		return
	}
	who, err := types.ParseAddress(text)
	if err != nil {
		g.answer(w, "list files", refuse(400, "Invalid CESS account: %.100s", text))
		return
	}
	held, _, err := sdk.Find(r.Context(), g.chain.Best(), filebank.UserFiles, who)
	if err != nil {
		g.log.Warn("read a user's files", "err", err)
		g.answer(w, "list files", errRPC)
		return
	}
	if territory == "" && r.URL.Query().Get("format") != "v2" {
		raw := make([]heldFile, len(held))
		for i, f := range held {
			raw[i] = heldFile{f.TerritoryName, f.FileHash, json.Number(f.FileSize.String())}
		}
		httpx.OK(w, raw)
		return
	}
	var list []ListedFile // null when there is none, as upstream
	for _, f := range held {
		if territory == "" || territory == string(f.TerritoryName) {
			list = append(list, ListedFile{string(f.TerritoryName), f.FileHash.String(), json.Number(f.FileSize.String())})
		}
	}
	httpx.OK(w, list)
}

// Holder is the miner of a column, and where it is.
type Holder struct {
	Account  types.Address `json:"account"`
	Location Location      `json:"location"`
}

// Location is a place on earth in degrees. A gateway knows none: it answers
// 0, 0, which is upstream's way to say so.
type Location struct {
	Longitude float64 `json:"longitude"`
	Latitude  float64 `json:"latitude"`
}

// location tells which miners hold a stored file (spec/gateway.md §2.11). All
// segments have column j with the same miner unless one was restored; the
// answer is that of the first segment.
func (g *Gateway) location(w http.ResponseWriter, r *http.Request) {
	fid, err := pathFID(r)
	if err != nil {
		g.answer(w, "location", err)
		return
	}
	file, stored, err := sdk.Find(r.Context(), g.chain.Best(), filebank.Files, fid)
	switch {
	case err != nil:
		g.log.Warn("read file", "fid", fid, "err", err)
		g.answer(w, "location", errRPC)
		return
	case !stored || len(file.SegmentList) == 0:
		g.answer(w, "location", errNotFound)
		return
	}
	holders := make(map[string]Holder, types.FragmentCount)
	for i, f := range file.SegmentList[0].FragmentList {
		holders[strconv.Itoa(i)+" batch fragments"] = Holder{Account: address(f.Miner)}
	}
	httpx.OK(w, holders)
}
