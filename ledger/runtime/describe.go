package runtime

import (
	"fmt"
	"sync"

	"github.com/gocess/gocess/primitives/metadata"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// metadataBlobs are built once: every client downloads one of them.
type metadataBlobs struct {
	once     sync.Once
	v14, v15 []byte
	err      error
}

// MetadataV14 is the metadata that `state_getMetadata` serves.
func (rt *Runtime) MetadataV14() ([]byte, error) {
	rt.buildMetadata()
	return rt.metadata.v14, rt.metadata.err
}

// MetadataV15 adds the runtime APIs and the outer enums.
func (rt *Runtime) MetadataV15() ([]byte, error) {
	rt.buildMetadata()
	return rt.metadata.v15, rt.metadata.err
}

func (rt *Runtime) buildMetadata() {
	rt.metadata.once.Do(func() {
		m := &rt.metadata
		var d *metadata.Description
		if d, m.err = rt.Describe(); m.err != nil {
			return
		}
		if m.v14, m.err = metadata.EncodeV14(d); m.err != nil {
			return
		}
		m.v15, m.err = metadata.EncodeV15(d)
	})
}

// Describe lists all that metadata says of the runtime, from the pallets' own
// declarations.
func (rt *Runtime) Describe() (*metadata.Description, error) {
	outer := func(name string, inner func(*Pallet) scale.Type) scale.Type {
		return scale.Synthetic(outerEnum(name, rt.byIndex, inner).Def)
	}
	d := &metadata.Description{
		// Go has one type for the calls of all versions; each has its own enum.
		Instead: map[scale.Type]scale.Type{
			scale.TypeOf[RuntimeCall]():  outer("RuntimeCall", (*Pallet).callType),
			scale.TypeOf[RuntimeEvent](): outer("RuntimeEvent", (*Pallet).eventType),
			scale.TypeOf[RuntimeError](): outer("RuntimeError", (*Pallet).errorType),
		},
		Extrinsic: describeExtrinsic(),
		Runtime:   scale.Synthetic(&scale.TypeDef{Path: "cess_node_runtime::Runtime", Kind: scale.KindComposite}),
		APIs:      runtimeAPIs(),
		Call:      scale.TypeOf[RuntimeCall](),
		Event:     scale.TypeOf[RuntimeEvent](),
		Error:     scale.TypeOf[RuntimeError](),
	}
	for _, p := range rt.pallets {
		described, err := rt.describePallet(p)
		if err != nil {
			return nil, err
		}
		d.Pallets = append(d.Pallets, described)
	}
	return d, nil
}

func (rt *Runtime) describePallet(p *Pallet) (metadata.PalletDescription, error) {
	d := metadata.PalletDescription{
		Name: p.Name, Prefix: p.Name, Index: p.Index,
		Calls: p.callType(), Event: p.eventType(), Error: p.Errors.typ,
	}
	for _, item := range p.Storage {
		if item.Pallet() != p.Name {
			return d, fmt.Errorf("pallet %s lists item %s of %s", p.Name, item.Name(), item.Pallet())
		}
		e, err := item.entry()
		if err != nil {
			return d, err
		}
		modifier := metadata.Default
		if e.optional {
			modifier = metadata.Optional
		}
		s := metadata.StorageDescription{
			Name: item.Name(), Modifier: modifier, Key: e.key, Value: e.value, Fallback: e.fallback,
		}
		for _, h := range e.hashers {
			s.Hashers = append(s.Hashers, metadata.Hasher(h))
		}
		d.Storage = append(d.Storage, s)
	}
	for _, c := range p.Constants {
		if c.isHidden() {
			continue
		}
		value, err := c.encoded(rt)
		if err != nil {
			return d, fmt.Errorf("constant %s: %w", c.fullName(), err)
		}
		d.Constants = append(d.Constants, metadata.ConstantDescription{
			Name: c.shortName(), Type: c.typ(), Value: value,
		})
	}
	return d, nil
}

// describeExtrinsic is the envelope of spec/wire.md §3.1 and its signed
// extensions, §3.2. Clients find extensions by name.
func describeExtrinsic() metadata.ExtrinsicDescription {
	unit := scale.TypeOf[struct{}]()
	hash := scale.TypeOf[substrate.H256]()
	u32 := scale.TypeOf[uint32]()
	check := func(name string, additional scale.Type) metadata.ExtensionDescription {
		return extension(name, "frame_system::extensions::"+modules[name]+"::"+name, runtimeParam, nil, additional)
	}
	extensions := []metadata.ExtensionDescription{
		check("CheckNonZeroSender", unit),
		check("CheckSpecVersion", u32),
		check("CheckTxVersion", u32),
		check("CheckGenesis", hash),
		extension("CheckMortality", "frame_system::extensions::check_mortality::CheckMortality", runtimeParam,
			&scale.Field{Type: scale.TypeOf[substrate.Era](), TypeName: "Era"}, hash),
		extension("CheckNonce", "frame_system::extensions::check_nonce::CheckNonce", runtimeParam,
			&scale.Field{Type: scale.TypeOf[scale.Compact[uint32]](), TypeName: "T::Nonce"}, unit),
		check("CheckWeight", unit),
		extension("ChargeTransactionPayment", "pallet_transaction_payment::ChargeTransactionPayment", runtimeParam,
			&scale.Field{Type: scale.TypeOf[scale.Compact[scale.U128]](), TypeName: "BalanceOf<T>"}, unit),
	}
	extra := &scale.TypeDef{Kind: scale.KindTuple}
	for _, e := range extensions {
		extra.Elems = append(extra.Elems, e.Type)
	}
	return metadata.ExtrinsicDescription{
		Version:    extrinsicVersion,
		Address:    scale.TypeOf[substrate.MultiAddress](),
		Call:       scale.TypeOf[RuntimeCall](),
		Signature:  scale.TypeOf[substrate.MultiSignature](),
		Extra:      scale.Synthetic(extra),
		Extensions: extensions,
	}
}

var modules = map[string]string{
	"CheckNonZeroSender": "check_non_zero_sender",
	"CheckSpecVersion":   "check_spec_version",
	"CheckTxVersion":     "check_tx_version",
	"CheckGenesis":       "check_genesis",
	"CheckWeight":        "check_weight",
}

// runtimeParam is the unencoded parameter T of all extensions.
var runtimeParam = []scale.Param{{Name: "T"}}

func extension(name, path string, params []scale.Param, field *scale.Field, additional scale.Type) metadata.ExtensionDescription {
	def := &scale.TypeDef{Path: path, Params: params, Kind: scale.KindComposite}
	if field != nil {
		def.Fields = []scale.Field{*field}
	}
	return metadata.ExtensionDescription{Identifier: name, Type: scale.Synthetic(def), Additional: additional}
}
