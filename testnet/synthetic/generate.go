package synthetic

import (
	"fmt"
	"os"
	"path/filepath"
)

// generator holds what the making of one population needs.
type generator struct {
	o         Options
	r         *random
	feed      *random // of steady
	ward      *random // of wards
	practices []Practice
	payers    []*payer
}

// Population is what Generate made.
type Population struct {
	Options   Options    // with the defaults filled in
	Practices []Practice // by id
	Folders   []string   // one a payer, in the order of the payers
}

// Generate writes the population below dir, one new folder a payer (payer-1, payer-2, …) of canonical CSV files, and flushes them. The folders must
// not exist. It runs in one goroutine; 60,000 people take about a second.
func Generate(dir string, o Options) (*Population, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	g := &generator{o: o, r: newRandom(o.Seed), feed: newRandom(^o.Seed), ward: newRandom(o.Seed ^ 0x77617264)}
	g.practices = makePractices(o, g.r)
	out := &Population{Options: o, Practices: g.practices}
	for i := range o.Payers {
		folder := filepath.Join(dir, fmt.Sprintf("payer-%d", i+1))
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make synthetic population: %w", err)
		}
		if err := os.Mkdir(folder, 0o700); err != nil {
			return nil, fmt.Errorf("make synthetic population: %w", err)
		}
		p, err := newPayer(folder, i, o.Strata)
		if err != nil {
			g.close()
			return nil, fmt.Errorf("make synthetic population: %w", err)
		}
		g.payers = append(g.payers, p)
		out.Folders = append(out.Folders, folder)
	}
	for i := range g.practices {
		for range g.practices[i].people {
			g.member(i)
		}
	}
	for _, p := range g.payers {
		for i := range g.practices {
			p.crosswalk.row(local(p.index, i), g.practices[i].ID)
		}
	}
	if err := g.close(); err != nil {
		return nil, fmt.Errorf("make synthetic population: %w", err)
	}
	return out, nil
}

func (g *generator) close() error {
	var first error
	for _, p := range g.payers {
		for _, t := range p.tables() {
			if err := t.close(); err != nil && first == nil {
				first = err
			}
		}
	}
	return first
}

// member makes one person of a practice with all rows.
func (g *generator) member(practice int) {
	pr := &g.practices[practice]
	payer := g.payers[g.r.weighted(pr.payers, pr.total)]
	payer.people++
	p := g.person(practice, fmt.Sprintf("%c%07d", 'A'+payer.index, payer.people*7919%9999991))
	payer.enrol(p)
	payer.attribute(p, g.o.Period)
	g.screening(payer, p, pr)
	g.diabetes(payer, p, pr)
	g.primaryCare(payer, p, pr)
	g.otherCare(payer, p, pr)
	g.steady(payer, p)
	if g.o.Stays {
		g.wards(payer, p, pr)
	}
}
