package intake

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/node/store"
)

// claimed turns one bill into lines.
type claimed struct {
	m      *mapper
	b      *bill
	person string
	f      fields
}

var claimTypes = map[string]string{"professional": "professional", "institutional": "institutional", "oral": "dental", "vision": "vision", "pharmacy": "pharmacy"}

// line adds one row.
func (c *claimed) line(i item) error {
	kind := ""
	for _, k := range c.b.Kind.Coding {
		if kind == "" {
			kind = claimTypes[k.Code]
		}
	}
	if kind == "" {
		return &fieldError{"type", errors.New("is none of institutional, professional, pharmacy, oral and vision")}
	}
	table := "medical_claim"
	if kind == "pharmacy" {
		table = "pharmacy_claim"
	}
	t, _ := store.Lookup(table)
	parse := func(element, column, text string) any {
		v, err := t.Parse(column, text)
		if err != nil && c.f.err == nil {
			c.f.err = &fieldError{element, errors.Unwrap(err)}
		}
		return v
	}
	amount := func(categories ...string) any {
		var sum any
		for _, a := range i.Adjudication {
			for _, k := range a.Category.Coding {
				if a.Amount == nil || !slices.Contains(categories, k.Code) {
					continue
				}
				if a.Amount.Currency != "" && a.Amount.Currency != "USD" && c.f.err == nil {
					c.f.err = &fieldError{"adjudication.amount", errors.New("is not in US dollars")}
				}
				if cents, ok := parse("adjudication.amount", "paid_amount", a.Amount.Value.String()).(int64); ok {
					before, _ := sum.(int64)
					sum = before + cents
				}
				break
			}
		}
		return sum
	}
	paid, allowed := amount("benefit"), amount("eligible")
	if paid == nil {
		paid = amount("paidtoprovider", "paidtopatient")
	}
	number := parse("item.sequence", "claim_line_number", i.Sequence.String())
	id, from := c.m.space+c.b.ID, i.Serviced
	if i.Period != nil {
		from = i.Period.Start
	}
	if kind == "pharmacy" {
		if from == "" {
			from = c.b.Billable.Start
		}
		ndc, supply := "", ""
		for _, k := range i.Product.Coding {
			if systemOf(k.System) == "ndc" {
				ndc = k.Code
			}
		}
		if q := c.quantity("dayssupply"); q != nil {
			supply = q.Value.String()
		}
		row := []any{id, number, c.person, c.team("prescribing", nil), c.m.npi(c.b.Provider), c.f.take(c.f.day, "item.servicedDate", from),
			parse("productOrService", "ndc_code", ndc), parse("supportingInfo dayssupply", "days_supply", supply), paid, allowed}
		return c.add(table, row)
	}
	to := from
	if i.Period != nil && i.Period.End != "" {
		to = i.Period.End
	}
	stay := c.period("admissionperiod")
	row := []any{id, number, kind, c.person, c.f.take(c.f.day, "billablePeriod.start", c.b.Billable.Start), c.f.take(c.f.day, "billablePeriod.end", c.b.Billable.End),
		c.f.take(c.f.day, "item.serviced", from), c.f.take(c.f.day, "item.serviced", to), c.f.take(c.f.day, "admissionperiod", stay.Start), c.f.take(c.f.day, "admissionperiod", stay.End),
		c.info("discharge-status"), c.info("typeofbill"), c.info("drg"), code(i.Location), code(i.Revenue), c.units(i), c.procedureCode(i)}
	for n := range 5 {
		modifier := ""
		if n < len(i.Modifier) {
			modifier = code(i.Modifier[n])
		}
		row = append(row, modifier)
	}
	row = append(row, c.team("rendering", i.CareTeam), c.m.npi(c.b.Provider), c.m.npi(c.b.Facility), paid, allowed, c.f.take(c.f.day, "payment.date", c.b.Payment.Date))
	row = append(row, c.diagnoses()...)
	return c.add(table, append(row, c.procedures()...))
}

func (c *claimed) add(table string, row []any) error {
	if c.f.err != nil {
		return c.f.err
	}
	return c.m.add(table, row...)
}

// units are whole; others (anaesthesia, drugs by weight) are counted and left out.
func (c *claimed) units(i item) any {
	if i.Quantity == nil || i.Quantity.Value == "" {
		return nil
	}
	t, _ := store.Lookup("medical_claim")
	text := i.Quantity.Value.String()
	if whole, fraction, ok := strings.Cut(text, "."); ok && strings.Trim(fraction, "0") == "" {
		text = whole
	}
	v, err := t.Parse("service_unit_quantity", text)
	if err != nil {
		c.m.skipped["quantities that are no whole number"]++
		return nil
	}
	return v
}

// procedureCode is the line's HCPCS code of either level, or "".
func (c *claimed) procedureCode(i item) string {
	for _, k := range i.Product.Coding {
		if s := systemOf(k.System); s == "hcpcs" || s == "cpt" {
			return k.Code
		}
	}
	return ""
}

// team is the NPI of the care team's member in a role, the item's own first.
func (c *claimed) team(role string, own []json.Number) string {
	found := ""
	for _, t := range c.b.CareTeam {
		if !slices.ContainsFunc(t.Role.Coding, func(k coding) bool { return k.Code == role || k.Code == "performing" && role == "rendering" }) {
			continue
		}
		if npi := c.m.npi(t.Provider); slices.Contains(own, t.Sequence) {
			return npi
		} else if found == "" {
			found = npi
		}
	}
	return found
}

func (c *claimed) info(category string) string {
	for _, i := range c.b.Info {
		if slices.ContainsFunc(i.Category.Coding, func(k coding) bool { return k.Code == category }) {
			return code(i.Code)
		}
	}
	return ""
}

func (c *claimed) period(category string) (p period) {
	for _, i := range c.b.Info {
		if i.Period != nil && slices.ContainsFunc(i.Category.Coding, func(k coding) bool { return k.Code == category }) {
			p = *i.Period
		}
	}
	return p
}

func (c *claimed) quantity(category string) (q *quantity) {
	for _, i := range c.b.Info {
		if slices.ContainsFunc(i.Category.Coding, func(k coding) bool { return k.Code == category }) {
			q = i.Quantity
		}
	}
	return q
}

// diagnoses are the type and 25 codes without dots, the principal one first.
func (c *claimed) diagnoses() []any {
	var first, rest []coding
	for _, d := range c.b.Diagnosis {
		for _, k := range d.Code.Coding {
			if s := systemOf(k.System); s != "icd-10-cm" && s != "icd-9-cm" {
				continue
			}
			if slices.ContainsFunc(d.Type, func(t concept) bool {
				return slices.ContainsFunc(t.Coding, func(k coding) bool { return k.Code == "principal" })
			}) {
				first = append(first, k)
			} else {
				rest = append(rest, k)
			}
			break
		}
	}
	return c.codes(append(first, rest...), "diagnoses of a second code system")
}

func (c *claimed) procedures() []any {
	var all []coding
	for _, p := range c.b.Procedure {
		for _, k := range p.Code.Coding {
			if systemOf(k.System) == "icd-10-pcs" {
				all = append(all, k)
			}
		}
	}
	return c.codes(all, "procedures of a second code system")
}

// codes are the system of the first code and the codes of it.
func (c *claimed) codes(all []coding, others string) []any {
	out := make([]any, 1+maxClaimCodes)
	n := 0
	for i, k := range all {
		switch {
		case i > 0 && systemOf(k.System) != out[0]:
			c.m.skipped[others]++
		case n == maxClaimCodes:
			c.m.skipped["codes after the 25th of a claim"]++
		default:
			out[0] = systemOf(k.System)
			n++
			out[n] = strings.ReplaceAll(k.Code, ".", "")
		}
	}
	return out
}
