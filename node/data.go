package node

import (
	"context"
	"fmt"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/risk"
	"github.com/tacet-health/tacet/node/store"
	"github.com/tacet-health/tacet/node/store/warehouse"
	"github.com/tacet-health/tacet/node/vault"
)

// data answers measures on a payer's member data, where it is: *store.Store or *warehouse.Warehouse.
type data interface {
	Measure(ctx context.Context, spec *measures.Spec, period engine.Period, slots ...engine.Slot) ([]measures.Row, error)
	Observe(ctx context.Context, outcome string, period engine.Period) ([]risk.Person, error)
	Close() error
}

// openData opens what the configuration says: the warehouse at database.dsn, or the embedded database.
func openData(ctx context.Context, d *vault.Dir, c Config) (data, error) {
	if c.Database.DSN != "" {
		policy, err := c.Withhold.policy(c.Dir)
		if err != nil {
			return nil, err
		}
		w, err := warehouse.Open(ctx, c.Database.DSN, warehouse.Options{Withhold: policy})
		if err != nil {
			return nil, err // not w: a nil *Warehouse in the interface would be taken for data
		}
		return w, nil
	}
	st, err := openStore(ctx, d, c, store.Options{})
	if err != nil {
		return nil, err
	}
	return st, nil
}

func openStore(ctx context.Context, d *vault.Dir, c Config, o store.Options) (*store.Store, error) {
	policy, err := c.Withhold.policy(c.Dir)
	if err != nil {
		return nil, err
	}
	folder, err := d.Folder("store")
	if err != nil {
		return nil, err
	}
	o.MemoryMB, o.Threads, o.Withhold = c.Database.MemoryMB, c.Database.Threads, policy
	return store.Open(ctx, folder, o)
}

// Reach says whether a payer's warehouse can be asked, with the role that its configuration names; nil without a warehouse. It may be asked beside the service.
func Reach(ctx context.Context, c Config) error {
	if c.Database.DSN == "" {
		return nil
	}
	w, err := openData(ctx, nil, c)
	if err != nil {
		return err
	}
	return w.Close()
}

// WithStore opens the store of a payer that is not running, lets f work on it, and closes it.
func WithStore(ctx context.Context, c Config, f func(*store.Store) error) error {
	return withStore(ctx, c, store.Options{}, f)
}

func withStore(ctx context.Context, c Config, o store.Options, f func(*store.Store) error) (err error) {
	if c.Database.DSN != "" {
		return fmt.Errorf("the data of %s is in the warehouse of database.dsn, not in the embedded database: load it there (tacet node schema prints the tables), or take dsn out of tacet.toml", c.Name)
	}
	d, err := vault.Open(c.Dir)
	if err != nil {
		return fmt.Errorf("open store of %s: %w", c.Name, err)
	}
	defer d.Close()
	st, err := openStore(ctx, d, c, o)
	if err != nil {
		return fmt.Errorf("open store of %s: %w", c.Name, err)
	}
	defer func() {
		if cerr := st.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("close store of %s: %w", c.Name, cerr)
		}
	}()
	if err := f(st); err != nil {
		return fmt.Errorf("data of %s: %w", c.Name, err)
	}
	return nil
}
