package synthetic

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// digest hashes all files of a population in name order.
func digest(t *testing.T, p *Population) string {
	t.Helper()
	h := sha256.New()
	for _, folder := range p.Folders {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			b, err := os.ReadFile(filepath.Join(folder, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			h.Write([]byte(e.Name()))
			h.Write(b)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

func generate(t *testing.T, o Options) *Population {
	t.Helper()
	p, err := Generate(t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The bytes are a promise: a change of this hash changes every result that was ever published of the built-in population.
func TestSameBytesEverywhere(t *testing.T) {
	o := Options{People: 2000, Practices: 12, Payers: 3, Seed: 7}
	first, second := digest(t, generate(t, o)), digest(t, generate(t, o))
	if first != second {
		t.Fatal("two populations of the same seed differ")
	}
	if golden := "de78dccb5591c45ed625abb3a5638d8812afd71093475478c0cf036e3ced3166"; first != golden {
		t.Errorf("population of seed 7 has hash %s, want %s", first, golden)
	}
	o.Seed = 8
	if digest(t, generate(t, o)) == first {
		t.Error("another seed gives the same population")
	}
}

// Strata add columns and a table and change nothing else.
func TestStrataAddOnly(t *testing.T) {
	o := Options{People: 1200, Practices: 12, Payers: 3, Seed: 7}
	plain := generate(t, o)
	o.Strata = true
	more := generate(t, o)
	for i, folder := range plain.Folders {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			a, err := os.ReadFile(filepath.Join(folder, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(filepath.Join(more.Folders[i], e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			if e.Name() == "eligibility.csv" {
				var cut []string
				for line := range strings.Lines(string(b)) {
					cut = append(cut, strings.Join(strings.Split(strings.TrimSpace(line), ",")[:8], ","))
				}
				b = []byte(strings.Join(cut, "\n") + "\n")
			}
			if !bytes.Equal(a, b) {
				t.Errorf("%s of payer %d is another", e.Name(), i+1)
			}
		}
	}
}

func TestOptions(t *testing.T) {
	for _, o := range []Options{{People: 999}, {People: 4000}, {Practices: 11}, {Payers: 2}, {Payers: 16}, {Period: 1989}, {People: 6_000_000}} {
		if o.Validate() == nil {
			t.Errorf("%+v was accepted", o)
		}
		if _, err := Generate(t.TempDir(), o); err == nil {
			t.Errorf("%+v was generated", o)
		}
	}
	dir := t.TempDir()
	if _, err := Generate(dir, Options{People: 1200, Practices: 12}); err != nil {
		t.Fatal(err)
	}
	if _, err := Generate(dir, Options{People: 1200, Practices: 12}); err == nil {
		t.Error("a population was written over another")
	}
}

// Every kind of practice is there, everybody asked for is made, and payers are skewed.
func TestShape(t *testing.T) {
	p := generate(t, Options{})
	kinds := map[Kind]int{}
	people := 0
	for _, pr := range p.Practices {
		kinds[pr.Kind]++
		people += pr.people
	}
	if people != 60000 || kinds[Small] != 3 || kinds[Few] != 3 || kinds[Dominated] != 1 || kinds[Sole] != 1 || kinds[Pair] != 1 || kinds[Ordinary] != 39 {
		t.Fatalf("%d people, kinds %v", people, kinds)
	}
	sizes := make([]int, len(p.Folders))
	for i, folder := range p.Folders {
		b, err := os.ReadFile(filepath.Join(folder, "eligibility.csv"))
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, row := range bytes.Split(bytes.TrimSpace(b), []byte("\n"))[1:] {
			id, _, _ := strings.Cut(string(row), ",")
			seen[id] = true
		}
		sizes[i] = len(seen)
		people -= sizes[i]
	}
	if people != 0 || sizes[0] < 2*sizes[4] {
		t.Errorf("people of the payers: %v", sizes)
	}
}

func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		if _, err := Generate(b.TempDir(), Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
