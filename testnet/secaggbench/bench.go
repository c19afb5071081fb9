package secaggbench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/inprocess"
)

// Options of a measurement. Zero values are the defaults.
type Options struct {
	Payers   int    // default 8
	Elements int    // of a vector; default 1,000,000
	Times    int    // how often each is measured; default 5
	Columns  int    // of the risk model; default 300, at 10 payers
	Rounds   int    // of the exactness mode, besides; 0: none
	Seed     uint64 // of its vectors and dropouts
	Say      func(string, ...any)
}

// Figures are the result. Times are medians, in milliseconds.
type Figures struct {
	Payers     int        `json:"payers"`
	Elements   int        `json:"elements"`
	Sent       int        `json:"payer_sent_bytes"`
	SentRatio  float64    `json:"payer_sent_to_plain"`
	MaskingCPU float64    `json:"payer_masking_cpu_ms"`
	AllCPU     float64    `json:"payer_all_steps_cpu_ms"`
	RecoverCPU float64    `json:"recover_cpu_ms"`
	Wall       float64    `json:"wall_ms"`
	PlainWall  float64    `json:"plain_wall_ms"`
	WallRatio  float64    `json:"wall_to_plain"`
	Small      float64    `json:"small_payer_cpu_ms"` // at Prio3's length, with its own Recover
	SmallSent  int        `json:"small_payer_sent_bytes"`
	Prio3      Prio3      `json:"prio3"`
	Prio3CPU   float64    `json:"prio3_cpu_to_secagg"`
	Prio3Sent  float64    `json:"prio3_sent_to_secagg"`
	Risk       Risk       `json:"risk"`
	Exact      *Exactness `json:"exactness,omitempty"`
}

// ErrMissed says that a figure is not what it has to be.
var ErrMissed = errors.New("a figure is not what it has to be")

// Limits that Run holds the figures against.
const (
	maxSent    = 1.02
	maxMasking = 60.0 // ms for 8 payers and 1,000,000 elements, in proportion for others
	maxWall    = 2.0
)

const (
	smallElements = 1024
	smallBits     = 16
)

func milli(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func median(v []float64) float64 { slices.Sort(v); return v[len(v)/2] }

// Run measures, prints lines through Say, and says with ErrMissed what is not as it has to be.
func Run(ctx context.Context, o Options) (Figures, error) {
	if o.Payers == 0 {
		o.Payers = 8
	}
	if o.Elements == 0 {
		o.Elements = 1_000_000
	}
	if o.Columns == 0 {
		o.Columns = 300
	}
	if o.Times == 0 {
		o.Times = 5
	}
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	f := Figures{Payers: o.Payers, Elements: o.Elements}
	names := inprocess.Roster(o.Payers)
	keys := map[string]*identity.Keys{}
	for _, n := range append([]string{"convener"}, names...) {
		k, err := identity.Generate(n)
		if err != nil {
			return f, err
		}
		keys[n] = k
	}
	sign := func(n string) secagg.Signing {
		return secagg.Signing{Sign: keys[n].Sign, Verify: func(member, context string, msg, sig []byte) error {
			k := keys[member]
			if k == nil {
				return errors.New("no such member")
			}
			return k.Public().Verify(context, msg, sig)
		}}
	}
	s, err := connect(ctx, names)
	if err != nil {
		return f, err
	}
	defer s.close()
	defer context.AfterFunc(ctx, func() {
		for _, c := range s.up {
			c.Close()
		}
	})()
	if err := f.large(s, names, sign, o); err != nil {
		return f, err
	}
	if err := f.small(s, names, sign); err != nil {
		return f, err
	}
	o.Say("%d payers, %d elements: a payer sends %d bytes, %.4f times the plain vector", f.Payers, f.Elements, f.Sent, f.SentRatio)
	o.Say("processor time of a payer: masking %.1f ms, all its steps %.1f ms; to recover the sum itself %.1f ms", f.MaskingCPU, f.AllCPU, f.RecoverCPU)
	o.Say("wall: %.0f ms, the plain sum over the same streams %.0f ms: %.2f times", f.Wall, f.PlainWall, f.WallRatio)
	o.Say("%d elements: a payer %.2f ms and %d bytes; with the range of every element proven (Prio3SumVec, %d bits, every other payer an aggregator) %.2f ms and %d bytes: %.1f and %.1f times",
		smallElements, f.Small, f.SmallSent, smallBits, f.Prio3.CPU, f.Prio3.Sent, f.Prio3CPU, f.Prio3Sent)
	var missed error
	hold := func(what string, got, limit float64) {
		if got > limit {
			missed = errors.Join(missed, fmt.Errorf("%w: %s is %.3f, at most %.3f", ErrMissed, what, got, limit))
		}
	}
	if o.Elements >= 100_000 { // below, keys and signatures are most of it
		hold("what a payer sends, to the plain vector,", f.SentRatio, maxSent)
		hold("masking, in ms,", f.MaskingCPU, maxMasking*float64(o.Elements)/1e6*float64(o.Payers)/8)
		hold("wall to the plain sum", f.WallRatio, maxWall)
	}
	if err := f.model(o.Columns); err != nil {
		return f, errors.Join(missed, err)
	}
	o.Say("risk model: %d columns, %d payers, %d people: %.2f s of processor time for all payers' round and one fit (%.2f s); largest relative difference from the pooled fit %.1g",
		f.Risk.Columns, f.Risk.Payers, f.Risk.People, f.Risk.CPU, f.Risk.Fit, f.Risk.Difference)
	hold("the risk model, in s of processor time,", f.Risk.CPU, maxRisk)
	hold("the difference from the pooled fit", f.Risk.Difference, 1e-9)
	if o.Rounds > 0 {
		e, err := exact(ctx, o.Rounds, o.Seed, o.Say)
		if err != nil {
			return f, errors.Join(missed, err)
		}
		f.Exact = &e
		e.print(o.Say)
		hold("wrong sums", float64(e.Wrong), 0)
	}
	return f, missed
}

func round(names []string, length int, number uint64) secagg.Round {
	return secagg.Round{Manifest: [32]byte{3}, Number: number, Members: names, Threshold: len(names)/2 + 1, Length: length, Cap: 1 << 40}
}

func vectors(names []string, length int) map[string][]int64 {
	x := map[string][]int64{}
	for i, n := range names {
		v := make([]int64, length)
		for j := range v {
			v[j] = int64(j*(i+3))%1_000_003 - 500_000
		}
		x[n] = v
	}
	return x
}

// large alternates plain and masked rounds.
func (f *Figures) large(s *scene, names []string, sign func(string) secagg.Signing, o Options) error {
	x := vectors(names, o.Elements)
	var masking, all, sum, wall, plain []float64
	for i := range o.Times {
		runtime.GC() // what a round leaves behind is not the next one's
		a, want, err := s.plainRound(names, x)
		if err != nil {
			return err
		}
		runtime.GC()
		b, got, err := s.maskedRound(round(names, o.Elements, uint64(i)), sign, x)
		if err != nil {
			return err
		}
		if !bytes.Equal(want, got) {
			return fmt.Errorf("%w: the sum differs from the plain sum", ErrMissed)
		}
		plain, wall = append(plain, milli(a.wall)), append(wall, milli(b.wall))
		masking, all, sum = append(masking, milli(b.masking)), append(all, milli(b.own)), append(sum, milli(b.sum))
		f.Sent = b.sent
	}
	f.SentRatio = float64(f.Sent) / float64(8*o.Elements)
	f.MaskingCPU, f.AllCPU, f.RecoverCPU = median(masking), median(all), median(sum)
	f.Wall, f.PlainWall = median(wall), median(plain)
	f.WallRatio = f.Wall / f.PlainWall
	return nil
}

// model is the risk model over 10 payers.
func (f *Figures) model(columns int) (err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	f.Risk, err = fitRisk(10, columns, 3000)
	return err
}

// small is a round at the length Prio3 is measured at.
func (f *Figures) small(s *scene, names []string, sign func(string) secagg.Signing) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var cpu, theirs []float64
	for i := range 3 {
		b, _, err := s.maskedRound(round(names, smallElements, 1000+uint64(i)), sign, vectors(names, smallElements))
		if err != nil {
			return err
		}
		cpu, f.SmallSent = append(cpu, milli(b.own+b.sum)), b.sent
		p, err := prio3(names, smallElements, smallBits, 1000+uint64(i), sign)
		if err != nil {
			return err
		}
		theirs, f.Prio3 = append(theirs, p.CPU), p
	}
	f.Small, f.Prio3.CPU = median(cpu), median(theirs)
	f.Prio3CPU, f.Prio3Sent = f.Prio3.CPU/f.Small, float64(f.Prio3.Sent)/float64(f.SmallSent)
	return nil
}
