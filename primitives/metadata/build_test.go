package metadata_test

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"github.com/gocess/gocess/primitives/metadata"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Shapes of the kinds of types that pallets declare.

type blockNumber uint32 // transparent

type maxNames struct{}

func (maxNames) Max() int { return 4 }

type record struct {
	Owner   substrate.AccountID `type:"T::AccountId"`
	Balance scale.U128          `scale:"balance,compact" type:"BalanceOf<T>"`
	Names   scale.BoundedVec[scale.BoundedVec[uint8, maxNames], maxNames]
	Secret  string `scale:"-"`
}

func (record) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_x::Record", Params: []scale.Param{{"T", scale.Type{}}, {"B", scale.TypeOf[blockNumber]()}}}
}

// node is recursive through an enum.
type node interface{ node() }

type leaf struct {
	Value uint32 `scale:"_"`
}
type branch struct {
	Left  node `type:"Box<Node>"`
	Right node `type:"Box<Node>"`
}

func (leaf) node()   {}
func (branch) node() {}

var nodeType = scale.RegisterEnum[node](scale.TypeInfo{Path: "pallet_x::Node"},
	scale.V[node, branch](3, "Branch"), scale.V[node, leaf](1, "Leaf"))

type unitStruct struct{}

func description() *metadata.Description {
	u8s := scale.TypeOf[[]byte]()
	outer := func(name string) scale.Type {
		return scale.Synthetic(&scale.TypeDef{Path: "test_runtime::" + name, Kind: scale.KindVariant})
	}
	call := outer("RuntimeCall")
	return &metadata.Description{
		Pallets: []metadata.PalletDescription{{
			Name: "X", Index: 9,
			Storage: []metadata.StorageDescription{
				{Name: "Records", Hashers: []metadata.Hasher{metadata.Blake2_128Concat}, Key: scale.TypeOf[blockNumber](), Value: scale.TypeOf[record](), Fallback: []byte{0}},
				{Name: "Plain", Modifier: metadata.Default, Value: scale.TypeOf[scale.Option[blockNumber]](), Fallback: []byte{0}},
				{Name: "Same", Modifier: metadata.Default, Value: scale.TypeOf[scale.Option[uint32]](), Fallback: []byte{0}},
				{Name: "Tree", Value: nodeType, Fallback: []byte{0}},
				{Name: "Map", Value: scale.TypeOf[scale.BTreeMap[uint32, bool]](), Fallback: []byte{0}},
			},
			Constants: []metadata.ConstantDescription{{Name: "K", Type: u8s, Value: []byte{4, 1}}},
		}},
		Extrinsic: metadata.ExtrinsicDescription{
			Version: 4, Address: scale.TypeOf[substrate.MultiAddress](), Call: call,
			Signature: scale.TypeOf[substrate.MultiSignature](), Extra: scale.TypeOf[struct{}](),
			Extensions: []metadata.ExtensionDescription{{"CheckNothing", scale.TypeOf[unitStruct](), scale.TypeOf[struct{}]()}},
		},
		Runtime: scale.Synthetic(&scale.TypeDef{Path: "test_runtime::Runtime"}),
		Call:    call, Event: outer("RuntimeEvent"), Error: outer("RuntimeError"),
		APIs: []metadata.APIDescription{{Name: "Core", Methods: []metadata.MethodDescription{{
			Name: "version", Args: []metadata.ArgDescription{{"at", scale.TypeOf[*record]()}}, Output: u8s}}}},
	}
}

func TestBuildIsDeterministicAndReadable(t *testing.T) {
	desc := description()
	blob, err := metadata.EncodeV15(desc)
	if err != nil {
		t.Fatal(err)
	}
	again, err := metadata.EncodeV15(description())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(blob, again) {
		// the synthetic types are other pointers, the blob must not care
		t.Error("two builds differ")
	}
	for name, encode := range map[string]func(*metadata.Description) ([]byte, error){"V14": metadata.EncodeV14, "V15": metadata.EncodeV15} {
		blob, err := encode(desc)
		if err != nil {
			t.Fatal(err)
		}
		m, err := metadata.Decode(blob)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		built, err := metadata.Build(desc)
		if err != nil {
			t.Fatal(err)
		}
		if d := metadata.Diff(m, built, nil); len(d) > 0 {
			t.Errorf("%s: %d differences, first: %v", name, len(d), d[0])
		}
	}
}

func TestBuildMergesWhatClientsCannotTellApart(t *testing.T) {
	m, err := metadata.Build(description())
	if err != nil {
		t.Fatal(err)
	}
	value := func(name string) metadata.TypeID {
		e := entry(t, m, "X", name)
		return e.Value()
	}
	if value("Plain") != value("Same") {
		t.Error("Option<blockNumber> and Option<u32> are two types")
	}
	if got := m.TypeName(value("Records")); got != "Record<u32>" {
		t.Errorf("value of Records is a %s", got)
	}
	if got := m.APIs[0].Methods[0].Args[0].Type; got != value("Records") {
		t.Errorf("a box has type %s", m.TypeName(got))
	}
	seen := make(map[string]int)
	for i := range m.Types {
		seen[m.TypeName(metadata.TypeID(i))]++
	}
	for _, name := range []string{"u32", "u8", "Vec<u8>", "()", "Option<u32>", "AccountId32"} {
		if seen[name] != 1 {
			t.Errorf("%d types named %s", seen[name], name)
		}
	}
	tree := m.Types[value("Tree")].Def.(metadata.Enum)
	if b, ok := tree.Indexed(3); !ok || b.Name != "Branch" || b.Fields[0].Type != value("Tree") {
		t.Errorf("recursive enum = %+v", tree)
	}
	if _, ok := tree.Indexed(0); ok {
		t.Error("variant 0 was never declared")
	}
}

func TestBuildReportsTypesWithoutForm(t *testing.T) {
	for name, bad := range map[string]scale.Type{
		"int":               scale.TypeOf[int](),
		"map":               scale.TypeOf[map[string]int](),
		"unregistered enum": scale.TypeOf[interface{ nothing() }](),
		"nested":            scale.TypeOf[[]scale.Option[float64]](),
		"none":              {},
	} {
		desc := description()
		desc.Pallets[0].Storage[0].Value = bad
		if m, err := metadata.Build(desc); err == nil {
			t.Errorf("%s builds: %v", name, m.TypeName(0))
		}
	}
}

// The shared types must look exactly as the reference describes them.
func TestSubstrateTypesMatchReference(t *testing.T) {
	ref := decodeReference(t)
	types := map[string]scale.Type{
		"AccountId32":               scale.TypeOf[substrate.AccountID](),
		"H160":                      scale.TypeOf[substrate.H160](),
		"H256":                      scale.TypeOf[substrate.H256](),
		"U256":                      scale.TypeOf[scale.U256](),
		"KeyTypeId":                 scale.TypeOf[substrate.KeyTypeID](),
		"PalletId":                  scale.TypeOf[substrate.PalletID](),
		"MultiAddress":              scale.TypeOf[substrate.MultiAddress](),
		"MultiSignature":            scale.TypeOf[substrate.MultiSignature](),
		"Era":                       scale.TypeOf[substrate.Era](),
		"Weight":                    scale.TypeOf[substrate.Weight](),
		"RuntimeDbWeight":           scale.TypeOf[substrate.RuntimeDbWeight](),
		"DispatchClass":             scale.TypeOf[substrate.DispatchClass](),
		"Pays":                      scale.TypeOf[substrate.Pays](),
		"DispatchEventInfo":         scale.TypeOf[substrate.DispatchInfo](),
		"PostDispatchInfo":          scale.TypeOf[substrate.PostDispatchInfo](),
		"DispatchErrorWithPostInfo": scale.TypeOf[substrate.DispatchErrorWithPostInfo](),
		"DispatchError":             scale.TypeOf[substrate.DispatchError](),
		"ModuleError":               scale.TypeOf[substrate.ModuleError](),
		"TokenError":                scale.TypeOf[substrate.TokenError](),
		"ArithmeticError":           scale.TypeOf[substrate.ArithmeticError](),
		"TransactionalError":        scale.TypeOf[substrate.TransactionalError](),
		"TrieError":                 scale.TypeOf[substrate.TrieError](),
		"BalanceStatus":             scale.TypeOf[substrate.BalanceStatus](),
		"Digest":                    scale.TypeOf[substrate.Digest](),
		"DigestItem":                scale.TypeOf[substrate.DigestItem](),
		"sp_runtime::Header":        scale.TypeOf[substrate.Header](),
		"frame_system::Phase":       scale.TypeOf[substrate.Phase](),
		"Perbill":                   scale.TypeOf[substrate.Perbill](),
		"Permill":                   scale.TypeOf[substrate.Permill](),
		"Percent":                   scale.TypeOf[substrate.Percent](),
		"PerU16":                    scale.TypeOf[substrate.PerU16](),
		"FixedU128":                 scale.TypeOf[substrate.FixedU128](),
		"TransactionValidityError":  scale.TypeOf[substrate.TransactionValidityError](),
		"InvalidTransaction":        scale.TypeOf[substrate.InvalidTransaction](),
		"UnknownTransaction":        scale.TypeOf[substrate.UnknownTransaction](),
		"ValidTransaction":          scale.TypeOf[substrate.ValidTransaction](),
		"TransactionSource":         scale.TypeOf[substrate.TransactionSource](),
		"ExtrinsicInclusionMode":    scale.TypeOf[substrate.ExtrinsicInclusionMode](),
		"RuntimeVersion":            scale.TypeOf[substrate.RuntimeVersion](),
		"OpaqueMetadata":            scale.TypeOf[substrate.OpaqueMetadata](),
		"OpaqueValue":               scale.TypeOf[substrate.OpaqueValue](),
		"BlakeTwo256":               scale.TypeOf[substrate.BlakeTwo256](),
		"InherentData":              scale.TypeOf[substrate.InherentData](),
		"CheckInherentsResult":      scale.TypeOf[substrate.CheckInherentsResult](),
		"33":                        scale.TypeOf[substrate.DispatchResult](),
		"729":                       scale.TypeOf[substrate.ApplyExtrinsicResult](),
		"739":                       scale.TypeOf[substrate.TransactionValidity](),
		"163":                       scale.TypeOf[substrate.PostDispatchResult](),
		"9":                         scale.TypeOf[substrate.PerDispatchClass[substrate.Weight]](),
		"180":                       scale.TypeOf[substrate.PerDispatchClass[uint32]](),
		"34":                        scale.TypeOf[substrate.Unit](),
		"53":                        scale.TypeOf[scale.Compact[substrate.Perbill]](),
		"104":                       scale.TypeOf[scale.BoundedVec[uint8, maxNames]](),
		"418":                       scale.TypeOf[scale.WeakBoundedVec[authority, maxNames]](),
		"480":                       scale.TypeOf[scale.BTreeMap[substrate.AccountID, uint32]](),
		"515":                       scale.TypeOf[scale.BoundedBTreeMap[substrate.H256, scale.U128, maxNames]](),
		"299":                       scale.TypeOf[scale.Option[scale.Compact[scale.U128]]](),
		"127":                       scale.TypeOf[scale.CowStr](),
		"183":                       scale.TypeOf[scale.CowVec[substrate.APIVersion]](),
		"734":                       scale.TypeOf[scale.BTreeMap[[8]byte, []byte]](),
	}
	desc := description()
	desc.Pallets[0].Constants = nil
	desc.Pallets[0].Storage = nil
	want := metadata.Pallet{Name: "X", Index: 9}
	for name, typ := range types {
		desc.Pallets[0].Constants = append(desc.Pallets[0].Constants, metadata.ConstantDescription{Name: name, Type: typ})
		want.Constants = append(want.Constants, metadata.Constant{Name: name, Type: find(t, ref, name)})
	}
	ref.Pallets = append(ref.Pallets, want)
	got, err := metadata.Build(desc)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range metadata.Diff(got, ref, []string{"X"}) {
		t.Error(d)
	}
}

type authority struct {
	Key    babePublic
	Weight uint64
}

type babePublic [32]byte

func (babePublic) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "sp_consensus_babe::app::Public", FieldTypeName: "sr25519::Public"}
}

// find looks a type of the reference up by id, by the last segment of its path, or by the
// first and the last.
func find(t *testing.T, m *metadata.Metadata, name string) metadata.TypeID {
	t.Helper()
	if id, err := strconv.Atoi(name); err == nil {
		return metadata.TypeID(id)
	}
	crate, last, qualified := strings.Cut(name, "::")
	if !qualified {
		crate, last = "", name
	}
	for i := range m.Types {
		path := m.Types[i].Path
		if n := len(path); n > 0 && path[n-1] == last && (crate == "" || path[0] == crate) {
			return metadata.TypeID(i)
		}
	}
	t.Fatalf("the reference has no type %s", name)
	return 0
}
