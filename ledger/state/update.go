package state

import "sync"

// op is one change of the trie.
type op struct {
	key   []byte // nibbles
	value []byte // nil: delete
	index int    // of the change, for its effect
}

// updater applies sorted changes to a trie from the root downwards, loading only
// what they touch. A node is encoded and hashed once, by its parent, as soon as
// the parent knows that the node stays where it is; nodes therefore never refer
// upwards and subtrees are independent. Large ones are given to other
// goroutines, each with an updater of its own.
type updater struct {
	version Version
	base    *View         // the state before; nil if it is empty
	changes []KV          // shared
	effects []effect      // shared; each change writes its own
	tokens  chan struct{} // shared; one per running goroutine
	writes  []nodeWrite
	path    []byte // scratch
}

// forkOps is the number of changes under a child that is worth a goroutine.
const forkOps = 128

// apply changes the subtree at s, the slot with the first depth nibbles of every
// key. Afterwards s is empty or holds a node whose children are references. The
// node itself is left to the caller, who may have to join it with its parent.
func (u *updater) apply(s *slot, depth int, ops []op) error {
	if s.empty() {
		var err error
		s.node, err = u.build(depth, dropDeletions(ops))
		return err
	}
	if len(ops) > 1 || !u.openLeaf(s, depth, ops[0]) {
		if err := u.open(s, ops[0].key[:depth], -1); err != nil {
			return err
		}
	}
	n := s.node
	// The changes share with the node's partial key what the first and the last
	// of them share.
	last := ops[len(ops)-1].key
	shared := min(commonPrefix(n.partial, ops[0].key[depth:]), commonPrefix(n.partial, last[depth:]))
	if shared < len(n.partial) {
		n = split(n, shared)
	}
	depth += shared
	if len(ops[0].key) == depth {
		u.setValue(n, ops[0])
		ops = ops[1:]
	}
	if len(ops) > 0 && n.children == nil {
		n.children = new([16]slot)
	}
	if err := u.applyChildren(n, depth, ops); err != nil {
		return err
	}
	var err error
	s.node, err = u.normalise(n, last[:depth])
	return err
}

// applyChildren hands the changes to the children of n, whose own key is the
// first depth nibbles.
func (u *updater) applyChildren(n *node, depth int, ops []op) error {
	return u.eachChild(depth, ops, func(u *updater, i byte, ops []op) error {
		return u.apply(&n.children[i], depth+1, ops)
	})
}

// eachChild calls visit for each group of changes that continue with the same
// nibble. Groups may run on other goroutines; all have ended when it returns.
func (u *updater) eachChild(depth int, ops []op, visit func(u *updater, i byte, ops []op) error) error {
	type fork struct {
		u   *updater
		err error
	}
	var forks []*fork
	var running sync.WaitGroup
	var failed error
	for len(ops) > 0 && failed == nil {
		i, n := ops[0].key[depth], 1
		for n < len(ops) && ops[n].key[depth] == i {
			n++
		}
		group := ops[:n]
		ops = ops[n:]
		if len(group) >= forkOps && len(ops) > 0 {
			select {
			case u.tokens <- struct{}{}:
				f := &fork{u: u.fork()}
				forks = append(forks, f)
				running.Go(func() {
					defer func() { <-u.tokens }()
					f.err = visit(f.u, i, group)
				})
				continue
			default:
			}
		}
		failed = visit(u, i, group)
	}
	running.Wait()
	for _, f := range forks {
		if failed == nil {
			failed = f.err
		}
		u.writes = append(u.writes, f.u.writes...)
	}
	return failed
}

func (u *updater) fork() *updater {
	return &updater{version: u.version, base: u.base, changes: u.changes, effects: u.effects, tokens: u.tokens}
}

// split cuts the partial key of n after shared nibbles and returns a branch with
// the rest of n as its only child.
func split(n *node, shared int) *node {
	rest := *n
	rest.partial = n.partial[shared+1:]
	branch := &node{partial: n.partial[:shared], children: new([16]slot)}
	branch.children[n.partial[shared]].node = &rest
	return branch
}

func (u *updater) setValue(n *node, o op) {
	if o.value == nil {
		if n.value.kind != valueNone {
			n.value = value{}
			u.effects[o.index] = effectDelete
		}
		return
	}
	v := newValue(o.value, u.version)
	switch {
	case n.value.kind == valueNone:
		u.effects[o.index] = effectInsert
	case n.value.equal(v):
		return
	default:
		u.effects[o.index] = effectUpdate
	}
	n.value = v
}

// normalise gives the node with this key its canonical shape: nothing, a leaf, a
// branch with something to branch for, or what is left joined with its only
// child. It returns nil for nothing.
func (u *updater) normalise(n *node, key []byte) (*node, error) {
	count, only := 0, 0
	if n.children != nil {
		for i := range n.children {
			s := &n.children[i]
			if !s.empty() {
				count, only = count+1, i
			} else if s.record != nil {
				u.remove(key, i, s)
			}
		}
	}
	switch {
	case count == 0 && n.value.kind == valueNone:
		return nil, nil
	case count == 0:
		n.children = nil
	case count == 1 && n.value.kind == valueNone:
		s := &n.children[only]
		if err := u.open(s, key, only); err != nil {
			return nil, err
		}
		if s.record != nil {
			u.remove(key, only, s)
		}
		child := s.node
		partial := make([]byte, 0, len(n.partial)+1+len(child.partial))
		partial = append(append(partial, n.partial...), byte(only))
		child.partial = append(partial, child.partial...)
		return child, nil
	default:
		u.finishChildren(n, key)
	}
	return n, nil
}

// build makes the subtree of changes that set values where nothing was, nil if
// there are none.
func (u *updater) build(depth int, ops []op) (*node, error) {
	if len(ops) == 0 {
		return nil, nil
	}
	first := ops[0].key[depth:]
	shared := commonPrefix(first, ops[len(ops)-1].key[depth:])
	if len(ops) == 1 {
		shared = len(first)
	}
	n := &node{partial: first[:shared]}
	depth += shared
	key := ops[0].key[:depth]
	if len(ops[0].key) == depth {
		u.setValue(n, ops[0])
		ops = ops[1:]
	}
	if len(ops) == 0 {
		return n, nil
	}
	n.children = new([16]slot)
	err := u.eachChild(depth, ops, func(u *updater, i byte, ops []op) error {
		var err error
		n.children[i].node, err = u.build(depth+1, ops)
		return err
	})
	if err != nil {
		return nil, err
	}
	u.finishChildren(n, key)
	return n, nil
}

func dropDeletions(ops []op) []op {
	for i := range ops {
		if ops[i].value != nil {
			continue
		}
		kept := append([]op(nil), ops[:i]...)
		for _, o := range ops[i:] {
			if o.value != nil {
				kept = append(kept, o)
			}
		}
		return kept
	}
	return ops
}
