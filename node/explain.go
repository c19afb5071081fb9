package node

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/store"
	"github.com/tacet-health/tacet/node/store/warehouse"
	"github.com/tacet-health/tacet/node/vault"
)

// LibraryMeasures are the library's measures with these ids, in this order; all of them when none is named.
func LibraryMeasures(ids ...string) ([]*measures.Spec, error) {
	if len(ids) == 0 {
		return library.Measures(), nil
	}
	var out []*measures.Spec
	for _, id := range ids {
		s, err := library.Measure(id)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// Filling fills a measure's slots.
type Filling func(*measures.Spec) ([]engine.Slot, error)

// ownSlots is f, or the node's own lists.
func ownSlots(dir string, f Filling) Filling {
	if f != nil {
		return f
	}
	return func(s *measures.Spec) ([]engine.Slot, error) { return slotsOf(dir, s) }
}

// Explain says which rows put a person into the populations of a measure, on a payer that is not running, or, while it runs too, on its warehouse: then
// the person's rows are read into a database that ends with the call. slots nil: the node's own lists. The answer is member data and stays here.
func Explain(ctx context.Context, dir string, spec *measures.Spec, year int, person string, slots Filling) (e store.Explanation, err error) {
	filled, err := ownSlots(dir, slots)(spec)
	if err == nil {
		filled, err = withModel(dir, spec, filled)
	}
	if err != nil {
		return e, err
	}
	c, err := readPayer(dir)
	if err != nil {
		return e, err
	}
	explain := func(st *store.Store) error {
		e, err = st.Explain(ctx, spec, engine.Period{Year: year}, person, filled...)
		return err
	}
	if c.Database.DSN == "" {
		return e, WithStore(ctx, c, explain)
	}
	return e, withPerson(ctx, c, spec.Inputs, person, explain)
}

// withPerson lets f work on a store of one person of the warehouse. It is in the node's directory, which is the operator's alone, and goes with the call;
// after a crash it is left there until the next explanation.
func withPerson(ctx context.Context, c Config, inputs []string, person string, f func(*store.Store) error) (err error) {
	policy, err := c.Withhold.policy(c.Dir)
	if err != nil {
		return err
	}
	w, err := warehouse.Open(ctx, c.Database.DSN, warehouse.Options{Withhold: policy})
	if err != nil {
		return err
	}
	defer w.Close()
	old, err := filepath.Glob(filepath.Join(c.Dir, "explain-*"))
	if err != nil {
		return err
	}
	for _, o := range old {
		if err := os.RemoveAll(o); err != nil {
			return err
		}
	}
	folder, err := os.MkdirTemp(c.Dir, "explain-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	st, err := store.Open(ctx, folder, store.Options{MemoryMB: c.Database.MemoryMB, Threads: c.Database.Threads, Withhold: policy})
	if err != nil {
		return err
	}
	defer st.Close()
	if err := w.Person(ctx, st, append(slices.Clone(inputs), policy.Reads(inputs)...), person); err != nil {
		return err
	}
	return f(st)
}

// Previewed is what the node would contribute for one practice and stratum.
type Previewed = admin.Previewed

// Preview runs measures over a payer's own data for a year and the one before.
// What it returns is a payer's own counts: it stays on the node.
func Preview(ctx context.Context, dir string, specs []*measures.Spec, year int, slots Filling) (out []Previewed, err error) {
	slots, out = ownSlots(dir, slots), []Previewed{}
	err = local(ctx, dir, func(st data) error {
		for _, spec := range specs {
			filled, err := slots(spec)
			if err == nil {
				filled, err = withModel(dir, spec, filled)
			}
			if err != nil {
				return err
			}
			rows, err := preview(ctx, st, spec, year, filled)
			if err != nil {
				return showCell(err)
			}
			out = append(out, rows...)
		}
		return nil
	})
	return out, err
}

// Preview implements admin.Previewer: a run's own definitions and year, on the node's own lists.
func (o operator) Preview(ctx context.Context, run string) ([]Previewed, error) {
	var a *agreed
	var err error
	o.s.replica.View(func(st *rules.State) { a, err = resolve(st, run) })
	if err != nil {
		return nil, err
	}
	if o.s.store == nil {
		return nil, fmt.Errorf("%s holds no member data", o.s.cfg.Name)
	}
	out := []Previewed{}
	for i, spec := range a.specs {
		slots, err := a.slots(o.s.cfg.Dir, i)
		if err != nil {
			return nil, err
		}
		rows, err := preview(ctx, o.s.store, spec, a.year.Year, slots)
		if err != nil {
			return nil, err
		}
		flagCells(rows, a, i)
		out = append(out, rows...)
	}
	return out, nil
}

func preview(ctx context.Context, st data, spec *measures.Spec, year int, slots []engine.Slot) ([]Previewed, error) {
	type cell struct{ practice, stratum string }
	cells := map[cell]*Previewed{}
	at := func(r measures.Row) *Previewed {
		key := cell{r.Practice, r.Stratum}
		if cells[key] == nil {
			cells[key] = &Previewed{Measure: spec.ID, Practice: r.Practice, Stratum: r.Stratum, Flags: []string{}}
		}
		return cells[key]
	}
	now, err := st.Measure(ctx, spec, engine.Period{Year: year}, slots...)
	if err != nil {
		return nil, err
	}
	before, err := st.Measure(ctx, spec, engine.Period{Year: year - 1}, slots...)
	if err != nil {
		return nil, err
	}
	for _, r := range now {
		p := at(r)
		p.Num, p.Den = r.Num, r.Den
	}
	for _, r := range before {
		p := at(r)
		p.PriorNum, p.PriorDen = r.Num, r.Den
	}
	keys := slices.SortedFunc(maps.Keys(cells), func(a, b cell) int {
		if a.practice != b.practice {
			return compare(a.practice, b.practice)
		}
		return compare(a.stratum, b.stratum)
	})
	var out []Previewed
	for _, k := range keys {
		p := cells[k]
		flag(p, spec)
		out = append(out, *p)
	}
	return out, nil
}

func compare(a, b string) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

// flag notes what an analyst should look at before a run.
func flag(p *Previewed, spec *measures.Spec) {
	add := func(on bool, text string) {
		if on {
			p.Flags = append(p.Flags, text)
		}
	}
	add(p.Den == 0, "nobody this year")
	add(p.Den > 0 && p.PriorDen == 0, "nobody the year before")
	add(p.PriorDen >= 30 && (p.Den*2 < p.PriorDen || p.Den > p.PriorDen*2), "denominator changed by more than half or double")
	if spec.Type == measures.Proportion && p.Den >= 30 && p.PriorDen >= 30 {
		change := 100*p.Num*p.PriorDen - 100*p.PriorNum*p.Den
		add(change > 20*p.Den*p.PriorDen || -change > 20*p.Den*p.PriorDen, "rate changed by more than 20 points")
	}
	add(p.Den > spec.Cap.Den-spec.Cap.Den/10 || p.Num > spec.Cap.Num-spec.Cap.Num/10, "near the measure's cap")
}

// readPayer reads the configuration of a payer.
func readPayer(dir string) (Config, error) {
	c, err := readConfig(dir)
	if err == nil && c.Role != Payer {
		err = fmt.Errorf("%s is a %s and holds no member data", c.Name, c.Role)
	}
	return c, err
}

// local lets f ask a payer's data, where it is.
func local(ctx context.Context, dir string, f func(data) error) (err error) {
	c, err := readPayer(dir)
	if err != nil {
		return err
	}
	if c.Database.DSN == "" {
		return WithStore(ctx, c, func(st *store.Store) error { return f(st) })
	}
	w, err := openData(ctx, nil, c)
	if err != nil {
		return err
	}
	defer w.Close()
	return f(w)
}

// WritePrivate writes member data to a file that its owner alone reads.
func WritePrivate(path string, b []byte) error { return vault.Write(path, b) }
