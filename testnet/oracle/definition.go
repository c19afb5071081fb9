package oracle

import (
	"fmt"
	"strings"

	"github.com/tacet-health/tacet/measures/disclosure"
)

// Grains: the kinds of practice a measure is about.
const (
	Facility = "facility" // DE-SynPUF PRVDR_NUM
	County   = "county"   // DE-SynPUF SP_STATE_CODE-BENE_COUNTY_CD
	Practice = "practice" // attributed practice of the canonical tables
)

// Definition is what the release rules need to know of a measure, written down here a second time and on purpose: an error in a
// measure's YAML header must show as a difference.
type Definition struct {
	ID                 string
	Grain              string
	Lower              bool  // a smaller value is better
	Proportion         bool  // numerator counts a part of the denominator
	Events             bool  // numerator counts events of people
	Percent            bool  // clamped to the profile's percent range, with a bound
	ScaleNum, ScaleDen int64 // steps = scale × num / den
	Step               int64 // value = step × steps
	Lo, Hi             int64 // range of the value; for a percentage the profile's
	MinDen             int64 // the measure's own minimum, 0 for none
	Profile            string
}

var definitions = []Definition{
	{ID: "sp-read", Grain: Facility, Lower: true, Proportion: true, Percent: true, ScaleNum: 100, ScaleDen: 1, Step: 1, Profile: "quality-rate"},
	{ID: "sp-los", Grain: Facility, Lower: true, ScaleNum: 10, ScaleDen: 1, Step: 1, Lo: 0, Hi: 100, Profile: "quality-rate"},
	{ID: "sp-diab", Grain: County, Lower: true, Proportion: true, Percent: true, ScaleNum: 100, ScaleDen: 1, Step: 1, Profile: "quality-rate"},
	{ID: "sp-adm", Grain: County, Lower: true, ScaleNum: 1200, ScaleDen: 1, Step: 1, Lo: 0, Hi: 100, MinDen: 600, Profile: "quality-rate"},
	{ID: "sp-pmpm", Grain: County, Lower: true, ScaleNum: 1, ScaleDen: 2, Step: 20, Lo: 0, Hi: 1000, MinDen: 600, Profile: "price-like"},
	{ID: "qp-crc", Grain: Practice, Proportion: true, Percent: true, ScaleNum: 100, ScaleDen: 1, Step: 1, Profile: "quality-rate"},
	{ID: "qc-a1c9", Grain: Practice, Lower: true, Proportion: true, Percent: true, ScaleNum: 100, ScaleDen: 1, Step: 1, Profile: "quality-rate"},
	{ID: "qa-pcp", Grain: Practice, Proportion: true, Percent: true, ScaleNum: 100, ScaleDen: 1, Step: 1, Profile: "quality-rate"},
	{ID: "qa-coc", Grain: Practice, Proportion: true, Percent: true, ScaleNum: 100, ScaleDen: 1, Step: 1, Profile: "quality-rate"},
	{ID: "qa-upc", Grain: Practice, Proportion: true, Percent: true, ScaleNum: 100, ScaleDen: 1, Step: 1, Profile: "quality-rate"},
	{ID: "qu-ed", Grain: Practice, ScaleNum: 50, ScaleDen: 1, Step: 20, Lo: 0, Hi: 1000, MinDen: 100, Profile: "quality-rate"},
	{ID: "qu-adm", Grain: Practice, ScaleNum: 200, ScaleDen: 1, Step: 5, Lo: 0, Hi: 400, MinDen: 100, Profile: "quality-rate"},
	{ID: "qk-tcoc", Grain: Practice, ScaleNum: 1, ScaleDen: 3, Step: 25, Lo: 0, Hi: 1000, MinDen: 100, Profile: "price-like"},
	{ID: "qu-read@2", Grain: Practice, Lower: true, Events: true, ScaleNum: 200, ScaleDen: 1, Step: 5, Lo: 0, Hi: 200, MinDen: 300, Profile: "quality-rate"},
	{ID: "qk-tcoc@2", Grain: Practice, Lower: true, ScaleNum: 20, ScaleDen: 1, Step: 5, Lo: 0, Hi: 200, MinDen: 200, Profile: "price-like"},
}

// Define returns the definition of a measure the oracle knows, or of its form by strata (ID-by-KIND), whose rules are the same.
func Define(id string) (Definition, error) {
	base, _, _ := strings.Cut(id, "-by-")
	for _, d := range definitions {
		if d.ID == base {
			d.ID = id
			return d, nil
		}
	}
	return Definition{}, fmt.Errorf("the oracle has no definition of measure %q", id)
}

// written is the id as a release has it, which names the version in a column of its own.
func (d Definition) written() string {
	base, kind, by := strings.Cut(d.ID, "-by-")
	base, _, _ = strings.Cut(base, "@")
	if by {
		return base + "-by-" + kind
	}
	return base
}

// Profile holds the disclosure rules of a kind of measure as plain numbers.
type Profile struct {
	Contributors         int64 // payers with den ≥ 1, at least
	SharePercent         int64 // the largest payer's part of den, at most
	MinDen               int64
	MinNum, MinRest      int64 // proportions: num, and den − num, at least this or 0; 0 switches the rule off
	MinResidual          int64 // den without any one contributor, at least
	PercentLo, PercentHi int64 // range of percentages; 0 and 100 is no clamp and no bound
	Benchmark            int64 // of a measure that releases a benchmark only: practices that pass the rest, at least
	Totals               int64 // practices in an exact total, at least; 0: there are no totals
}

// Profiles are the two default profiles by name, as the design states them.
func Profiles() map[string]Profile {
	return map[string]Profile{
		"quality-rate": {Contributors: 3, SharePercent: 60, MinDen: 30, MinNum: 11, MinRest: 11, MinResidual: 11, PercentLo: 5, PercentHi: 95, Benchmark: 10},
		"price-like":   {Contributors: 5, SharePercent: 25, MinDen: 30, MinResidual: 11, PercentLo: 0, PercentHi: 100, Benchmark: 10},
	}
}

// Rules takes over the numbers of a profile that was given instead of a default.
func Rules(p disclosure.Profile) Profile {
	return Profile{Contributors: p.MinContributors, SharePercent: p.MaxSharePercent, MinDen: p.MinDen, MinNum: p.MinNumerator,
		MinRest: p.MinComplement, MinResidual: p.MinResidual, PercentLo: p.PercentLo, PercentHi: p.PercentHi, Benchmark: p.MinBenchmarkPractices, Totals: p.MinTotalPractices}
}
