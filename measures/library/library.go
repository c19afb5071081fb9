package library

import (
	"embed"
	"fmt"
	"slices"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/fixture"
)

//go:embed */measure.yaml */measure.sql */cases.txt */README.md
var folders embed.FS

var ids = []string{
	"qp-crc", "qp-bcs", "qp-ccs", "qp-cis", "qp-flu", "qp-dsf",
	"qc-a1c9", "qc-cbp", "qc-stat", "qc-pdc", "qc-amr",
	"qu-ed", "qu-aved", "qu-adm", "qu-pqi", "qu-read", "qu-fu14",
	"qk-tcoc", "qk-pcs",
	"qa-pcp", "qa-coc", "qa-upc",
	"qr-ked", "qr-opt", "qr-home", "qr-wait",
}

// IDs are the measures of the library, in its order.
func IDs() []string { return slices.Clone(ids) }

// Measure returns a measure of the library.
func Measure(id string) (*measures.Spec, error) {
	if !slices.Contains(ids, id) {
		return nil, fmt.Errorf("unknown measure %q; the library has %v", id, ids)
	}
	return measures.Parse(folders, id)
}

// Measures returns all measures of the library in its order. They are part of the program: a fault in one of them panics, and the package's tests
// read all.
func Measures() []*measures.Spec {
	var specs []*measures.Spec
	for _, id := range ids {
		s, err := Measure(id)
		if err != nil {
			panic("library: embedded measure: " + err.Error())
		}
		specs = append(specs, s)
	}
	return specs
}

// Cases returns the hand-checked cases of a measure.
func Cases(id string) (*fixture.Set, error) {
	if !slices.Contains(ids, id) {
		return nil, fmt.Errorf("unknown measure %q; the library has %v", id, ids)
	}
	return fixture.Parse(folders, id)
}
