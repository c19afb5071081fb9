package disclosure

import (
	"reflect"
	"strings"
	"testing"
)

// The list of thresholds is the struct, and each goes the strict way only.
func TestQuality(t *testing.T) {
	var q Quality
	if n := reflect.TypeOf(q).NumField(); n != len(q.limits()) {
		t.Fatalf("%d fields, %d limits", n, len(q.limits()))
	}
	for i, l := range q.limits() {
		if f := reflect.TypeOf(q).Field(i); f.Tag.Get("toml") != l.field || f.Tag.Get("json") != l.field+",omitempty" {
			t.Errorf("%s is %s in the list", f.Name, l.field)
		}
		var a, b Quality
		*a.limits()[i].value, *b.limits()[i].value = 20, 30
		want := int64(30)
		if l.ceiling {
			want = 20
		}
		if x, y := a.Stricter(b), b.Stricter(a); *x.limits()[i].value != want || x != y {
			t.Errorf("%s: %+v %+v, want %d", l.field, x, y, want)
		}
		if x := a.Stricter(Quality{}); x != a || a.Stricter(a) != a || (Quality{}).Stricter(a) != a {
			t.Errorf("%s: no rule is not the loosest: %+v", l.field, x)
		}
		*a.limits()[i].value = -1
		if a.Validate() == nil {
			t.Errorf("%s may be negative", l.field)
		}
	}
}

// Floors for data are part of what is voted on, and of the hash; a file without them is the file of before.
func TestProfileQuality(t *testing.T) {
	p := QualityRate()
	if strings.Contains(string(p.Canonical()), "month") {
		t.Error("a rule that is none is in the canonical form")
	}
	before := p.Hash()
	p.MinCodedPercent = 80
	q, err := ParseCanonical(p.Canonical())
	if err != nil || q != p || p.Hash() == before {
		t.Fatal(q, err)
	}
	if s := Stricter(QualityRate(), p); s.MinCodedPercent != 80 {
		t.Error(s)
	}
	text := string(p.Canonical())
	for _, bad := range []string{
		strings.Replace(text, `"min_coded_percent":80`, `"min_coded_percent":80,"min_coded_percent":10`, 1),
		strings.Replace(text, `"min_coded_percent":80`, `"min_coded_percent":101`, 1),
		strings.Replace(text, `"min_coded_percent":80`, `"Min_coded_percent":80`, 1),
		strings.Replace(text, `"min_coded_percent":80`, `"quality":{"min_coded_percent":80}`, 1),
	} {
		if _, err := Parse([]byte(bad)); err == nil {
			t.Errorf("taken: %s", bad)
		}
	}
}
