package output

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/testnet/oracle"
)

// maxShown is the most cells the table for people lists one by one.
const maxShown = 40

// Table prints the release for people: up to 40 cells (spread evenly over the measures, in the order given), then how many
// cells of each measure are released and suppressed.
func Table(w io.Writer, rows []Row) error {
	lines := [][]string{{"practice", "measure", "value", "unit", "p25", "p50", "p75", "p90", "band"}}
	asked := slices.ContainsFunc(rows, func(r Row) bool { return r.Reliable != nil })
	if asked {
		lines[0] = append(lines[0], "reliability")
	}
	var order []string
	count := map[string][2]int{}
	for _, r := range rows {
		if _, known := count[r.Measure]; !known {
			order = append(order, r.Measure)
		}
		c := count[r.Measure]
		if r.Status == oracle.Released {
			c[0]++
		} else {
			c[1]++
		}
		count[r.Measure] = c
	}
	left := map[string]int{}
	for i, m := range order {
		left[m] = maxShown / len(order)
		if i < maxShown%len(order) {
			left[m]++
		}
	}
	shown := 0
	for _, r := range rows {
		if len(rows) > maxShown && left[r.Measure] == 0 {
			continue
		}
		left[r.Measure]--
		shown++
		line := r.line()
		if asked {
			line = append(line, strings.ReplaceAll(audit.ReliabilityWord(r.Reliable), "_", " "))
		}
		lines = append(lines, line)
	}
	var b strings.Builder
	align(&b, lines, 2, 4, 5, 6, 7)
	if shown < len(rows) {
		fmt.Fprintf(&b, "… and %d more cells\n", len(rows)-shown)
	}
	b.WriteString("\n")
	totals := [][]string{{"measure", "released", "suppressed", "cells"}}
	for _, m := range order {
		c := count[m]
		totals = append(totals, []string{m, strconv.Itoa(c[0]), strconv.Itoa(c[1]), strconv.Itoa(c[0] + c[1])})
	}
	align(&b, totals, 1, 2, 3)
	_, err := io.WriteString(w, b.String())
	return err
}

func (r Row) line() []string {
	practice := r.Practice
	if practice == "" {
		practice = "(benchmark only)"
	}
	if r.Stratum != "all" {
		practice += " (" + r.Stratum + ")"
	}
	if r.Status != oracle.Released {
		return []string{practice, r.Measure, "suppressed", "", "", "", "", "", ""}
	}
	value := number(r.Value)
	switch r.Bound {
	case "le":
		value = "≤" + value
	case "ge":
		value = "≥" + value
	}
	return []string{practice, r.Measure, value, r.Unit, number(r.P25), number(r.P50), number(r.P75), number(r.P90), r.Band}
}

// align prints columns two spaces apart; those named are flush right.
func align(b *strings.Builder, lines [][]string, right ...int) {
	width := make([]int, len(lines[0]))
	for _, l := range lines {
		for i, f := range l {
			width[i] = max(width[i], utf8.RuneCountInString(f))
		}
	}
	flush := make([]bool, len(width))
	for _, i := range right {
		flush[i] = true
	}
	for _, l := range lines {
		var text strings.Builder
		for i, f := range l {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(f))
			if flush[i] {
				f, pad = pad+f, ""
			}
			text.WriteString(f + pad + "  ")
		}
		b.WriteString(strings.TrimRight(text.String(), " ") + "\n")
	}
}
