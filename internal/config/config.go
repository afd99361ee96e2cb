// Package config fills a role's settings from a YAML file, from CESS_*
// environment variables and from flags; later ones win.
package config

import (
	"fmt"
	"os"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/providers/posflag"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"
)

// Load fills settings, a pointer to a struct with `koanf:"name"` tags, for the
// role. Names are those of the flags; `listen` of role miner is the variable
// CESS_MINER_LISTEN. A flag's default holds where nothing else is set. path
// may be empty.
func Load(role, path string, flags *pflag.FlagSet, settings any) error {
	k := koanf.New(".")
	if path != "" {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("configuration: %w", err)
		}
		if err := k.Load(file.Provider(path), yaml.Parser()); err != nil {
			return fmt.Errorf("configuration %s: %w", path, err)
		}
		if err := unknown(k, flags, path); err != nil {
			return err
		}
	}
	prefix := "CESS_" + strings.ToUpper(role) + "_"
	variables := env.Provider(".", env.Opt{
		Prefix: prefix,
		TransformFunc: func(key, value string) (string, any) {
			name := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(key, prefix)), "_", "-")
			if flags.Lookup(name) == nil {
				return "", nil // some other program's variable
			}
			return name, value
		},
	})
	if err := k.Load(variables, nil); err != nil {
		return fmt.Errorf("environment: %w", err)
	}
	if err := k.Load(posflag.Provider(flags, ".", k), nil); err != nil {
		return fmt.Errorf("flags: %w", err)
	}
	if err := k.Unmarshal("", settings); err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	return nil
}

// unknown refuses names that no flag has: a misspelt setting would silently
// keep its default.
func unknown(k *koanf.Koanf, flags *pflag.FlagSet, path string) error {
	for _, name := range k.Keys() {
		if flags.Lookup(name) == nil {
			return fmt.Errorf("configuration %s: unknown setting %q", path, name)
		}
	}
	return nil
}
