package synthetic

// span is a time of enrolment, both days included.
type span struct{ from, to day }

// person is one member of one payer while the rows are made.
type person struct {
	id       string
	practice int // in December; −1 for nobody's patient
	before   int // in June, where it differs; −1 otherwise
	female   bool
	birth    day
	death    day
	age      int // on 31 December of the period
	spans    []span
}

// ages gives the parts of the population: people per thousand and the ages they may have.
var ages = []struct{ weight, lo, hi int }{{200, 0, 17}, {310, 18, 44}, {300, 45, 64}, {130, 65, 75}, {60, 76, 92}}

func (g *generator) person(practice int, id string) *person {
	r, y := g.r, g.o.Period
	weights := make([]int, len(ages))
	for i, a := range ages {
		weights[i] = a.weight
	}
	group := ages[r.weighted(weights, 1000)]
	p := &person{id: id, practice: practice, before: -1, female: r.permille(515), age: r.between(group.lo, group.hi)}
	p.birth = r.inYear(y - p.age)
	first, last := dayOf(y, 1, 1), dayOf(y, 12, 31)
	since := r.days(max(p.birth, dayOf(y-6, 1, 1)), max(p.birth, dayOf(y-1, 12, 31)))
	switch x := r.below(1000); {
	case x < 800 || p.age == 0: // all year
		p.spans = []span{{since, last}}
	case x < 830: // all year, and on
		p.spans = []span{{since, dayOf(y+1, 6, 30)}}
	case x < 840: // a change of product: the spans overlap
		p.spans = []span{{since, dayOf(y, 6, 30)}, {dayOf(y, 5, 1), last}}
	case x < 880: // a gap that counts as none
		gap := r.between(20, 45)
		end := r.days(dayOf(y, 2, 1), dayOf(y, 8, 31))
		p.spans = []span{{since, end}, {end + day(gap) + 1, last}}
	case x < 900: // a gap that is one
		gap := r.between(46, 110)
		end := r.days(dayOf(y, 2, 1), dayOf(y, 8, 31))
		p.spans = []span{{since, end}, {end + day(gap) + 1, last}}
	case x < 950: // joined
		p.spans = []span{{r.days(first+1, last), last}}
	case x < 993: // left
		p.spans = []span{{since, r.days(first, last-1)}}
	default: // died
		p.death = r.days(max(first, p.birth), last)
		p.spans = []span{{min(since, p.death), p.death}}
	}
	switch x := r.below(1000); {
	case x < 10:
		p.practice = -1
	case x < 50:
		p.before = r.below(len(g.practices))
	}
	return p
}
