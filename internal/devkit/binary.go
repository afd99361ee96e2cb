package devkit

import (
	"fmt"
	"os"
	"path/filepath"
)

// BinaryEnv names the cess program that tests run.
const BinaryEnv = "CESS_BIN"

// Binary is the path of the cess program.
func Binary() (string, error) {
	path := os.Getenv(BinaryEnv)
	if path == "" {
		return "", fmt.Errorf("%s is not set: build with `make build` and name bin/cess by its absolute path", BinaryEnv)
	}
	if !filepath.IsAbs(path) {
		return "", fmt.Errorf("%s: %s is not an absolute path", BinaryEnv, path)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", fmt.Errorf("%s: %w", BinaryEnv, err)
	case !info.Mode().IsRegular() || info.Mode()&0o111 == 0:
		return "", fmt.Errorf("%s: %s is no program", BinaryEnv, path)
	}
	return path, nil
}
