package node

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/node/store"
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

// Explain says which rows put a person into the populations of a measure, on a
// payer that is not running. The answer is member data and stays here.
func Explain(ctx context.Context, dir string, spec *measures.Spec, year int, person string, slots ...engine.Slot) (e store.Explanation, err error) {
	err = local(ctx, dir, func(st *store.Store) error {
		e, err = st.Explain(ctx, spec, engine.Period{Year: year}, person, slots...)
		return err
	})
	return e, err
}

// Previewed is what the node would contribute for one practice and stratum.
type Previewed struct {
	Measure  string   `json:"measure"`
	Practice string   `json:"practice"`
	Stratum  string   `json:"stratum"`
	Num      int64    `json:"num"`
	Den      int64    `json:"den"`
	PriorNum int64    `json:"prior_num"` // of the year before
	PriorDen int64    `json:"prior_den"`
	Flags    []string `json:"flags"`
}

// Preview runs measures over a payer's own data for a year and the one before.
// What it returns is a payer's own counts: it stays on the node.
func Preview(ctx context.Context, dir string, specs []*measures.Spec, year int, slots func(*measures.Spec) ([]engine.Slot, error)) (out []Previewed, err error) {
	err = local(ctx, dir, func(st *store.Store) error {
		for _, spec := range specs {
			filled, err := slots(spec)
			if err != nil {
				return err
			}
			rows, err := preview(ctx, st, spec, year, filled)
			if err != nil {
				return err
			}
			out = append(out, rows...)
		}
		return nil
	})
	return out, err
}

func preview(ctx context.Context, st *store.Store, spec *measures.Spec, year int, slots []engine.Slot) ([]Previewed, error) {
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
		p.flag(spec)
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
func (p *Previewed) flag(spec *measures.Spec) {
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

func local(ctx context.Context, dir string, f func(*store.Store) error) error {
	c, err := readConfig(dir)
	if err != nil {
		return err
	}
	if c.Role != Payer {
		return fmt.Errorf("%s is a %s and holds no member data", c.Name, c.Role)
	}
	return WithStore(ctx, c, f)
}
