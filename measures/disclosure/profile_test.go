package disclosure

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

func TestDefaultsAreValidAndCanonical(t *testing.T) {
	for _, p := range Defaults() {
		if err := p.Validate(); err != nil {
			t.Error(err)
		}
		q, err := ParseCanonical(p.Canonical())
		if err != nil || q != p || q.Hash() != p.Hash() {
			t.Errorf("%+v %v", q, err)
		}
	}
	if len(fields) != reflect.TypeOf(Profile{}).NumField()-2 { // the last are Quality and Totals, whose fields may be left out
		t.Error("fields and Profile differ")
	}
	for i, f := range fields {
		if tag := reflect.TypeOf(Profile{}).Field(i).Tag.Get("json"); tag != f {
			t.Errorf("field %d is %s in the struct and %s in the list", i, tag, f)
		}
	}
}

// TestFloors loosens each rule by one.
func TestFloors(t *testing.T) {
	for _, base := range Defaults() {
		for name, f := range map[string]func(*Profile){
			"min_contributors": func(p *Profile) { p.MinContributors-- }, "max_share_percent": func(p *Profile) { p.MaxSharePercent++ },
			"min_den": func(p *Profile) { p.MinDen-- }, "min_residual": func(p *Profile) { p.MinResidual-- },
			"min_numerator": func(p *Profile) { p.MinNumerator-- }, "min_complement": func(p *Profile) { p.MinComplement-- },
			"percent_lo": func(p *Profile) { p.PercentLo-- }, "percent_hi": func(p *Profile) { p.PercentHi++ },
			"min_data_age_days": func(p *Profile) { p.MinDataAgeDays-- }, "version": func(p *Profile) { p.Version-- },
			"min_benchmark_practices": func(p *Profile) { p.MinBenchmarkPractices-- },
			"the name":                func(p *Profile) { p.Name = "A" }, "class": func(p *Profile) { p.Class = "none" },
		} {
			p := base
			f(&p)
			if err := p.Validate(); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s loosened in %s: %v", name, base.Name, err)
			}
		}
	}
	p := QualityRate()
	p.Name = "price-like"
	if err := p.Validate(); err == nil || !strings.Contains(err.Error(), "belongs to class price-like") {
		t.Error(err)
	}
	p.Name, p.MaxSharePercent = "strict", 0
	if err := p.Validate(); err == nil {
		t.Error("a share of 0 % releases nothing and must be refused")
	}
}

func TestParseProfile(t *testing.T) {
	good := string(QualityRate().Canonical())
	spaced := strings.ReplaceAll(good, ",", ",\n  ")
	if p, err := Parse([]byte(spaced)); err != nil || p != QualityRate() {
		t.Error(err)
	}
	if _, err := ParseCanonical([]byte(spaced)); err == nil || !strings.Contains(err.Error(), "not in canonical form") {
		t.Error(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{`"min_den":30,`, ``, `"min_den" is missing`},
		{`"min_den":30,`, `"min_den":30,"min_den":40,`, `"min_den" comes twice`},
		{`"min_den":30,`, `"Min_Den":30,`, `"min_den" is missing`},
		{`"min_den":30,`, `"min_den":30,"Min_Den":1,`, "unknown field"},
		{`"min_den":30`, `"min_den":30.0`, "cannot unmarshal"},
		{`"min_den":30`, `"min_den":null`, "must be a number or text"},
		{`"min_den":30`, `"min_den":{}`, "must be a number or text"},
		{`"min_den":30`, `"min_den":29`, "min_den is 29"},
		{`}`, `} x`, "after the end"},
		{`}`, `}{}`, "after the end"},
		{`{`, `[`, "not a JSON object"},
	} {
		if _, err := Parse([]byte(strings.Replace(good, c.old, c.new, 1))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.new, err)
		}
	}
	if _, err := Parse(bytes.Repeat([]byte(" "), MaxProfile+1)); err == nil {
		t.Error("took a huge profile")
	}
}

func TestStricter(t *testing.T) {
	a, b := QualityRate(), QualityRate()
	a.MinContributors, a.MaxSharePercent, a.MinDen, a.PercentLo = 4, 50, 60, 10
	b.MinNumerator, b.MinComplement, b.MinResidual, b.PercentHi, b.MinDataAgeDays, b.MinBenchmarkPractices = 20, 21, 22, 90, 30, 12
	want := a
	want.MinNumerator, want.MinComplement, want.MinResidual, want.PercentHi, want.MinDataAgeDays, want.MinBenchmarkPractices = 20, 21, 22, 90, 30, 12
	if got := Stricter(a, b); got != want || Stricter(b, a) != want || Stricter(want, a) != want || Stricter(a, a) != a {
		t.Errorf("%+v", got)
	}
	c := a
	c.Name, c.Class = "c", ClassPriceLike
	if d := a; Stricter(d, c).Class != ClassPriceLike {
		t.Error("the price-like side must win")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(QualityRate().Canonical())
	f.Add(PriceLike().Canonical())
	f.Add(withTotals().Canonical())
	f.Add([]byte(`{"name":{}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse(data)
		if err != nil {
			return
		}
		if q, err := ParseCanonical(p.Canonical()); err != nil || q != p {
			t.Fatal("an accepted profile does not survive its canonical form")
		}
		if p.MinContributors < 3 || p.MaxSharePercent > 60 || p.MinDen < 30 || p.MinResidual < 11 || p.MinBenchmarkPractices < 10 || p.ExactTotals && (p.Class != ClassQualityRate || p.MinTotalPractices < 3) {
			t.Fatal("accepted below the floor")
		}
	})
}
