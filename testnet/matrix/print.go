package matrix

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// print writes the table: rows are steps, columns members, a letter for each point (and action).
func (r *Result) print(w io.Writer) error {
	fmt.Fprintf(w, "\n%d payers, parameters %s", r.Payers, r.Set)
	if r.Netem != "" {
		fmt.Fprintf(w, ", network: %s", r.Netem)
	}
	fmt.Fprintf(w, "; each cell: %s\n\n", strings.Join(pointNames, ", "))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "step\t%s\n", strings.Join(r.Members, "\t"))
	for _, s := range r.Steps {
		row := []string{s}
		for _, m := range r.Members {
			var letters []string
			for _, c := range r.Cells {
				if c.Step == s && c.Member == m {
					letters = append(letters, c.Verdict)
				}
			}
			if letters == nil {
				letters = []string{"-"}
			}
			row = append(row, strings.Join(letters, " "))
		}
		if slices.ContainsFunc(row[1:], func(x string) bool { return x != "-" }) {
			fmt.Fprintln(t, strings.Join(row, "\t"))
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	count := map[string]int{}
	for _, c := range r.Cells {
		count[c.Verdict]++
	}
	fmt.Fprintf(w, "\nC certified with the table of the undisturbed run: %d; V void with its reason: %d; W wrong: %d; H hung: %d; %.0f s\n",
		count[certified], count[void], count[wrong], count[hung], r.Seconds)
	for _, s := range r.Skipped {
		fmt.Fprintln(w, "not shown here:", s)
	}
	return nil
}
