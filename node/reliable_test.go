package node

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/disclosure"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/node/admin"
)

// asking is a run of two measures over practices with denominators of 29, 30, 41, 42 and 300, each split over three payers; qp-crc is asked for the line.
func asking(t *testing.T, line int64) (*agreed, [][]int64, [][]int64) {
	t.Helper()
	var specs []*measures.Spec
	for _, id := range []string{"qa-pcp", "qp-crc"} {
		s, err := library.Measure(id)
		if err != nil {
			t.Fatal(err)
		}
		specs = append(specs, s)
	}
	practices := []string{"p29", "p30", "p41", "p42", "p300"}
	body, _, plan, err := Authorise(Draft{
		Run: "r", Measures: specs, Profiles: map[string]disclosure.Profile{"quality-rate": disclosure.QualityRate()}, Period: "2024",
		Practices: map[string][]string{specs[0].Grain: practices}, Payers: []string{"a", "b", "c"}, Recipients: []string{"a"}, Set: Toy,
		Reliability: map[string]rules.ReliabilityLine{"qp-crc": {Run: "components", Line: line}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(body.Reliability) != 1 || body.Reliability[0].Measure != 1 {
		t.Fatalf("%+v", body.Reliability)
	}
	a := &agreed{run: "r", period: "2024", specs: specs, lines: body.Reliability, plan: plan, payers: body.Contributors}
	for _, s := range specs {
		p, err := disclosure.Compile(disclosure.QualityRate(), s)
		if err != nil {
			t.Fatal(err)
		}
		a.programs = append(a.programs, p)
	}
	for _, c := range body.Cells {
		a.cells = append(a.cells, cellRef{c.Measure, c.Practice, c.Stratum})
	}
	a.questions = questions(a.programs, a.cells, a.lines, 3)
	var num, den [][]int64
	for payer := range 3 {
		rows := make([][]measures.Row, 2)
		for m := range rows {
			for i, d := range []int64{29, 30, 41, 42, 300} {
				part := d / 3
				if payer == 0 {
					part = d - 2*part
				}
				rows[m] = append(rows[m], measures.Row{Practice: practices[i], Stratum: "all", Num: part / 2, Den: part})
			}
		}
		n, d := a.vector(rows)
		if err := plan.Check(n, d); err != nil {
			t.Fatal(err)
		}
		num, den = append(num, n), append(den, d)
	}
	return a, num, den
}

// TestQuestions: what the circuit is asked, and what a table and its companion say of the answers.
func TestQuestions(t *testing.T) {
	for _, c := range []struct {
		line  int64
		asked int
		words string // of the five practices
	}{
		{42, 5, "-,below,below,above,above"},
		{31, 5, "-,below,above,above,above"},
		{30, 0, "-,above,above,above,above"},      // the rules ask for as many
		{0, 0, "-,below,below,below,below"},       // out of reach
		{1 << 50, 0, "-,below,below,below,below"}, // of all that the caps allow
	} {
		a, num, den := asking(t, c.line)
		if len(a.questions) != c.asked {
			t.Errorf("line %d: %d questions", c.line, len(a.questions))
		}
		table, err := a.table(a.plan.Oracle(num, den))
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		for i, cell := range table.Cells {
			switch {
			case cell.Measure == "qa-pcp" && cell.Reliable != nil:
				t.Errorf("line %d: cell %d says something that nobody asked", c.line, i)
			case cell.Measure == "qa-pcp":
			case cell.Reliable == nil:
				words = append(words, "-")
			default:
				words = append(words, map[bool]string{true: "above", false: "below"}[*cell.Reliable])
			}
		}
		if got := strings.Join(words, ","); got != c.words {
			t.Errorf("line %d: %s, want %s", c.line, got, c.words)
		}
		raw, err := json.Marshal(table)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := ReadReliability(admin.Run{Table: raw, Lines: []admin.Line{{Measure: "qp-crc", Version: a.specs[1].Version, People: c.line, Run: "components"}}})
		if err != nil || len(rows) != 6 {
			t.Fatalf("%v %v", err, rows)
		}
		for i, row := range rows[1:] {
			if words[i] == "-" != (row[6] == "") || strings.Contains(row[6], "at_or_above") != (words[i] == "above") {
				t.Errorf("line %d: %v", c.line, row)
			}
		}
	}
}

// TestQuestionsOfOtherInputs: a payer that answers for another vector than it contributed ends the run.
func TestQuestionsOfOtherInputs(t *testing.T) {
	a, num, den := asking(t, 42)
	good := a.plan.Oracle(num, den)
	for name, at := range map[string]predicate.Value{"a suppressed cell is reliable": {Released: true}, "a value": {Released: true, Steps: 1}} {
		v := append([]predicate.Value(nil), good...)
		if v[len(a.cells)] = at; at.Steps > 0 {
			v[len(a.cells)], v[len(a.cells)+4] = good[len(a.cells)], at
		}
		if _, err := a.table(v); err == nil || !strings.Contains(err.Error(), "qp-crc") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
