package rules

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/measures"
)

// spec is a measure; a star behind the id gives another content under the same id.
func spec(id, version string) *measures.Spec {
	id, other := strings.CutSuffix(id, "*")
	title := "Test"
	if other {
		title = "Another test"
	}
	s := &measures.Spec{ID: id, Version: version, Title: title, Type: measures.Proportion, Direction: measures.Higher, Grain: "practice",
		Inputs: []string{"eligibility"}, SQL: "SELECT practice, stratum, num, den FROM eligibility", Cap: measures.Cap{Num: 1000, Den: 1000},
		Release:   measures.Release{Profile: "quality-rate", Unit: measures.Percent, Scale: measures.Scale{Num: 100, Den: 1}, Step: 1, Range: [2]int64{0, 100}, MinDen: 30},
		Rationale: "test", Source: "test", Licence: "Apache-2.0"}
	if id == "m-cost" {
		s.Type, s.Cap = measures.PMPM, measures.Cap{Num: 5000, Den: 5000}
		s.Release = measures.Release{Profile: "price-like", Unit: "usd", Scale: measures.Scale{Num: 1, Den: 2}, Step: 20, Range: [2]int64{0, 1000}, MinDen: 600}
	}
	if strings.HasPrefix(version, "2.") {
		s.Release.Kind = measures.BenchmarkOnly
	}
	return s
}

// manifest is the standard manifest with fields changed: "r1 period=\"2011\" cells=[]". over=VERSION:FROM-TO takes m-rate alone, in that
// version, over practices pFROM to pTO.
func (w *world) manifest(line string) string {
	f := strings.Fields(line)
	ref := func(id, profile string) MeasureRef {
		h := spec(id, "1.0.0").Hash()
		return MeasureRef{id, "1.0.0", hex.EncodeToString(h[:]), profile}
	}
	b := RunAuthorise{Run: f[0], Measures: []MeasureRef{ref("m-rate", "quality-rate"), ref("m-cost", "price-like")}, Caps: []Ratio{{1000, 1000}, {5000, 5000}},
		Period: "2010", Roster: RosterHash([]string{"p1", "p2", "p3"}), Contributors: []string{"payer-a", "payer-b", "payer-c"}, Recipients: []string{"convener", "payer-a", "payer-b"},
		Cells:      []CellRef{{0, "p1", "all"}, {0, "p3", "all"}, {1, "p1", "all"}},
		Parameters: Parameters{"standard", strings.Repeat("ab", 32)}, Deadlines: Deadlines{600, 600, 600, 600, 600, 600}, Purpose: "test", Agreement: "agreement-1"}
	for _, x := range f[1:] {
		name, value, _ := strings.Cut(x, "=")
		if name == "over" {
			b.Measures, b.Caps, b.Cells = b.Measures[:1], b.Caps[:1], nil
			version, practices, _ := strings.Cut(value, ":")
			var from, to int
			if _, err := fmt.Sscanf(practices, "%d-%d", &from, &to); err != nil {
				w.t.Fatalf("%s: %v", x, err)
			}
			h := spec("m-rate", version).Hash()
			b.Measures[0].Version, b.Measures[0].Hash = version, hex.EncodeToString(h[:])
			for i := from; i <= to; i++ {
				b.Cells = append(b.Cells, CellRef{0, fmt.Sprintf("p%d", i), "all"})
			}
			continue
		}
		if err := json.Unmarshal([]byte(`{"`+name+`":`+value+`}`), &b); err != nil {
			w.t.Fatalf("%s: %v", x, err)
		}
	}
	out, err := entry.Canonical(b)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(out)
}
