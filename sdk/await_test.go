package sdk_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gocess/gocess/sdk"
)

// free is an address at which nobody listens.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// What no waiting mends is said at once.
func TestAwaitRefusesAtOnce(t *testing.T) {
	for _, url := range []string{"", "gopher://127.0.0.1:1", "ws://%zz"} {
		if _, err := sdk.Await(t.Context(), url); err == nil {
			t.Errorf("%q is taken for a node", url)
		}
	}
}

// Await ends with its context, and says what it waited for.
func TestAwaitEnds(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := sdk.Await(ctx, "ws://"+free(t))
	var refused *net.OpError
	if !errors.As(err, &refused) {
		t.Errorf("Await without a node: %v, want the refused connection", err)
	}
}

// A server that comes later is asked; this one is no node, which ends the
// waiting.
func TestAwaitTriesAgain(t *testing.T) {
	address := free(t)
	failed := make(chan error, 1)
	go func() {
		_, err := sdk.Await(t.Context(), "ws://"+address)
		failed <- err
	}()
	select {
	case err := <-failed:
		t.Fatalf("Await gave up before the server came: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Skipf("somebody else took %s: %v", address, err)
	}
	server := &http.Server{Handler: http.NotFoundHandler()}
	go server.Serve(l)
	defer server.Close()
	if err := <-failed; err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("Await with a server that is no node: %v", err)
	}
}
