package bench

import (
	"fmt"
	"io"
	"maps"
	"slices"
)

// PrintMatrix writes one row a setting, one a way of drawing cells, and last the number of mismatches.
func PrintMatrix(w io.Writer, all []Figures) {
	fmt.Fprintf(w, "\n%-9s %6s  %-8s %6s %6s %5s %8s %10s %9s %11s %8s  %s\n",
		"set", "payers", "strategy", "cells", "edge", "kinds", "released", "mismatches", "CPU s", "member's s", "MB sent", "member's s/predicted")
	classes := map[string]Class{}
	var total Figures
	toy := false
	for i := range all {
		f := &all[i]
		toy = toy || sets[f.Set].toy
		fmt.Fprintf(w, "%-9s %6d  %-8s %6d %6d %5d %8d %10d %9.1f %11.1f %8.1f  %.2f\n", f.Set, f.Payers, f.Strategy, f.Cells, f.Cells-f.Classes["random"].Cells,
			len(f.Classes), f.Released, f.Wrong, f.CPUSeconds, f.CoreSeconds, mega(f.SentTotal), ratio(f.CoreSeconds, f.Predicted.Seconds))
		for name, c := range f.Classes {
			t := classes[name]
			classes[name] = Class{t.Cells + c.Cells, t.Released + c.Released, t.Wrong + c.Wrong}
		}
		total.Cells += f.Cells
		total.Released += f.Released
		total.Wrong += f.Wrong
		total.CPUSeconds += f.CPUSeconds
		total.WallSeconds += f.WallSeconds
	}
	fmt.Fprintf(w, "%-9s %6s  %-8s %6d %6d %5d %8d %10d %9.1f   %.1f s on the clock\n\n", "all", "", "", total.Cells, total.Cells-classes["random"].Cells,
		len(classes), total.Released, total.Wrong, total.CPUSeconds, total.WallSeconds)
	fmt.Fprintf(w, "%-32s %6s %8s %10s\n", "kind of cell", "cells", "released", "mismatches")
	for _, name := range slices.Sorted(maps.Keys(classes)) {
		c := classes[name]
		fmt.Fprintf(w, "%-32s %6d %8d %10d\n", name, c.Cells, c.Released, c.Wrong)
	}
	if toy {
		fmt.Fprintf(w, "\nINSECURE: with toy parameters, which protect nothing\n")
	}
	fmt.Fprintf(w, "\n%d cells, %d mismatches\n", total.Cells, total.Wrong)
}

// insecure marks the sets that are for tests.
func insecure(set string) string {
	if sets[set].toy {
		return " (INSECURE)"
	}
	return ""
}
