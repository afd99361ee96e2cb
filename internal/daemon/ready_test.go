package daemon

import (
	"errors"
	"testing"
)

type role struct{ ready error }

func (role) Err() error     { return nil }
func (role) Close() error   { return nil }
func (r role) Ready() error { return r.ready }

// A role is ready when it has started and does not say otherwise.
func TestReady(t *testing.T) {
	a := new(Admin)
	if a.notReady() == nil {
		t.Error("a role that starts is ready")
	}
	why := errors.New("no peers")
	for _, want := range []error{why, nil} {
		r := Role(role{want})
		if a.role.Store(&r); !errors.Is(a.notReady(), want) {
			t.Errorf("%v, want %v", a.notReady(), want)
		}
	}
}
