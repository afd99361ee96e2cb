package devkit

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// Networks take their ports below those that the system gives to outgoing
// connections.
const (
	firstPort = 12_000
	lastPort  = 32_000
)

// FreePorts returns the first of count consecutive free ports of the loopback
// interface. Tests that run beside each other start to look in different
// places.
func FreePorts(t testing.TB, count int) int {
	t.Helper()
	for range 200 {
		base := firstPort + rand.IntN(lastPort-firstPort-count)
		if allFree(base, count) {
			return base
		}
	}
	t.Fatalf("no %d consecutive free ports between %d and %d", count, firstPort, lastPort)
	return 0
}

func allFree(base, count int) bool {
	for i := range count {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(base+i)))
		if err != nil {
			return false
		}
		if err := l.Close(); err != nil {
			return false
		}
	}
	return true
}
