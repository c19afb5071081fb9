package library

import (
	"embed"
	"fmt"
	"slices"
	"strings"

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

// versions are later major versions of some of them, by name: the id, "@" and the major version.
var versions = []string{"qu-read@2", "qk-tcoc@2"}

// IDs are the measures of the library, in its order.
func IDs() []string { return slices.Clone(ids) }

// Names are what Measure knows: the ids, which mean the version that has no name of its own, and later versions of some (qu-read@2).
func Names() []string { return append(IDs(), versions...) }

// Name is what Measure finds a measure under, or a stratified form of it.
func Name(spec *measures.Spec) string {
	major, _, _ := strings.Cut(spec.Version, ".")
	if name := spec.Base() + "@" + major; slices.Contains(versions, name) {
		return name
	}
	return spec.Base()
}

// Measure returns a measure of the library: by its id, or a later version by its name.
func Measure(name string) (*measures.Spec, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("unknown measure %q; the library has %v", name, Names())
	}
	return measures.Parse(folders, name)
}

// Measures returns all measures of the library in its order, without later versions. They are part of the program: a fault in one of them panics, and the package's tests
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
func Cases(name string) (*fixture.Set, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("unknown measure %q; the library has %v", name, Names())
	}
	return fixture.Parse(folders, name)
}
