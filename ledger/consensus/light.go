package consensus

import (
	"errors"
	"fmt"
	"net"
	"net/http"

	rpccore "github.com/cometbft/cometbft/rpc/core"
	rpcserver "github.com/cometbft/cometbft/rpc/jsonrpc/server"
)

// lightRoutes are the methods of CometBFT's RPC that a light client uses. All
// read; none tells of this node's peers or lets anybody submit.
var lightRoutes = []string{"commit", "consensus_params", "health", "header", "validators"}

// lightServer answers light clients.
type lightServer struct {
	listener net.Listener
	server   *http.Server
	done     chan error
}

// serveLight starts to answer light clients on the configured address.
func (n *Node) serveLight() (*lightServer, error) {
	env, err := n.comet.ConfigureRPC()
	if err != nil {
		return nil, err
	}
	all, routes := env.GetRoutes(), rpccore.RoutesMap{}
	for _, name := range lightRoutes {
		routes[name] = all[name]
	}
	log := logger{n.cfg.Logger.With("component", "light"), func(error) {}}
	mux := http.NewServeMux()
	rpcserver.RegisterRPCFuncs(mux, routes, log)
	conf := rpcserver.DefaultConfig()
	listener, err := rpcserver.Listen("tcp://"+n.cfg.Light, conf.MaxOpenConnections)
	if err != nil {
		return nil, fmt.Errorf("answer light clients: %w", err)
	}
	s := &lightServer{listener: listener, done: make(chan error, 1), server: &http.Server{
		Handler:     rpcserver.PreChecksHandler(rpcserver.RecoverAndLogHandler(http.MaxBytesHandler(mux, maxLightBody), log), conf),
		ReadTimeout: conf.ReadTimeout, ReadHeaderTimeout: conf.ReadTimeout, WriteTimeout: conf.WriteTimeout,
		MaxHeaderBytes: conf.MaxHeaderBytes,
	}}
	go func() { s.done <- s.server.Serve(listener) }()
	return s, nil
}

// maxLightBody bounds a request, in bytes.
const maxLightBody = 64 << 10

func (s *lightServer) close() error {
	err := s.server.Close()
	if served := <-s.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
