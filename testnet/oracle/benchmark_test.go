package oracle

import (
	"fmt"
	"testing"
)

// valued are cells of a measure with the values given; −1 is suppressed.
func valued(measure string, values ...int64) []Cell {
	var out []Cell
	for i, v := range values {
		c := Cell{Practice: fmt.Sprintf("P%d", i), Measure: measure, Stratum: "all", Num: 1, Den: 2, PayerDen: []int64{1, 0, 1}, Status: Released, Value: v}
		if v < 0 {
			c.Status, c.Value = Suppressed, 0
		}
		out = append(out, c)
	}
	return out
}

func TestBenchmarkOnly(t *testing.T) {
	for _, c := range []struct {
		name, measure, want string
		values              []int64
	}{
		{"ten values", "qp-crc", "released 30 50 80 90", []int64{10, 20, 30, 40, 50, 60, 70, 80, 90, 100}},
		{"smaller is better", "qc-a1c9", "released 80 60 30 20", []int64{10, 20, 30, 40, 50, 60, 70, 80, 90, 100}},
		{"twelve", "qp-crc", "released 3 6 9 11", []int64{12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}},
		{"ties", "qp-crc", "released 10 40 40 80", []int64{10, 10, 10, 40, 40, 40, 40, 40, 40, 80, 80}},
		{"equal", "qc-a1c9", "released 7 7 7 7", []int64{7, 7, 7, 7, 7, 7, 7, 7, 7, 7}},
		{"nine of ten", "qp-crc", "suppressed", []int64{7, 7, 7, 7, -1, 7, 7, 7, 7, 7}},
		{"none", "qp-crc", "suppressed", []int64{-1, -1}},
	} {
		cells := append(valued("qa-pcp", 5, -1), valued(c.measure, c.values...)...)
		got, err := BenchmarkOnly(append(cells, valued("sp-los", 8)...), []string{c.measure}, Profiles())
		if err != nil || len(got) != len(cells)+2 {
			t.Fatalf("%s: %d cells, %v", c.name, len(got), err)
		}
		b := got[len(cells)]
		if text := outcome(b.Status, b.Text(), b.Bound); text != c.want || b.Practice != "" || b.Den != int64(2*len(c.values)) || b.PayerDen[2] != int64(len(c.values)) {
			t.Errorf("%s: %s, want %s; %+v", c.name, text, c.want, b)
		}
		good := []Row{{"P0", "qa-pcp", "all", "released", "5", ""}, {"P1", "qa-pcp", "all", "suppressed", "", ""}, {"", c.measure, "all", b.Status, b.Text(), ""}, {"P0", "sp-los", "all", "released", "8", ""}}
		if d := Compare(good, got); len(d) != 0 {
			t.Errorf("%s: %v", c.name, d)
		}
		if d := Compare(append(good, Row{"P0", c.measure, "all", "suppressed", "", ""}), got); len(d) != 1 {
			t.Errorf("%s: a practice of a benchmark-only measure in the release: %v", c.name, d)
		}
		good[2].Value += "1"
		if d := Compare(good, got); len(d) != 1 {
			t.Errorf("%s: another percentile: %v", c.name, d)
		}
	}
	if _, err := BenchmarkOnly(valued("none", 1), []string{"none"}, Profiles()); err == nil {
		t.Error("a measure without a definition was accepted")
	}
}
