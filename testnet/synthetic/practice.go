package synthetic

import "fmt"

// Kind says what is particular about a practice.
type Kind string

// The kinds of practice; see the package comment.
const (
	Ordinary  Kind = "ordinary"
	Small     Kind = "small"
	Few       Kind = "few"
	Dominated Kind = "dominated"
	Sole      Kind = "sole"
	Pair      Kind = "pair"
)

// Practice is one practice of the population.
type Practice struct {
	ID   string // roster id
	Kind Kind

	people   int
	payers   []int // weight of each payer among its people
	total    int   // sum of payers
	npi      string
	screened int // true rates, per mille
	poorA1c  int
	visited  int
}

// makePractices lays out the practices: kinds at random places, then people, payers' parts and true rates.
func makePractices(o Options, r *random) []Practice {
	var kinds []Kind
	for _, k := range []struct {
		kind Kind
		one  int // one of the kind in so many practices
	}{{Small, 16}, {Few, 16}, {Dominated, 48}, {Sole, 48}, {Pair, 48}} {
		for range max(1, o.Practices/k.one) {
			kinds = append(kinds, k.kind)
		}
	}
	for len(kinds) < o.Practices {
		kinds = append(kinds, Ordinary)
	}
	shuffle(r, kinds)

	practices := make([]Practice, o.Practices)
	remaining, weights, heavy := o.People, make([]int, o.Practices), 0
	rank := 0
	for i, kind := range kinds {
		p := &practices[i]
		p.ID, p.Kind, p.npi = fmt.Sprintf("PR-%03d", i+1), kind, providerNumber(100+7*i)
		p.screened, p.poorA1c, p.visited = r.between(350, 800), r.between(120, 450), r.between(600, 940)
		p.payers = make([]int, o.Payers)
		for j := range p.payers {
			p.payers[j] = 100000 / (j + 2) * r.between(80, 120) / 100
		}
		switch kind {
		case Ordinary:
			rank++
			weights[i] = 1_000_000 / (rank + 8) // the largest has about six times the people of the 48th
			heavy += weights[i]
		case Small:
			p.people = r.between(12, 28)
		case Few:
			p.people = r.between(110, 150)
			p.screened, p.visited = r.between(110, 160), r.between(955, 975)
		case Dominated:
			p.people = o.People / o.Practices / 2
			others := 0
			for _, w := range p.payers[1:] {
				others += w
			}
			p.payers[0] = 4 * others
		case Sole:
			p.people = o.People / o.Practices / 2
			clear(p.payers)
			p.payers[1] = 1
		case Pair:
			p.people = o.People / o.Practices / 2
			clear(p.payers)
			p.payers[0], p.payers[2] = 1, 1
		}
		for _, w := range p.payers {
			p.total += w
		}
		remaining -= p.people
	}
	share := remaining
	for i := range practices {
		if weights[i] > 0 {
			practices[i].people = int(int64(share) * int64(weights[i]) / int64(heavy))
			remaining -= practices[i].people
		}
	}
	for i := range practices { // what the divisions left over
		if weights[i] > 0 && remaining > 0 {
			practices[i].people++
			remaining--
		}
	}
	return practices
}

// local is the id under which a payer knows a practice; its crosswalk leads back to the roster id.
func local(payer, practice int) string { return fmt.Sprintf("%c%05d", 'A'+payer, 20011+37*practice) }
