//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gocess/gocess/internal/devkit"
)

// clientsEnv adds foreign clients to TestRotation: it needs Node.js, npm and what
// they and Go fetch from their registries.
const clientsEnv = "CESS_E2E_CLIENTS"

// foreignClients lets @polkadot/api and the upstream Go SDK read a network whose
// seats rotate; what the latter reads is held against the project's own SDK.
func foreignClients(t *testing.T, net *devkit.Network) {
	t.Helper()
	if os.Getenv(clientsEnv) == "" {
		t.Logf("%s is not set: no foreign clients read the network", clientsEnv)
		return
	}
	ours := filepath.Join(t.TempDir(), "ours")
	run := func(dir, name string, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = filepath.Join("..", dir)
		cmd.Env = append(os.Environ(), "CESS_READY="+net.ReadyFile, "CESS_OURS="+ours, "CESS_ROTATES=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v in %s: %v\n%s", cmd.Args, cmd.Dir, err, out)
		}
	}
	run("compat/ours", "go", "build", "-o", ours, ".")
	run("compat/gosdk", "go", "test", "-count=1", "-run", "TestRotatingNetwork", ".")
	run("compat/polkadot", "npm", "ci", "--no-audit", "--no-fund", "--silent")
	run("compat/polkadot", "node", "--test", "derive.test.js")
}
