package gateway

import (
	"testing"

	"github.com/gocess/gocess/internal/devkit/testnet"
)

func TestMain(m *testing.M) { testnet.VerifyMain(m) }
