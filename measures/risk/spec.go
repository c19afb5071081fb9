package risk

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// Category is a group of ICD-10-CM categories, From to To (three characters each, both included).
type Category struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	From    string `json:"from"`
	To      string `json:"to"`
	Chapter string `json:"chapter"` // of the tabular list, by its first category: what a rare one is merged within
	Cap     int64  `json:"cap"`     // days counted of one person
}

// Spec is what a model is made of; members agree on it.
type Spec struct {
	Bands      []int // lower ages, ascending, the first 0
	Categories []Category
	OutcomeCap int64 // of one person
	Lambda     int64 // ridge, in people
	MinPeople  int64 // of one payer in a column, to count as present
	MinPayers  int64 // with that many people in it
	Exposure   int64 // most of one observation; 0 is 1
}

// Default is the specification the members begin with: 28 cells, the groups of Categories, outcomes up to 250,000 dollars.
func Default() Spec {
	return Spec{
		Bands: []int{0, 2, 6, 13, 18, 25, 35, 45, 55, 65, 70, 75, 80, 85}, Categories: Categories(),
		OutcomeCap: 250_000, Lambda: 10, MinPeople: 11, MinPayers: 3,
	}
}

// Check returns why there can be no model with it.
func (s Spec) Check() error {
	if len(s.Bands) == 0 || s.Bands[0] != 0 || !slices.IsSorted(s.Bands) || len(slices.Compact(slices.Clone(s.Bands))) != len(s.Bands) {
		return errors.New("risk: age bands begin at 0 and ascend")
	}
	if s.OutcomeCap < 1 || s.OutcomeCap > 1<<31 || s.Lambda < 1 || s.MinPeople < 11 || s.MinPayers < 3 {
		return errors.New("risk: outcome cap and ridge are at least 1 (the cap at most 2^31), people of a column at least 11, its payers at least 3")
	}
	seen := map[string]bool{}
	for _, c := range s.Categories {
		if len(c.From) != 3 || len(c.To) != 3 || c.From > c.To || c.Cap < 1 || c.Cap > 366 || c.ID == "" || seen[c.ID] {
			return fmt.Errorf("risk: category %q: three characters from and to, a cap of 1 to 366, an id of its own", c.ID)
		}
		seen[c.ID] = true
	}
	if len(s.Categories)+2*len(s.Bands) > 1000 {
		return errors.New("risk: more than 1,000 columns")
	}
	return nil
}

// Diagnosis is one code of a person on one day.
type Diagnosis struct {
	Code string // ICD-10-CM, with or without point
	Day  int    // any count of days
}

// Person is an observation: what the model sees of somebody once.
type Person struct {
	Who       int // above 0: observations next to each other with the same number are of one person, who counts once where people are counted
	Age       int
	Female    bool
	Diagnoses []Diagnosis
	Exposure  int64 // how much of it there was to observe, in whole units: its row is taken so many times; 0 is 1
	Outcome   int64
}

// base gives the values of the columns of the specification before any merging: the cell, and days by category.
func (s Spec) base(p Person) (cell int, days map[int]int64) {
	band := len(s.Bands) - 1
	for band > 0 && p.Age < s.Bands[band] {
		band--
	}
	cell = band
	if !p.Female {
		cell += len(s.Bands)
	}
	type once struct{ category, day int }
	seen, days := map[once]bool{}, map[int]int64{}
	for _, d := range p.Diagnoses {
		code := strings.ToUpper(strings.ReplaceAll(d.Code, ".", ""))
		if len(code) < 3 {
			continue
		}
		for i, c := range s.Categories {
			if code[:3] < c.From || code[:3] > c.To || seen[once{i, d.Day}] {
				continue
			}
			seen[once{i, d.Day}] = true
			days[i] = min(days[i]+1, c.Cap)
		}
	}
	return cell, days
}

// Bound is the largest absolute value an element of any vector of this model can have at a payer with at most people people; the round's Cap. It
// refuses what does not leave members × Bound below 2^63.
func (s Spec) Bound(people uint64, members int) (uint64, error) {
	worst := uint64(s.OutcomeCap)
	for _, c := range s.Categories {
		worst = max(worst, uint64(c.Cap)*uint64(len(s.Categories))*uint64(max(s.Exposure, 1)))
	}
	hi, square := bits.Mul64(worst, worst)
	square = max(square, 1000*uint64(s.OutcomeCap)) // expected outcomes of the deciles
	hi2, bound := bits.Mul64(square, people)
	hi3, all := bits.Mul64(bound, uint64(members))
	if hi|hi2|hi3 != 0 || all >= 1<<63 || people == 0 {
		return 0, fmt.Errorf("risk: %d members with %d people each and outcomes up to %d: the sum could leave 63 bits", members, people, s.OutcomeCap)
	}
	return bound, nil
}
