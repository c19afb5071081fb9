package synthetic

import "fmt"

// steady adds what every payer's feed has besides the care that measures are about, so that its volume is even over the months of both years: claim
// lines of no measure, and a blood test that none reads. It draws from a stream of its own: with or without it the rest is the same.
func (g *generator) steady(payer *payer, p *person) {
	r, y := g.feed, g.o.Period
	for range 2 {
		payer.claim(p, pick(r, g.practices).npi, line{on: r.inYear(y - 1), pos: "81", diagnosis: []string{"Z0000"}, dollars: r.between(8, 300)})
	}
	const sodium = "2951-2"
	payer.result(p, sodium, r.inYear(y), fmt.Sprint(r.between(134, 146)), "mmol/L")
	payer.result(p, sodium, r.inYear(y-1), fmt.Sprint(r.between(134, 146)), "mmol/L")
	if r.permille(400) {
		payer.result(p, sodium, r.inYear(y-1), fmt.Sprint(r.between(134, 146)), "mmol/L")
	}
}

// providerNumber is the n-th number of a provider: of the form of an NPI with its check digit (Luhn over 80840 and the nine digits before), but
// for the first digit, 9, which no NPI has.
func providerNumber(n int) string {
	digits := fmt.Sprintf("9%08d", n)
	sum := 24
	for i, c := range []byte(digits) {
		d := int(c - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return fmt.Sprintf("%s%d", digits, (10-sum%10)%10)
}
