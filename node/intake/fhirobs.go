package intake

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// observation makes a row per coding of the code, of each coded value, and of
// each component, and of each reason why it was not done: the rows of one observation have ids with a number after the
// first, so that every one of them can be asked for.
func (m *mapper) observation(r *resource, person string) error {
	f := fields{clock: m.clock}
	at, end := r.Effective, ""
	if r.EffectiveInstant != "" {
		at = r.EffectiveInstant
	}
	if r.EffectivePeriod != nil {
		at, end = r.EffectivePeriod.Start, r.EffectivePeriod.End
	}
	o := observed{m: m, id: m.space + r.ID, person: person, status: r.Status, reasons: reasons(r), lab: false}
	o.at, o.end, o.issued = f.take(f.instant, "effective", at), f.take(f.instant, "effective", end), f.take(f.instant, "issued", r.Issued)
	if t, ok := o.at.(time.Time); ok {
		o.day = t.Truncate(24 * time.Hour)
	}
	if f.err != nil {
		return f.err
	}
	o.category(r.Category)
	if err := o.rows(r.Code, r.value); err != nil {
		return err
	}
	for _, c := range r.Component {
		if err := o.rows(c.Code, c.value); err != nil {
			return err
		}
	}
	if o.n == 0 {
		m.skipped[r.Type+" without a code"]++
	}
	return nil
}

type observed struct {
	m                    *mapper
	id, person, status   string
	kind                 string
	reasons              []string
	lab                  bool
	at, end, day, issued any
	n                    int
}

func (o *observed) category(raw json.RawMessage) {
	var list []concept
	if json.Unmarshal(raw, &list) != nil {
		return
	}
	for _, c := range list {
		for _, k := range c.Coding {
			if k.System == "http://terminology.hl7.org/CodeSystem/observation-category" || k.System == "" {
				o.lab = o.lab || k.Code == "laboratory"
				if o.kind == "" {
					o.kind = k.Code
				}
			}
		}
	}
}

// reasons are the codes of the QI-Core extension that says why something was not done, or one empty text.
func reasons(r *resource) (codes []string) {
	for _, e := range r.Extension {
		if strings.HasSuffix(e.URL, "/qicore-notDoneReason") && e.Concept != nil {
			for _, k := range e.Concept.Coding {
				if k.Code != "" && !slices.Contains(codes, k.Code) {
					codes = append(codes, k.Code)
				}
			}
		}
	}
	if codes == nil {
		codes = []string{""}
	}
	return codes
}

func (o *observed) rows(c concept, v value) error {
	_, err := each(func(kind, code string) error {
		results, units := v.texts()
		for _, result := range results {
			for _, reason := range o.reasons {
				if err := o.row(kind, code, result, units, reason); err != nil {
					return err
				}
			}
		}
		return nil
	}, c)
	return err
}

func (o *observed) row(kind, code, result, units, reason string) error {
	id := o.id
	if o.n++; o.n > 1 {
		id += fmt.Sprintf("#%d", o.n)
	}
	if o.lab {
		return o.m.add("lab_result", id, o.person, kind, code, o.status, result, o.issuedOr(), o.at, units)
	}
	return o.m.add("observation", id, o.person, o.day, o.kind, kind, code, result, units, o.status, reason, o.at, o.issued, o.end)
}

// issuedOr is when the result of a laboratory came, else when it was taken.
func (o *observed) issuedOr() any {
	if o.issued != nil {
		return o.issued
	}
	return o.at
}

// texts are the values as text, one per coding, or one empty text (NULL).
func (v value) texts() (results []string, units string) {
	switch {
	case v.ValueConcept != nil:
		for _, k := range v.ValueConcept.Coding {
			if k.Code != "" {
				results = append(results, k.Code)
			}
		}
		if len(results) == 0 {
			results = []string{v.ValueConcept.Text}
		}
		return results, ""
	case v.ValueQuantity != nil:
		if units = v.ValueQuantity.Code; units == "" {
			units = v.ValueQuantity.Unit
		}
		return []string{v.ValueQuantity.Value.String()}, units
	case v.ValueString != nil:
		return []string{*v.ValueString}, ""
	case v.ValueBoolean != nil:
		return []string{strconv.FormatBool(*v.ValueBoolean)}, ""
	case v.ValueInteger != nil:
		return []string{v.ValueInteger.String()}, ""
	case v.ValueDateTime != nil:
		return []string{*v.ValueDateTime}, ""
	}
	return []string{""}, ""
}
