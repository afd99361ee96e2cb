package consensus

import (
	"context"
	"fmt"
	"log/slog"

	cmtlog "github.com/cometbft/cometbft/libs/log"
)

// logger passes CometBFT's log on. CometBFT tells of every step of every block
// at level info, which is detail here.
//
// It also listens: when CometBFT's consensus loop dies it says so in its log and
// nowhere else.
type logger struct {
	log    *slog.Logger
	failed func(error) // called when the consensus loop has died
}

var _ cmtlog.Logger = logger{}

const levelTrace = slog.LevelDebug - 4

func (l logger) Debug(msg string, keyvals ...any) { l.write(levelTrace, msg, keyvals) }
func (l logger) Info(msg string, keyvals ...any)  { l.write(slog.LevelDebug, msg, keyvals) }
func (l logger) Warn(msg string, keyvals ...any)  { l.write(slog.LevelWarn, msg, keyvals) }

// Error implements cmtlog.Logger.
func (l logger) Error(msg string, keyvals ...any) {
	if msg == listenerClosed {
		l.write(slog.LevelDebug, msg, keyvals)
		return
	}
	l.write(slog.LevelError, msg, keyvals)
	switch msg {
	case consensusDied:
		l.failed(fmt.Errorf("consensus loop died: %v", valueOf(keyvals, "err")))
	case stateSyncFailed:
		l.failed(fmt.Errorf("state sync failed: %v", valueOf(keyvals, "err")))
	}
}

// listenerClosed is what p2p.Switch logs as an error when the node is closed.
const listenerClosed = "Stopped accept routine, as transport is closed"

// consensusDied is what consensus.State logs in v0.40.0 when it recovers from a
// panic and ends.
const consensusDied = "CONSENSUS FAILURE!!!"

// stateSyncFailed is what node.Node logs in v0.40.0 when it gives up looking for
// a snapshot, and then does nothing more.
const stateSyncFailed = "State sync failed"

func valueOf(keyvals []any, key string) any {
	for i := 0; i+1 < len(keyvals); i += 2 {
		if keyvals[i] == key {
			return keyvals[i+1]
		}
	}
	return nil
}

// With implements cmtlog.Logger.
func (l logger) With(keyvals ...any) cmtlog.Logger { return logger{l.log.With(keyvals...), l.failed} }

func (l logger) write(level slog.Level, msg string, keyvals []any) {
	ctx := context.Background()
	if !l.log.Enabled(ctx, level) {
		return
	}
	args := make([]any, len(keyvals))
	for i, v := range keyvals {
		// Values print themselves lazily; handlers see text.
		if s, ok := v.(fmt.Stringer); ok && i%2 == 1 {
			v = s.String()
		}
		args[i] = v
	}
	l.log.Log(ctx, level, msg, args...)
}
