package synthetic

// wards adds what Options.Stays asks for: a stay of the period for three of ten adults, for half of them with a chronic condition that was known before, and
// a second stay within 30 days after some of them: more often with the condition, in old age, and at some practices. It draws from a stream of its own:
// but for the claims' numbers all other rows stay as they are without.
func (g *generator) wards(payer *payer, p *person, pr *Practice) {
	r, y := g.ward, g.o.Period
	if p.age < 18 || !r.permille(300) {
		return
	}
	on := r.days(dayOf(y, 1, 15), dayOf(y, 10, 15))
	left := on + day(r.between(2, 9))
	condition, chance := "", 120+40*(pr.screened%5)
	if r.permille(500) {
		condition = pick(r, []string{"I5022", "J449", "N184", "E1122", "F0390"})
		chance += 200
		payer.claim(p, pr.npi, line{on: on - day(r.between(5, 200)), pos: "11", diagnosis: []string{condition}, dollars: 150})
	}
	if p.age >= 65 {
		chance += 100
	}
	stay := func(on, left day) {
		l := line{on: on, left: left, bill: "111", diagnosis: []string{pick(r, []string{"J189", "I2510", "K8000", "N390", "S72001A"})}, dollars: 4000 + 2500*int(left-on)}
		if condition != "" {
			l.diagnosis = append(l.diagnosis, condition)
		}
		payer.claim(p, pr.npi, l)
	}
	stay(on, left)
	if again := left + day(r.between(2, 30)); r.permille(chance) {
		stay(again, again+day(r.between(2, 12)))
	}
}
