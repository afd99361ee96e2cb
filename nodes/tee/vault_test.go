package tee

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func sealers(t *testing.T) map[string]Sealer {
	t.Helper()
	key, err := NewKeySealer([32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]Sealer{"unsealed": Unsealed{}, "with a key": key}
}

func TestVaultKeepsKeys(t *testing.T) {
	for name, sealer := range sealers(t) {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "home", "keys")
			genesis := [32]byte{7}
			fill := func() (*keyPair, *master, *taggerV2) {
				v, err := openVault(dir, sealer)
				if err != nil {
					t.Fatal(err)
				}
				identity, err := loadIdentity(v, genesis, nil)
				if err != nil {
					t.Fatal(err)
				}
				r, err := openRing(v, identity)
				if err != nil {
					t.Fatal(err)
				}
				m, tagger := vectorMaster(t), r.version2()
				if tagger == nil {
					if tagger, err = generateTaggerV2(); err != nil {
						t.Fatal(err)
					}
				}
				if err := errors.Join(r.addMaster(m), r.setTagger(tagger)); err != nil {
					t.Fatal(err)
				}
				if r.current() != nil {
					t.Error("a master key is in use that the chain does not name")
				}
				r.use(m.sign.public)
				if r.current() == nil {
					t.Error("the master key is unknown")
				}
				return identity, m, tagger
			}
			identity, _, tagger := fill()
			again, _, taggerAgain := fill()
			if identity.public != again.public || tagger.seed != taggerAgain.seed {
				t.Error("a restart changed the keys")
			}
			onlyForOwner(t, dir)
		})
	}
}

func onlyForOwner(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestVaultRefuses(t *testing.T) {
	setup := func(t *testing.T, sealer Sealer) (string, *vault, *keyPair) {
		dir := filepath.Join(t.TempDir(), "keys")
		v, err := openVault(dir, sealer)
		if err != nil {
			t.Fatal(err)
		}
		identity, err := loadIdentity(v, [32]byte{1}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := v.putMaster(identity, vectorMaster(t)); err != nil {
			t.Fatal(err)
		}
		return dir, v, identity
	}
	t.Run("keys of another chain", func(t *testing.T) {
		_, v, _ := setup(t, Unsealed{})
		if _, err := v.identity([32]byte{2}); !errors.Is(err, ErrChain) {
			t.Error(err)
		}
	})
	t.Run("another sealing key", func(t *testing.T) {
		s := sealers(t)["with a key"]
		_, v, identity := setup(t, s)
		other, err := NewKeySealer([32]byte{2})
		if err != nil {
			t.Fatal(err)
		}
		v.sealer = other
		if _, err := v.masters(identity); !errors.Is(err, errSealed) {
			t.Error(err)
		}
	})
	t.Run("a file that others may read", func(t *testing.T) {
		dir, v, _ := setup(t, Unsealed{})
		if err := os.Chmod(filepath.Join(dir, identityFile), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := v.identity([32]byte{1}); err == nil {
			t.Error("accepted")
		}
	})
	t.Run("a master key that another worker sealed", func(t *testing.T) {
		_, v, _ := setup(t, Unsealed{})
		if _, err := v.masters(pairOfSeed(t, 3)); err == nil {
			t.Error("accepted")
		}
	})
	t.Run("another identity in the configuration", func(t *testing.T) {
		_, v, _ := setup(t, Unsealed{})
		if _, err := loadIdentity(v, [32]byte{1}, pairOfSeed(t, 4).pair); err == nil {
			t.Error("accepted")
		}
	})
}

func TestRingAdoptsOnlyTheKeyOnChain(t *testing.T) {
	open := func() *ring {
		v, err := openVault(filepath.Join(t.TempDir(), "keys"), Unsealed{})
		if err != nil {
			t.Fatal(err)
		}
		r, err := openRing(v, pairOfSeed(t, 1))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	giver, m := open(), vectorMaster(t)
	tagger, err := generateTaggerV2()
	if err != nil {
		t.Fatal(err)
	}
	older, err := generateMaster()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(giver.addMaster(older), giver.addMaster(m), giver.setTagger(tagger)); err != nil {
		t.Fatal(err)
	}
	giver.use(m.sign.public)
	raw, err := giver.export()
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) > maxExport {
		t.Errorf("the export has %d bytes", len(raw))
	}
	taker := open()
	if err := taker.adopt(raw, [32]byte{1}); !errors.Is(err, errBundle) {
		t.Error("a key that the chain does not name:", err)
	}
	if len(taker.all()) != 0 || taker.version2() != nil {
		t.Error("a refused delivery left keys")
	}
	if err := taker.adopt(raw, m.sign.public); err != nil {
		t.Fatal(err)
	}
	taker.use(m.sign.public)
	if taker.current() == nil || len(taker.all()) != 2 || taker.version2() == nil || taker.version2().seed != tagger.seed {
		t.Error("the delivery is incomplete")
	}
	if taker.unused([][32]byte{m.sign.public, older.sign.public}) != nil {
		t.Error("a settled key counts as unused")
	}
}
