package chaos

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
)

// Mesh is the network between nodes: for each ordered pair a proxy that the
// first one dials to reach the second.
type Mesh struct {
	paths   [][]*path  // from, to
	proxies [][]*proxy // who dials, whom
}

// NewMesh connects nodes that listen at the given addresses. The seed decides
// jitter, loss and resets.
func NewMesh(rng *rand.Rand, addresses []string) (_ *Mesh, err error) {
	n := len(addresses)
	m := &Mesh{paths: make([][]*path, n), proxies: make([][]*proxy, n)}
	defer func() {
		if err != nil {
			m.Close()
		}
	}()
	for i := range n {
		m.paths[i], m.proxies[i] = make([]*path, n), make([]*proxy, n)
		for j := range n {
			m.paths[i][j] = newPath()
		}
	}
	var mu sync.Mutex
	seed := func() *rand.Rand {
		mu.Lock()
		defer mu.Unlock()
		return rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64()))
	}
	for i := range n {
		for j := range n {
			if i == j {
				continue
			}
			if m.proxies[i][j], err = newProxy(addresses[j], m.paths[i][j], m.paths[j][i], seed); err != nil {
				return nil, fmt.Errorf("proxy from %d to %d: %w", i, j, err)
			}
		}
	}
	return m, nil
}

// Address is where node from dials node to.
func (m *Mesh) Address(from, to int) string { return m.proxies[from][to].address() }

// Set changes the conditions of all directions between two nodes.
func (m *Mesh) Set(a, b int, c Conditions) {
	m.paths[a][b].setConditions(c)
	m.paths[b][a].setConditions(c)
}

// SetAll changes all conditions.
func (m *Mesh) SetAll(c Conditions) {
	for i := range m.paths {
		for j := range i {
			m.Set(i, j, c)
		}
	}
}

// SetNode changes the conditions of all links of a node.
func (m *Mesh) SetNode(node int, c Conditions) {
	for other := range m.paths {
		if other != node {
			m.Set(node, other, c)
		}
	}
}

// CutOneWay cuts the direction between two nodes, or makes it whole.
func (m *Mesh) CutOneWay(from, to int, how Cut) {
	m.paths[from][to].setCut(how)
	if how == Broken {
		m.proxies[from][to].resetAll()
		m.proxies[to][from].resetAll()
	}
}

// Split cuts every link between a node of side and one that is not.
func (m *Mesh) Split(side []int, how Cut) error {
	in := make([]bool, len(m.paths))
	for _, i := range side {
		if i < 0 || i >= len(in) {
			return fmt.Errorf("split the network: there is no node %d", i)
		}
		in[i] = true
	}
	if len(side) == 0 || len(side) == len(in) {
		return errors.New("split the network: one side is empty")
	}
	for i := range in {
		for j := range in {
			if in[i] != in[j] {
				m.CutOneWay(i, j, how)
			}
		}
	}
	return nil
}

// Heal makes all links whole.
func (m *Mesh) Heal() {
	for _, row := range m.paths {
		for _, p := range row {
			p.setCut(Whole)
		}
	}
}

// Reset ends the connections of a node; new ones are let through.
func (m *Mesh) Reset(node int) {
	for other := range m.paths {
		if other != node {
			m.proxies[node][other].resetAll()
			m.proxies[other][node].resetAll()
		}
	}
}

// Close ends all connections and stops the proxies.
func (m *Mesh) Close() {
	for _, row := range m.proxies {
		for _, p := range row {
			if p != nil {
				p.close()
			}
		}
	}
}
