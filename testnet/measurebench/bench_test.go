package measurebench

import (
	"errors"
	"testing"
)

// TestSmall: everything that is loaded was made, all measures run, and the hand-written queries give the same rows. Times are not judged here.
func TestSmall(t *testing.T) {
	f, err := run(t.Context(), Options{Members: 1000, Lines: 30_000, Dir: t.TempDir(), Say: t.Logf}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	people := 0
	for _, m := range f.Measures {
		if m.Den > 0 {
			people++
		}
	}
	if people < 20 || len(f.Measures) != 26 || len(f.Hand) != 3 || f.Lines < 29_900 || f.Bytes == 0 || f.Peak == 0 {
		t.Errorf("%d of %d measures have a denominator, %d hand-written queries, %d lines", people, len(f.Measures), len(f.Hand), f.Lines)
	}
}

// TestGoals: each goal is missed by itself, and met where it is.
func TestGoals(t *testing.T) {
	good := Figures{Members: 1_000_000, Lines: 50_000_000, Load: 600, Sum: 300, Peak: 8 << 30, Measures: []Measure{{ID: "a", Den: 1}}, Hand: []Hand{{ID: "a", Ours: 13, Hand: 10, Ratio: 1.3}}}
	say := func(string, ...any) {}
	if err := good.judge(say); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*Figures){
		"load": func(f *Figures) { f.Load = 601 }, "measures": func(f *Figures) { f.Sum = 301 }, "memory": func(f *Figures) { f.Peak++; f.Peak += 1 << 20 },
		"nobody": func(f *Figures) { f.Measures = []Measure{{ID: "a"}} }, "by hand": func(f *Figures) { f.Hand = []Hand{{ID: "a", Ours: 14, Hand: 10, Ratio: 1.4}} },
		"a tenth": func(f *Figures) { f.Lines, f.Load, f.Sum = 5_000_000, 60, 31 }, "a tenth's load": func(f *Figures) { f.Lines, f.Load, f.Sum = 5_000_000, 61, 30 },
	} {
		f := good
		spoil(&f)
		if err := f.judge(say); !errors.Is(err, ErrMissed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
