package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/gocess/gocess/internal/config"
	"github.com/gocess/gocess/internal/daemon"
)

// common are the settings that every role has.
type common struct {
	LogLevel string `koanf:"log-level"`
	LogJSON  bool   `koanf:"log-json"`
	Admin    string `koanf:"admin"`
}

func commonFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringP("config", "c", "", "YAML file with the settings below, by flag name")
	f.String("log-level", "info", "debug, info, warn or error")
	f.Bool("log-json", false, "log as JSON")
	f.String("admin", "", "host:port of /metrics, /healthz and /readyz; keep it on loopback")
}

// role is a command that runs until it is told to stop.
type role[S any] struct {
	name     string // of its environment variables
	settings *S
	common   func(*S) common
	start    func(ctx context.Context, s *S, log *slog.Logger, admin *daemon.Admin) (daemon.Role, error)
}

// run loads the settings, starts the role and keeps it.
func (r role[S]) run(cmd *cobra.Command, _ []string) error {
	path, err := cmd.Flags().GetString("config")
	if err != nil {
		return err
	}
	if err := config.Load(r.name, path, cmd.Flags(), r.settings); err != nil {
		return err
	}
	c := r.common(r.settings)
	log, err := daemon.Logger(os.Stderr, c.LogLevel, c.LogJSON)
	if err != nil {
		return err
	}
	admin, err := daemon.NewAdmin(c.Admin)
	if err != nil {
		return err
	}
	running, err := r.start(cmd.Context(), r.settings, log, admin)
	if err != nil {
		_ = admin.Close() // the first error counts
		return err
	}
	return daemon.Run(cmd.Context(), log, admin, running)
}
