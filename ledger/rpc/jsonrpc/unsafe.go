package jsonrpc

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
)

// UnsafePolicy says who may call unsafe methods: those that act on the node or
// cost it more than a public endpoint should give.
type UnsafePolicy uint8

const (
	// UnsafeLoopback allows programs on the same machine: both ends of the
	// connection are loopback addresses, no proxy announced itself, and a
	// browser's page, if it is one, was itself served from loopback. The last
	// rule is needed because any origin may connect: without it every web page
	// an operator opens could command the node.
	UnsafeLoopback UnsafePolicy = iota
	// UnsafeNever refuses everybody.
	UnsafeNever
	// UnsafeAlways allows everybody; for closed networks.
	UnsafeAlways
)

// proxyHeaders are set by reverse proxies, whose clients may be anywhere.
var proxyHeaders = []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"}

func (p UnsafePolicy) allows(r *http.Request) bool {
	switch p {
	case UnsafeAlways:
		return true
	case UnsafeNever:
		return false
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok || !isLoopback(local.String()) || !isLoopback(r.RemoteAddr) {
		return false
	}
	for _, name := range proxyHeaders {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	origins := r.Header.Values("Origin")
	for _, origin := range origins {
		u, err := url.Parse(origin)
		if err != nil || u.Host == "" || !isLoopbackHost(u.Hostname()) {
			return false
		}
	}
	return true
}

func isLoopback(hostport string) bool {
	addr, err := netip.ParseAddrPort(hostport)
	return err == nil && addr.Addr().Unmap().IsLoopback()
}

func isLoopbackHost(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}
