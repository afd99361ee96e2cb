package miner

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestBaseURL(t *testing.T) {
	for text, want := range map[string]string{
		"203.0.113.7:15001":             "http://203.0.113.7:15001",
		"http://203.0.113.7:15001/":     "http://203.0.113.7:15001",
		"https://miner.example\x00\x00": "https://miner.example",
		"https://example.com/miner":     "https://example.com/miner",
		"ftp://example.com":             "",
		"http://user@example.com":       "",
		"http://example.com/?x=1":       "",
		"":                              "",
		"two words":                     "",
	} {
		got, err := baseURL(text)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func TestPrivateAddressesAreNotDialled(t *testing.T) {
	for address, public := range map[string]bool{
		"203.0.113.7:80": true, "[2001:db8::1]:80": true,
		"127.0.0.1:80": false, "10.1.2.3:80": false, "192.168.0.1:80": false, "169.254.169.254:80": false,
		"[::1]:80": false, "[fd00::1]:80": false, "[::ffff:127.0.0.1]:80": false, "0.0.0.0:80": false, "name:80": false,
	} {
		if err := publicOnly("tcp", address, nil); (err == nil) != public {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func FuzzBaseURL(f *testing.F) {
	f.Add("127.0.0.1:1")
	f.Add("https://x/\x00")
	f.Fuzz(func(t *testing.T, text string) {
		base, err := baseURL(text)
		if err != nil {
			return
		}
		u, err := url.Parse(base + "/fragment")
		if err != nil || u.Host == "" || !strings.HasSuffix(u.Path, "/fragment") || u.RawQuery != "" {
			t.Fatalf("%q became %q: %v", text, base, err)
		}
	})
}

func TestOwnersMessagesExpire(t *testing.T) {
	now := time.UnixMilli(1_000_000)
	for message, valid := range map[string]bool{
		"1000001": true, "1600000": true, "1600001": false, "1000000": false, "999999": false,
		"": false, "x": false, "1000001x": false, "-1": false, "+1000001": false, "99999999999999999999": false,
	} {
		if fresh(message, now) != valid {
			t.Errorf("%q: fresh is %t", message, !valid)
		}
	}
}
