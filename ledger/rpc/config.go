package rpc

import (
	"log/slog"

	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
)

// Config is what the interface says about the chain and the node.
type Config struct {
	// Name is system_name. Default "CESS Node".
	Name string
	// Version is system_version. Default "0.0.0-dev".
	Version string
	// ChainName is system_chain; cess-go-sdk takes it for the network's name.
	// Default "cess-dev".
	ChainName string
	// ChainType is "Live", "Local", "Development" or a type of the chain's own.
	// Default "Development".
	ChainType string
	// Properties are those of the chain spec. Default: SS58 prefix 11330, token
	// TCESS with 18 decimals.
	Properties Properties
	// EVMChainID is net_version. Default 11330.
	EVMChainID uint64
	// Pruned says that the node discards old states. It does not list archive_*
	// then.
	Pruned bool
	// Server holds the limits of connections and calls.
	Server jsonrpc.Config
	// Extend adds methods of other interfaces, such as eth_*, to the same port.
	Extend func(*jsonrpc.Table)
}

// Properties are system_properties. They are scalars, not lists, because
// cess-go-sdk decodes scalars.
type Properties struct {
	SS58Format    uint16 `json:"ss58Format"`
	TokenDecimals uint8  `json:"tokenDecimals"`
	TokenSymbol   string `json:"tokenSymbol"`
}

func (c *Config) setDefaults() {
	setDefault(&c.Name, "CESS Node")
	setDefault(&c.Version, "0.0.0-dev")
	setDefault(&c.ChainName, "cess-dev")
	setDefault(&c.ChainType, "Development")
	setDefault(&c.Properties, Properties{SS58Format: 11330, TokenDecimals: 18, TokenSymbol: "TCESS"})
	setDefault(&c.EVMChainID, 11330)
	setDefault(&c.Server.HealthMethod, "system_health")
	if c.Server.Logger == nil {
		c.Server.Logger = slog.Default()
	}
}

func setDefault[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}
