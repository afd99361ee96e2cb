package authorship_test

import (
	"testing"

	"github.com/gocess/gocess/ledger/pallets/authorship"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/session"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/substrate"
)

func TestAuthor(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	err := c.Do(func(ctx *runtime.Context) error {
		if who, ok := (authorship.API{}).Author(ctx); !ok || who != palletstest.Author {
			t.Errorf("the author is %v, %v", who, ok)
		}
		// A list of validators that changes within the block changes nothing:
		// the index refers to the list before the block.
		session.Validators.Put(ctx, []substrate.AccountID{palletstest.Bob})
		if who, _ := (authorship.API{}).Author(ctx); who != palletstest.Author {
			t.Errorf("the author became %v", who)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if authorship.Author.Exists(c.Ctx()) {
		t.Error("the author outlives the block")
	}
}
