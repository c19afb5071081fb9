package oracle

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Row is one cell of a release as its file has it: text, so that nothing is lost on the way.
// The value of a benchmark, whose practice is empty, is its percentiles with a space between.
type Row struct{ Practice, Measure, Stratum, Status, Value, Bound string }

// Difference is a cell whose release is not what was expected. Want or Got is "absent" when the cell is in one table only.
type Difference struct{ Practice, Measure, Stratum, Want, Got string }

// String names the cell and both sides, as the command lists them.
func (d Difference) String() string {
	return fmt.Sprintf("%s %s %s: want %s, got %s", d.Measure, d.Practice, d.Stratum, d.Want, d.Got)
}

const absent = "absent"

// Compare lists the cells that differ: in expected order, then those of the release that nobody expected, in its order.
func Compare(release []Row, expected []Cell) []Difference {
	type key struct{ practice, measure, stratum string }
	got := make(map[key][]string)
	for _, r := range release {
		k := key{r.Practice, r.Measure, r.Stratum}
		got[k] = append(got[k], outcome(r.Status, r.Value, r.Bound))
	}
	var differ []Difference
	known := make(map[key]bool)
	for _, c := range expected {
		if c.hidden {
			continue
		}
		k := key{c.Practice, c.Measure, c.Stratum}
		known[k] = true
		want, have := outcome(c.Status, c.Text(), c.Bound), absent
		if rows := got[k]; len(rows) > 0 {
			have = strings.Join(rows, " and ") // a cell twice is a difference too
		}
		if want != have {
			differ = append(differ, Difference{c.Practice, c.Measure, c.Stratum, want, have})
		}
	}
	for _, r := range release {
		k := key{r.Practice, r.Measure, r.Stratum}
		if !known[k] {
			known[k] = true
			differ = append(differ, Difference{r.Practice, r.Measure, r.Stratum, absent, strings.Join(got[k], " and ")})
		}
	}
	return slices.Clip(differ)
}

// Text is the value column: a whole number, the percentiles of a benchmark, or empty when the cell is suppressed.
func (c Cell) Text() string {
	switch {
	case c.Status == Suppressed:
		return ""
	case c.Percentiles != nil:
		return Numbers(c.Percentiles)
	}
	return strconv.FormatInt(c.Value, 10)
}

func outcome(status, value, bound string) string {
	return strings.TrimSpace(status + " " + value + " " + bound)
}
