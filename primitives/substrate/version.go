package substrate

import (
	"encoding/json"
	"fmt"

	"golang.org/x/crypto/blake2b"

	"github.com/gocess/gocess/primitives/scale"
)

// RuntimeVersion identifies the runtime; spec and transaction version are part of what
// every extrinsic signs.
type RuntimeVersion struct {
	SpecName           scale.CowStr             `type:"Cow<'static, str>"`
	ImplName           scale.CowStr             `type:"Cow<'static, str>"`
	AuthoringVersion   uint32                   `type:"u32"`
	SpecVersion        uint32                   `type:"u32"`
	ImplVersion        uint32                   `type:"u32"`
	APIs               scale.CowVec[APIVersion] `scale:"apis" type:"ApisVec"`
	TransactionVersion uint32                   `type:"u32"`
	SystemVersion      uint8                    `type:"u8"`
}

// APIVersion is a runtime API and its version: a tuple on the wire.
type APIVersion struct {
	ID      [8]byte
	Version uint32
}

// APIID is the id of a runtime API: blake2b-64 of its name.
func APIID(name string) (id [8]byte) {
	h, err := blake2b.New(8, nil)
	if err != nil {
		panic(err) // the size is valid
	}
	h.Write([]byte(name))
	h.Sum(id[:0])
	return id
}

// ScaleType implements the convention of package scale.
func (RuntimeVersion) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_version::RuntimeVersion"}
}

// MarshalJSON gives ["0x…", version].
func (v APIVersion) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, `["%s",%d]`, toHex(v.ID[:]), v.Version), nil
}

// UnmarshalJSON reads ["0x…", version].
func (v *APIVersion) UnmarshalJSON(b []byte) error {
	var pair []json.RawMessage
	if err := json.Unmarshal(b, &pair); err != nil {
		return err
	}
	if len(pair) != 2 {
		return fmt.Errorf("substrate: API version has %d parts", len(pair))
	}
	var id string
	if err := json.Unmarshal(pair[0], &id); err != nil {
		return err
	}
	if err := parseHex(v.ID[:], id); err != nil {
		return err
	}
	return json.Unmarshal(pair[1], &v.Version)
}

// versionJSON is the form of state_getRuntimeVersion (spec/wire.md §5.6).
type versionJSON struct {
	SpecName           string       `json:"specName"`
	ImplName           string       `json:"implName"`
	AuthoringVersion   uint32       `json:"authoringVersion"`
	SpecVersion        uint32       `json:"specVersion"`
	ImplVersion        uint32       `json:"implVersion"`
	APIs               []APIVersion `json:"apis"`
	TransactionVersion uint32       `json:"transactionVersion"`
	SystemVersion      uint8        `json:"systemVersion"`
	StateVersion       uint8        `json:"stateVersion"`
}

// MarshalJSON gives the form of state_getRuntimeVersion. The state version is shown twice,
// under its old name, too.
func (v RuntimeVersion) MarshalJSON() ([]byte, error) {
	apis := []APIVersion(v.APIs)
	if apis == nil {
		apis = []APIVersion{}
	}
	return json.Marshal(versionJSON{
		string(v.SpecName), string(v.ImplName), v.AuthoringVersion, v.SpecVersion, v.ImplVersion,
		apis, v.TransactionVersion, v.SystemVersion, v.SystemVersion,
	})
}

// UnmarshalJSON reads the form of state_getRuntimeVersion.
func (v *RuntimeVersion) UnmarshalJSON(b []byte) error {
	var j versionJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	if j.SystemVersion == 0 {
		j.SystemVersion = j.StateVersion
	}
	*v = RuntimeVersion{
		scale.CowStr(j.SpecName), scale.CowStr(j.ImplName), j.AuthoringVersion, j.SpecVersion,
		j.ImplVersion, j.APIs, j.TransactionVersion, j.SystemVersion,
	}
	return nil
}
