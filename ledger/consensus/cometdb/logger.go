package cometdb

import (
	"fmt"
	"log/slog"
)

// logger passes the engine's reports on.
type logger struct{ log *slog.Logger }

// Infof drops the engine's chatter.
func (logger) Infof(string, ...any) {}

// Errorf implements pebble.Logger.
func (l logger) Errorf(format string, args ...any) { l.log.Error(fmt.Sprintf(format, args...)) }

// Fatalf must not return: the engine cannot go on, usually because the disk
// failed. CometBFT recovers from a panic of its consensus loop and stops.
func (l logger) Fatalf(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	l.log.Error(text)
	panic("cometdb: " + text)
}
