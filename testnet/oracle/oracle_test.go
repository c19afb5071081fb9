package oracle

import (
	"math/big"
	"slices"
	"strings"
	"testing"
)

// payers makes counts of one practice: one pair a payer.
func payers(measure string, pairs ...Pair) Counts {
	c := Counts{Measure: measure}
	for _, p := range pairs {
		c.Payers = append(c.Payers, map[string]Pair{"P": p})
	}
	return c
}

// Each rule has a cell at its limit and one a step beyond it; the step is the only thing wrong with the second.
func TestRules(t *testing.T) {
	for _, c := range []struct {
		name   string
		counts Counts
		want   string
	}{
		{"three contributors", payers("sp-read", Pair{10, 20}, Pair{10, 20}, Pair{10, 20}), "released 50"},
		{"two contributors", payers("sp-read", Pair{10, 30}, Pair{10, 30}, Pair{0, 0}), "suppressed"},
		{"share of 60 %", payers("sp-read", Pair{20, 60}, Pair{10, 20}, Pair{10, 20}), "released 40"},
		{"share above 60 %", payers("sp-read", Pair{20, 61}, Pair{10, 20}, Pair{10, 20}), "suppressed"},
		{"den 30", payers("sp-read", Pair{5, 10}, Pair{5, 10}, Pair{5, 10}), "released 50"},
		{"den 29", payers("sp-read", Pair{5, 10}, Pair{5, 10}, Pair{5, 9}), "suppressed"},
		{"num 11", payers("sp-read", Pair{11, 50}, Pair{0, 50}, Pair{0, 50}), "released 7"},
		{"num 10", payers("sp-read", Pair{10, 50}, Pair{0, 50}, Pair{0, 50}), "suppressed"},
		{"num 0", payers("sp-read", Pair{0, 50}, Pair{0, 50}, Pair{0, 50}), "released 5 le"},
		{"complement 10", payers("sp-read", Pair{40, 50}, Pair{50, 50}, Pair{50, 50}), "suppressed"},
		{"complement 0", payers("sp-read", Pair{50, 50}, Pair{50, 50}, Pair{50, 50}), "released 95 ge"},
		{"exactly 95", payers("sp-read", Pair{180, 200}, Pair{200, 200}, Pair{190, 200}), "released 95 ge"},
		{"94.5 is 95", payers("sp-read", Pair{170, 200}, Pair{198, 200}, Pair{199, 200}), "released 95 ge"},
		{"94.49 is 94", payers("sp-read", Pair{1700, 2000}, Pair{1980, 2000}, Pair{1989, 2000}), "released 94"},
		{"a ratio has no rule on num", payers("sp-los", Pair{3, 20}, Pair{1, 20}, Pair{0, 20}), "released 1"},
		{"ratio clamped, no bound", payers("sp-los", Pair{900, 20}, Pair{1, 20}, Pair{0, 20}), "released 100"},
		{"own minimum 600", payers("sp-adm", Pair{20, 200}, Pair{20, 200}, Pair{10, 200}), "released 100"},
		{"own minimum 599", payers("sp-adm", Pair{20, 200}, Pair{20, 200}, Pair{10, 199}), "suppressed"},
		{"rate half up", payers("sp-adm", Pair{1, 800}, Pair{0, 800}, Pair{0, 800}), "released 1"},
		{"rate below the half", payers("sp-adm", Pair{1, 800}, Pair{0, 800}, Pair{0, 801}), "released 0"},
		{"price of five, share 25 %", payers("sp-pmpm", Pair{3000, 250}, Pair{3000, 187}, Pair{1, 187}, Pair{1, 188}, Pair{1, 188}), "released 60"},
		{"price of four", payers("sp-pmpm", Pair{300, 250}, Pair{300, 250}, Pair{1, 250}, Pair{1, 250}, Pair{0, 0}), "suppressed"},
		{"price share above 25 %", payers("sp-pmpm", Pair{3000, 251}, Pair{3000, 187}, Pair{1, 187}, Pair{1, 188}, Pair{1, 188}), "suppressed"},
		{"price steps half up", payers("sp-pmpm", Pair{200, 200}, Pair{200, 200}, Pair{200, 200}, Pair{200, 200}, Pair{200, 200}), "released 20"},
		{"nothing", payers("sp-los", Pair{}, Pair{}, Pair{}), "suppressed"},
	} {
		d, _ := Define(c.counts.Measure)
		cells, err := Expect([]Counts{c.counts}, []GrainRoster{{Grain: d.Grain, Practices: []string{"P"}}}, Profiles())
		if err != nil || len(cells) != 1 {
			t.Fatalf("%s: %d cells, %v", c.name, len(cells), err)
		}
		if got := outcome(cells[0].Status, cells[0].Text(), cells[0].Bound); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// The residual rule needs a laxer share to be the one that decides.
func TestResidual(t *testing.T) {
	profiles := map[string]Profile{"quality-rate": {Contributors: 2, SharePercent: 90, MinDen: 30, MinResidual: 11, PercentLo: 5, PercentHi: 95}}
	roster := []GrainRoster{{Grain: Facility, Practices: []string{"P"}}}
	for den, want := range map[int64]string{11: Released, 10: Suppressed} {
		cells, err := Expect([]Counts{payers("sp-los", Pair{1, 40}, Pair{1, den})}, roster, profiles)
		if err != nil || cells[0].Status != want {
			t.Errorf("%d left: %v %v, want %s", den, cells, err, want)
		}
	}
}

func TestRoster(t *testing.T) {
	hospitals := Counts{Measure: "sp-los", Payers: []map[string]Pair{
		{"010": {0, 5}, "9": {0, 5}, "A": {0, 1}, "zero": {3, 0}}, {"A": {0, 9}, "B": {0, 4}}}}
	counties := Counts{Measure: "sp-adm", Payers: []map[string]Pair{{"05-200": {0, 100}, "05-100": {0, 100}, "39-230": {0, 50}}}}
	last := Counts{Measure: "sp-read", Payers: []map[string]Pair{{"C": {0, 1000}}}}
	roster, err := Roster([]Counts{hospitals, counties, last}, 5)
	if err != nil {
		t.Fatal(err)
	}
	if len(roster) != 2 || roster[0].Grain != Facility || roster[1].Grain != County {
		t.Fatalf("grains %+v", roster)
	}
	// 3 for hospitals (the earlier grain gets the remainder), by the first hospital measure alone: A 10, 010 5, 9 5; 2 counties.
	if want := []string{"010", "9", "A"}; !slices.Equal(roster[0].Practices, want) {
		t.Errorf("hospitals %v, want %v", roster[0].Practices, want)
	}
	if want := []string{"05-100", "05-200"}; !slices.Equal(roster[1].Practices, want) {
		t.Errorf("counties %v, want %v", roster[1].Practices, want)
	}
	// a tie at the cut goes to the smaller text; a practice without denominator is never taken
	if got := largest(hospitals.Pooled(), 2); !slices.Equal(got, []string{"010", "A"}) {
		t.Errorf("tie: %v", got)
	}
	if got := largest(hospitals.Pooled(), 9); slices.Contains(got, "zero") {
		t.Errorf("a practice without denominator: %v", got)
	}
	if _, err := Roster([]Counts{hospitals, counties}, 1); err == nil {
		t.Error("one practice for two grains was accepted")
	}
}

func TestCompare(t *testing.T) {
	expected := []Cell{
		{Practice: "A", Measure: "m", Stratum: "all", Status: Released, Value: 5, Bound: "le"},
		{Practice: "B", Measure: "m", Stratum: "all", Status: Suppressed},
		{Practice: "C", Measure: "m", Stratum: "all", Status: Released, Value: 7},
	}
	same := []Row{{"C", "m", "all", "released", "7", ""}, {"A", "m", "all", "released", "5", "le"}, {"B", "m", "all", "suppressed", "", ""}}
	if d := Compare(same, expected); len(d) != 0 {
		t.Fatalf("equal tables differ: %v", d)
	}
	for i, change := range []func(r []Row) []Row{
		func(r []Row) []Row { r[0].Value = "8"; return r },
		func(r []Row) []Row { r[1].Bound = ""; return r },
		func(r []Row) []Row { r[2].Status, r[2].Value = "released", "1"; return r },
		func(r []Row) []Row { return r[1:] },
		func(r []Row) []Row { return append(r, r[0]) },
		func(r []Row) []Row { return append(r, Row{"D", "m", "all", "suppressed", "", ""}) },
	} {
		if d := Compare(change(slices.Clone(same)), expected); len(d) != 1 {
			t.Errorf("change %d: %v", i, d)
		}
	}
	d := Compare(same[:2], expected)
	if len(d) != 1 || !strings.Contains(d[0].String(), "m B all: want suppressed, got absent") {
		t.Errorf("missing cell: %v", d)
	}
}

func TestTensOf(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "4.99": 0, "5.00": 1, "14.99": 1, "15": 2, "-0.01": 0, "-500": 0, "12345.67": 1235} {
		v, _ := new(big.Rat).SetString(text)
		if got := tensOf(v); got != want {
			t.Errorf("%s dollars: %d tens, want %d", text, got, want)
		}
	}
}
