package pool

// entryList orders entries by when they were last validated, the oldest first.
// It is a ring through a sentinel.
type entryList struct{ root entry }

func (l *entryList) init() { l.root.prev, l.root.next = &l.root, &l.root }

func (l *entryList) pushBack(e *entry) {
	e.prev, e.next = l.root.prev, &l.root
	e.prev.next, e.next.prev = e, e
}

func (l *entryList) remove(e *entry) {
	e.prev.next, e.next.prev = e.next, e.prev
	e.prev, e.next = nil, nil
}

// front is the entry validated longest ago, nil when the list is empty.
func (l *entryList) front() *entry {
	if l.root.next == &l.root {
		return nil
	}
	return l.root.next
}
