package synpuf

import (
	"embed"
	"fmt"

	"github.com/tacet-health/tacet/measures"
)

//go:embed measures
var folders embed.FS

// ids are the measures in the default order of a run on DE-SynPUF data.
var ids = []string{"sp-read", "sp-los", "sp-diab", "sp-adm", "sp-pmpm"}

// Measures returns the five DE-SynPUF measures in their default order. They are part of the program: a fault in one of them panics, and the
// package's tests read all.
func Measures() []*measures.Spec {
	var specs []*measures.Spec
	for _, id := range ids {
		s, err := Measure(id)
		if err != nil {
			panic("synpuf: embedded measure: " + err.Error())
		}
		specs = append(specs, s)
	}
	return specs
}

// Measure returns one of the five measures.
func Measure(id string) (*measures.Spec, error) {
	for _, known := range ids {
		if id == known {
			return measures.Parse(folders, "measures/"+id)
		}
	}
	return nil, fmt.Errorf("unknown measure %q for DE-SynPUF data; known: %v", id, ids)
}
