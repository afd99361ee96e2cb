package chaos

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// echo answers every connection with what it says.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // ends the loop
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c) // until the other side is done
			}()
		}
	}()
	return l.Addr().String()
}

func mesh(t *testing.T, nodes int) *Mesh {
	t.Helper()
	var addresses []string
	for range nodes {
		addresses = append(addresses, echo(t))
	}
	m, err := NewMesh(rand.New(rand.NewPCG(1, 2)), addresses)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

const patience = 30 * time.Second

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return c
}

// converse says something and expects it back.
func converse(t *testing.T, c net.Conn, size int) {
	t.Helper()
	want := make([]byte, size)
	for i := range want {
		want[i] = byte(i * 7 >> 3)
	}
	go func() { _, _ = c.Write(want) }() // a failure is seen below
	got := make([]byte, size)
	if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%d bytes did not come back: %v", size, err)
	}
}

// silent checks that nothing arrives for a while.
func silent(t *testing.T, c net.Conn) {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	var timeout net.Error
	if n, err := c.Read(make([]byte, 1)); n > 0 || !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Fatalf("%d bytes crossed a cut link: %v", n, err)
	}
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
}

func ended(t *testing.T, c net.Conn) {
	t.Helper()
	var timeout net.Error
	if _, err := io.Copy(io.Discard, c); errors.As(err, &timeout) && timeout.Timeout() {
		t.Fatal("the connection was not ended")
	}
}

func TestMeshPassesEverythingOn(t *testing.T) {
	m := mesh(t, 2)
	for _, cond := range []Conditions{
		{}, {Latency: time.Millisecond, Jitter: 3 * time.Millisecond, Loss: 0.05}, {Bandwidth: 100 << 20},
	} {
		m.SetAll(cond)
		converse(t, dial(t, m.Address(0, 1)), 1<<20)
	}
}

// A silent cut delays, a broken one ends connections; after both the link works.
func TestMeshCuts(t *testing.T) {
	m := mesh(t, 3)
	c, bystander := dial(t, m.Address(0, 1)), dial(t, m.Address(0, 2))
	converse(t, c, 10)
	if err := m.Split([]int{1}, Silent); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	silent(t, c)
	converse(t, bystander, 10)
	m.Heal()
	got := make([]byte, 5)
	if _, err := io.ReadFull(c, got); err != nil || string(got) != "hello" {
		t.Fatalf("after the cut came %q, %v", got, err)
	}
	if err := m.Split([]int{0, 2}, Broken); err != nil {
		t.Fatal(err)
	}
	ended(t, c)
	if again, err := net.Dial("tcp", m.Address(0, 1)); err == nil { // it may be ended before that returns
		defer again.Close()
		if err := again.SetDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		ended(t, again)
	}
	converse(t, bystander, 10)
	m.Heal()
	converse(t, dial(t, m.Address(0, 1)), 10)
	m.Reset(0)
	ended(t, bystander)
	for _, side := range [][]int{nil, {0, 1, 2}, {3}, {-1}} {
		if err := m.Split(side, Silent); err == nil {
			t.Errorf("split off %v", side)
		}
	}
}

// In a link that is cut in one direction, what is asked arrives and what is
// answered does not.
func TestMeshCutsOneWay(t *testing.T) {
	m := mesh(t, 2)
	c := dial(t, m.Address(0, 1))
	converse(t, c, 10)
	m.CutOneWay(1, 0, Silent)
	if _, err := c.Write([]byte("ping")); err != nil {
		t.Fatal(err)
	}
	silent(t, c)
	m.CutOneWay(1, 0, Whole)
	got := make([]byte, 4)
	if _, err := io.ReadFull(c, got); err != nil || string(got) != "ping" {
		t.Fatalf("after the cut came %q, %v", got, err)
	}
}

func TestMeshResets(t *testing.T) {
	m := mesh(t, 2)
	m.SetAll(Conditions{Reset: 1})
	c := dial(t, m.Address(0, 1))
	if _, err := c.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	ended(t, c)
}

// Segments arrive in order, none before its latency has passed.
func TestScheduleKeepsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.Int64Range(0, 50)
		cond := Conditions{
			Latency: time.Duration(ms.Draw(t, "latency")) * time.Millisecond,
			Jitter:  time.Duration(ms.Draw(t, "jitter")) * time.Millisecond,
			Loss:    rapid.Float64Range(0, 1).Draw(t, "loss"), Bandwidth: rapid.IntRange(0, 1<<20).Draw(t, "bandwidth"),
		}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		last := time.Now()
		for range rapid.IntRange(1, 20).Draw(t, "segments") {
			before := time.Now()
			p := schedule(rng, cond, last, rapid.IntRange(1, segment).Draw(t, "size"))
			if p.due.Before(last) || p.due.Before(before.Add(cond.Latency)) {
				t.Fatalf("due %v after %v, latency %v", p.due, last, cond.Latency)
			}
			last = p.due
		}
	})
}
