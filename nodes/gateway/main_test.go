package gateway

import (
	"testing"

	"go.uber.org/goleak"
)

// The validator of the end-to-end tests may leave goroutines of CometBFT's
// address guard and log files behind.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/cometbft/cometbft/internal/guard.NewWithInterval[...].func2"),
		goleak.IgnoreAnyFunction("github.com/cometbft/cometbft/libs/autofile.OpenAutoFile.func1"),
		goleak.IgnoreAnyFunction("github.com/cometbft/cometbft/libs/autofile.(*AutoFile).closeFileRoutine"),
	)
}
