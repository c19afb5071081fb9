package predicate

import (
	"math/bits"

	"github.com/tacet-health/tacet/crypto/mhe"
)

// The cost model: integers, so that all members choose the same strategy. Times are microseconds of one core
// at ring degree 2^15, fitted to measurements; other degrees scale with N.
const (
	perDigitRow = 930  // a multiplication's key switch: digits × rows
	perRow      = 3200 // … and the rest of it
	inputTime   = 40_000
	refreshTime = 85_000 // a share made, the result finished
	keyTime     = 500_000
	rotKeyTime  = 60_000
	decryptTime = 40_000
	bytesMicro  = 600 // received, hashed and added
	maskTime    = 550_000
	// What a byte sent and a round cost beside a microsecond of a core, for choosing: 12.5 MB/s, 1 s a round.
	perByteNanos = 80 // nanoseconds
	perRound     = 1_000_000
)

// mulTime is one multiplication with relinearisation and rescaling, or one rotation, at a level.
func mulTime(level int) int64 {
	l := int64(level)
	return perDigitRow*((l+2)/2)*(l+3) + perRow*(l+1)
}

// multiplications of an odd polynomial of degree 2^k − 1, by levels below the first.
var multiplications = map[int][]int64{2: {1, 1}, 3: {1, 2, 1}, 4: {1, 2, 3, 1}, 5: {1, 2, 3, 3, 1}}

// polynomialTime is one odd polynomial of a depth evaluated from a level; primes is 2 at the high scale.
func polynomialTime(depth, level, primes int) int64 {
	sum := int64(0)
	for i, n := range multiplications[depth] {
		sum += n * mulTime(level-i*primes)
	}
	return sum * 5 / 4 // scalar multiplications and rescalings
}

// Prediction is what a run of the plan costs one member. Seconds are of one core and hold for the machine
// the model was fitted on (a 2.x GHz server core); their ratios hold elsewhere.
type Prediction struct {
	Seconds float64 // evaluation, and the making and adding up of all shares
	Bytes   int64   // that one payer sends, to one recipient
	Memory  int64   // peak of a member without a budget, in bytes; see Memory
	Rounds  int     // refresh rounds
}

// tally counts a strategy's work, for one member.
type tally struct {
	set                              mhe.Set
	micros                           int64 // of the evaluation
	inputs, refreshes, high, results int   // shares of each kind; high are refreshes into the high scale
	rounds                           int
	rotations                        []mhe.Rotation
}

// wireRow is the size of one polynomial of a level on the wire; withP adds the key moduli.
func wireRow(set mhe.Set, level int, withP bool) int64 {
	n := int64(0)
	for _, q := range set.Q[:level+1] {
		n += int64(bits.Len64(q-1)+7) / 8
	}
	if withP {
		for _, q := range set.P {
			n += int64(bits.Len64(q-1)+7) / 8
		}
	}
	return n << set.LogN
}

// predict turns a tally into a prediction; score is what strategies are compared by.
func (t *tally) predict(payers int) (p Prediction, score int64) {
	digits := func(level int) int64 { return int64(level+len(t.set.P)) / int64(len(t.set.P)) }
	top := t.set.TopLevel()
	keys := 3 * digits(top) * wireRow(t.set, top, true)
	for _, r := range t.rotations {
		keys += digits(r.Level) * wireRow(t.set, r.Level, true)
	}
	p.Bytes = keys + int64(t.inputs)*wireRow(t.set, t.set.MaxLevel(), false) +
		int64(t.refreshes)*(wireRow(t.set, t.set.RefreshLevel(payers, false), false)+wireRow(t.set, top, false)) +
		int64(t.high)*(wireRow(t.set, t.set.RefreshLevel(payers, true), false)+wireRow(t.set, top, false)) +
		int64(t.results)*wireRow(t.set, t.set.DecryptLevel(), false)
	n := int64(payers)
	micros := t.micros + keyTime + int64(len(t.rotations))*rotKeyTime + int64(t.inputs)*inputTime +
		int64(t.refreshes+t.high)*refreshTime + int64(t.results)*decryptTime + p.Bytes*n/bytesMicro
	if t.set.LogN < 15 {
		micros >>= 15 - t.set.LogN
	} else {
		micros <<= t.set.LogN - 15
	}
	p.Seconds = float64(micros) / 1e6
	p.Rounds = t.rounds
	return p, micros + p.Bytes*perByteNanos/1000 + int64(t.rounds)*perRound
}
