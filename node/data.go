package node

import (
	"context"
	"fmt"

	"github.com/tacet-health/tacet/node/store"
	"github.com/tacet-health/tacet/node/vault"
)

func openStore(ctx context.Context, d *vault.Dir, db Database) (*store.Store, error) {
	folder, err := d.Folder("store")
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, folder, store.Options{MemoryMB: db.MemoryMB, Threads: db.Threads})
}

// Load takes canonical files, or folders of them, into the store of a payer that is not running.
func Load(ctx context.Context, dir string, paths ...string) (report store.Report, err error) {
	c, err := readConfig(dir)
	if err != nil {
		return report, err
	}
	if c.Role != Payer {
		return report, fmt.Errorf("%s is a %s and holds no member data", c.Name, c.Role)
	}
	err = WithStore(ctx, c, func(st *store.Store) error {
		report, err = st.Load(ctx, paths...)
		return err
	})
	return report, err
}

// WithStore opens the store of a payer that is not running, lets f work on it, and closes it.
func WithStore(ctx context.Context, c Config, f func(*store.Store) error) (err error) {
	d, err := vault.Open(c.Dir)
	if err != nil {
		return fmt.Errorf("open store of %s: %w", c.Name, err)
	}
	defer d.Close()
	st, err := openStore(ctx, d, c.Database)
	if err != nil {
		return fmt.Errorf("open store of %s: %w", c.Name, err)
	}
	defer func() {
		if cerr := st.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("close store of %s: %w", c.Name, cerr)
		}
	}()
	if err := f(st); err != nil {
		return fmt.Errorf("load data of %s: %w", c.Name, err)
	}
	return nil
}
