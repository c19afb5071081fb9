package intake

import (
	"errors"
	"strings"
	"time"
)

var openEnd = time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)

// cover is what a Coverage says of somebody.
type cover struct {
	payer    string
	from, to any
}

// patient makes a row of eligibility per dated Coverage.
func (m *mapper) patient(r *resource) error {
	f := fields{clock: m.clock}
	birth, death := f.take(f.day, "birthDate", r.Birth), f.take(f.day, "deceasedDateTime", r.Deceased)
	if f.err != nil {
		return f.err
	}
	if birth == nil {
		return &fieldError{"birthDate", errors.New("is missing")}
	}
	if r.Dead && death == nil {
		m.skipped["death of a Patient without its date"]++
	}
	gender := r.Gender
	if gender != "female" && gender != "male" && gender != "" {
		gender = "unknown"
	}
	zip, county, language := "", "", ""
	if len(r.Address) > 0 {
		zip, county = r.Address[0].PostalCode, r.Address[0].District
	}
	for i, c := range r.Communication {
		if i == 0 || c.Preferred {
			language = code(c.Language)
		}
	}
	covers := m.covers[r.ID]
	if len(covers) == 0 {
		if !m.assumeCover {
			return &fieldError{"the Patient", errors.New("has no Coverage with the start of a period (if everybody in the data is covered throughout, say --assume-cover)")}
		}
		covers = []cover{{from: birth, to: openEnd}}
	}
	for _, c := range covers {
		if err := m.add("eligibility", r.ID, c.payer, gender, birth, death, c.from, c.to, zip, county,
			omb(r, "us-core-race"), omb(r, "us-core-ethnicity"), language); err != nil {
			return err
		}
	}
	return nil
}

// omb is the OMB category of a US Core extension, or "".
func omb(r *resource, name string) string {
	for _, e := range r.Extension {
		if !strings.HasSuffix(e.URL, "/"+name) {
			continue
		}
		for _, x := range e.Extension {
			if x.URL == "ombCategory" && x.Coding != nil {
				return x.Coding.Code
			}
		}
	}
	return ""
}

// coverage notes a Coverage for its beneficiary.
func (m *mapper) coverage(r *resource) error {
	person := m.resolve(r.Beneficiary.Reference, "Patient")
	if person == "" {
		return &fieldError{"beneficiary", errors.New("is missing or is no Patient")}
	}
	if r.Period == nil || r.Period.Start == "" || r.Status == "entered-in-error" || r.Status == "draft" {
		m.skipped["Coverage without a period, or not in force"]++
		return nil
	}
	f := fields{clock: m.clock}
	c := cover{from: f.take(f.day, "period.start", r.Period.Start), to: f.take(f.day, "period.end", r.Period.End)}
	if f.err != nil {
		return f.err
	}
	if c.to == nil {
		c.to = openEnd
	}
	if len(r.Payor) > 0 {
		if c.payer = r.Payor[0].Display; c.payer == "" {
			c.payer = m.resolve(r.Payor[0].Reference, "Organization")
		}
	}
	m.covers[person] = append(m.covers[person], c)
	return nil
}
