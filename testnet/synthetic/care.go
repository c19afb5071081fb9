package synthetic

import "fmt"

// screening makes the rows of colorectal screening: for those who are screened one test inside its look-back, for some of the others one
// outside of it; for a few what takes a person out of the measure.
func (g *generator) screening(payer *payer, p *person, pr *Practice) {
	if p.age < 40 || p.age > 80 {
		return
	}
	r, y := g.r, g.o.Period
	npi := func() string { return pick(r, g.practices).npi }
	colonoscopy := func(year int) {
		code := "G0121"
		if r.permille(250) {
			code = "G0105"
		}
		switch {
		case r.permille(150):
			payer.claim(p, npi(), line{on: r.inYear(year), bill: "131", procedure: "0DJD8ZZ", diagnosis: []string{"Z1211"}, dollars: 1450})
		default:
			payer.claim(p, npi(), line{on: r.inYear(year), pos: "24", hcpcs: code, diagnosis: []string{"Z1211"}, dollars: 900})
		}
	}
	stool := func(year int) {
		if r.permille(500) {
			payer.claim(p, npi(), line{on: r.inYear(year), pos: "81", hcpcs: "G0328", diagnosis: []string{"Z1212"}, dollars: 22})
			return
		}
		payer.result(p, pick(r, []string{"29771-3", "57905-2", "58453-2"}), r.inYear(year), pick(r, []string{"negative", "negative", "positive"}), "")
	}
	if r.permille(pr.screened) {
		switch x := r.below(100); {
		case x < 60:
			colonoscopy(y - r.below(10))
		case x < 67:
			payer.claim(p, npi(), line{on: r.inYear(y - r.below(5)), pos: "11", hcpcs: "G0104", diagnosis: []string{"Z1211"}, dollars: 310})
		case x < 72:
			payer.claim(p, npi(), line{on: r.inYear(y - r.below(3)), pos: "81", hcpcs: "G0464", diagnosis: []string{"Z1211"}, dollars: 490})
		case x < 78:
			payer.result(p, "77353-1", r.inYear(y-r.below(3)), "negative", "")
		default:
			stool(y)
		}
	} else {
		switch x := r.below(1000); {
		case x < 120:
			colonoscopy(y - r.between(10, 13))
		case x < 200:
			stool(y - 1)
		case x < 230:
			payer.result(p, "29771-3", r.inYear(y), "", "")
		case x < 250:
			payer.claim(p, npi(), line{on: r.inYear(y - r.between(5, 7)), pos: "11", hcpcs: "G0104", diagnosis: []string{"Z1211"}, dollars: 310})
		}
	}
	switch x := r.below(1000); {
	case x < 8:
		payer.claim(p, npi(), line{on: r.inYear(y - r.below(4)), pos: "11", diagnosis: []string{pick(r, []string{"C182", "C19", "C20", "Z85038"})}, dollars: 140})
	case x < 10:
		on := r.inYear(y - 2)
		payer.claim(p, npi(), line{on: on, left: on + 6, bill: "111", diagnosis: []string{"K5190"}, procedure: "0DTE0ZZ", dollars: 24000})
	}
}

// diabetes makes the claims and tests of people with diabetes, and claims that look like it.
func (g *generator) diabetes(payer *payer, p *person, pr *Practice) {
	r, y := g.r, g.o.Period
	part := 0
	switch {
	case p.age >= 76:
		part = 250
	case p.age >= 65:
		part = 260
	case p.age >= 45:
		part = 150
	case p.age >= 18:
		part = 40
	case p.age >= 5:
		part = 4
	}
	codes := []string{"E119", "E1165", "E1122", "E109", "E138"}
	visit := func(code string, year int) {
		payer.claim(p, pr.npi, line{on: r.inYear(year), pos: "11", diagnosis: []string{"I10", code}, dollars: 120})
	}
	if !r.permille(part) {
		switch x := r.below(1000); {
		case x < 15:
			visit("E119", y) // once only: to be ruled out
		case x < 35:
			visit("R7303", y)
		case x < 40:
			visit("E162", y) // hypoglycaemia is no diabetes
		}
		return
	}
	switch x := r.below(1000); {
	case x < 30:
		visit(pick(r, codes), y)
	case x < 70:
		on := r.inYear(y)
		payer.claim(p, pr.npi, line{on: on, left: on + day(r.between(1, 9)), bill: "111", diagnosis: []string{"E1110", "I10"}, dollars: 11800})
	default:
		code := pick(r, codes)
		for range r.between(2, 3) {
			visit(code, y-r.below(2))
		}
	}
	loinc := func() string { return pick(r, []string{"4548-4", "4548-4", "4548-4", "17856-6"}) }
	percent := func(tenths int) string { return fmt.Sprintf("%d.%d", tenths/10, tenths%10) }
	poor := r.permille(pr.poorA1c)
	last := r.days(dayOf(y, 3, 1), dayOf(y, 12, 31))
	switch {
	case poor && r.permille(400):
		if r.permille(500) {
			payer.result(p, loinc(), r.inYear(y-1), percent(r.between(55, 90)), "%")
		}
		if r.permille(100) {
			payer.result(p, loinc(), last, "", "%")
		}
		return
	case poor:
		payer.result(p, loinc(), last, percent(r.between(91, 139)), "%")
	case r.permille(40):
		payer.result(p, loinc(), last, "9.0", "%") // on the limit: not above it
	default:
		payer.result(p, loinc(), last, percent(r.between(54, 89)), "%")
	}
	for range r.below(3) {
		payer.result(p, loinc(), last-day(r.between(1, 58)), percent(r.between(54, 139)), "%")
	}
	if r.permille(10) {
		payer.result(p, loinc(), last, percent(r.between(54, 139)), "%") // twice on one day: the lower counts
	}
	payer.result(p, "2093-3", last, fmt.Sprint(r.between(120, 290)), "mg/dL")
}

// primaryCare makes the visits of the year, in the codes of clinics, wellness visits and telehealth.
func (g *generator) primaryCare(payer *payer, p *person, pr *Practice) {
	r, y := g.r, g.o.Period
	visit := func(year int) line {
		l := line{on: r.inYear(year), pos: "50", hcpcs: "T1015", diagnosis: []string{pick(r, []string{"Z0000", "I10", "J069", "M545"})}, dollars: r.between(90, 220)}
		switch {
		case p.age >= 65 && r.permille(700):
			l.pos, l.hcpcs = "11", pick(r, []string{"G0438", "G0439"})
		case r.permille(400):
			l.hcpcs = pick(r, []string{"G0466", "G0467"})
		case r.permille(150):
			l.pos = "72"
		}
		return l
	}
	if r.permille(pr.visited) {
		for range r.between(1, 2) {
			l := visit(y)
			lines := []line{l}
			if r.permille(300) {
				lines = append(lines, line{on: l.on, pos: l.pos, hcpcs: pick(r, []string{"G0008", "G0444", "G0446"}), diagnosis: l.diagnosis, dollars: 25})
			}
			payer.claim(p, pr.npi, lines...)
		}
		return
	}
	switch x := r.below(100); {
	case x < 20:
		payer.claim(p, pr.npi, visit(y-1)) // a year too early
	case x < 40:
		payer.claim(p, pr.npi, line{on: r.inYear(y), pos: "23", hcpcs: "T1015", diagnosis: []string{"R0789"}, dollars: 640}) // an emergency room
	}
}

// otherCare makes care that no measure counts, and hospice, which takes a person out of all three.
func (g *generator) otherCare(payer *payer, p *person, pr *Practice) {
	r, y := g.r, g.o.Period
	if r.permille(300) {
		payer.claim(p, pr.npi, line{on: r.inYear(y - r.below(2)), pos: "41", hcpcs: "A0425", diagnosis: []string{"R55"}, dollars: 380})
	}
	if r.permille(50) {
		on := r.inYear(y)
		payer.claim(p, pr.npi, line{on: on, left: on + day(r.between(1, 12)), bill: "111", diagnosis: []string{pick(r, []string{"J189", "I5023", "S72001A"})}, dollars: 9200})
	}
	if p.age >= 60 && r.permille(8) {
		payer.claim(p, pr.npi, line{on: r.inYear(y), bill: "813", hcpcs: pick(r, []string{"Q5001", "Q5003"}), diagnosis: []string{"C349"}, dollars: 4100})
	}
}
