package browser

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/page"
	"github.com/tacet-health/tacet/node/store"
)

// hostile is what somebody may have written as a name or a reason: markup for every place of a page, and a word without an end.
var hostile = `"'><script>document.title="hostile"</script><img hostile src=x onerror=document.title='hostile'><a href="javascript:document.title=1">x</a></style></title>` + "\u202e{{.}}" + strings.Repeat("long", 60)

// pages are all that tacet writes for a browser, by what they are.
func pages(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	add := func(name string, write func(b *bytes.Buffer) error) {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		out[name] = b.Bytes()
	}
	add("explain", func(b *bytes.Buffer) error {
		in := []engine.Member{{Person: hostile, Practice: "PR-001", InitialPopulation: 1, Denominator: 1, Numerator: 1}}
		e := store.Explanation{Members: append(in, engine.Member{Practice: hostile}), More: true, Evidence: []store.Evidence{
			{Table: "medical_claim", Columns: []string{"claim_id", "hcpcs_code"}, Values: []string{"c-1", hostile}, Sets: []string{"colonoscopy", hostile}, Decides: true, Without: nil},
			{Table: "eligibility", Columns: []string{"birth_date"}, Values: []string{"1960-02-29"}, Decides: true, Without: []engine.Member{{Practice: "PR-002"}}},
			{Table: "medical_claim", Columns: []string{"claim_id"}, Values: []string{"c-2"}, Withheld: true},
			{Table: hostile},
		}}
		return page.Explain(b, &measures.Spec{ID: "qp-crc", Version: "1.1.0", Title: hostile}, 2024, hostile, e)
	})
	add("explain nothing", func(b *bytes.Buffer) error {
		return page.Explain(b, &measures.Spec{ID: "qp-crc", Version: "1.1.0", Title: "Screening"}, 2024, "p", store.Explanation{})
	})
	add("preview", func(b *bytes.Buffer) error {
		rows := []page.Counts{{Measure: "qp-crc", Practice: "PR-001", Stratum: "all", Num: 19999, Den: 20000, PriorNum: 17, PriorDen: 18000, Flags: "near the measure's cap"},
			{Measure: "qa-pcp-by-deprivation", Practice: hostile, Stratum: hostile, Flags: hostile}}
		return page.Preview(b, "run "+hostile, rows)
	})
	add("preview of nothing", func(b *bytes.Buffer) error { return page.Preview(b, "2024", nil) })
	add("rooms", func(b *bytes.Buffer) error {
		room := admin.Room{}
		fill(reflect.ValueOf(&room).Elem(), 0)
		quiet := room
		quiet.Open, quiet.Seat, quiet.Own, quiet.Said, quiet.Members = true, true, "unclear", nil, []string{"payer-1", "payer-2"}
		return admin.RoomPage(b, []admin.Room{room, quiet})
	})
	add("rooms with nothing", func(b *bytes.Buffer) error { return admin.RoomPage(b, nil) })
	add("evidence", func(b *bytes.Buffer) error {
		r := audit.Report{}
		fill(reflect.ValueOf(&r).Elem(), 0)
		r.Runs[1].Run = "crc-2024"
		text, err := audit.HTML(&r)
		b.Write(text)
		return err
	})
	add("evidence of nothing", func(b *bytes.Buffer) error {
		text, err := audit.HTML(&audit.Report{Entries: []audit.Line{{}}})
		b.Write(text)
		return err
	})
	return out
}

// fill puts something hostile into every part of a value: two of each list, numbers that are places in the log and moments.
func fill(v reflect.Value, depth int) {
	if depth > 12 {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(hostile)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64, reflect.Int32:
		v.SetInt(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Unix())
	case reflect.Uint, reflect.Uint64, reflect.Uint32, reflect.Uint8:
		v.SetUint(1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), depth+1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i), depth+1)
			}
		}
	}
}
