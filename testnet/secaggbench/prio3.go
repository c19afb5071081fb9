package secaggbench

import (
	"errors"
	"fmt"
	"time"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/bounded"
	"github.com/tacet-health/tacet/crypto/secagg/inprocess"
)

// Prio3 is what one payer does and sends in a round with proven ranges (crypto/secagg/bounded: Prio3SumVec, every other payer an aggregator).
type Prio3 struct {
	Elements int     `json:"elements"`
	Bits     int     `json:"bits"`
	CPU      float64 `json:"payer_cpu_ms"` // all its steps, and the recovery of the sum
	Sent     int     `json:"payer_sent_bytes"`
}

// prio3 plays all payers, one after the other, and measures the first.
func prio3(names []string, elements, bits int, number uint64, sign func(string) secagg.Signing) (Prio3, error) {
	out := Prio3{Elements: elements, Bits: bits}
	r := bounded.Round{Manifest: [32]byte{3}, Number: number, Members: names, Form: bounded.Vector, Length: elements, Bits: bits}
	p, err := inprocess.NewProven(r, sign)
	if err != nil {
		return out, err
	}
	var spent time.Duration
	p.Around = func(member string, do func() error) error {
		begin := threadTime()
		err := do()
		if member == names[0] {
			spent += threadTime() - begin
		}
		return err
	}
	x := map[string][]int64{}
	for i, n := range names {
		x[n] = make([]int64, elements)
		for j := range x[n] {
			x[n][j] = int64(i + j%7)
		}
	}
	if errs := p.Play(secagg.KindOpen, func(n string) []int64 { return x[n] }); errs != nil {
		return out, inprocess.First(r, errs)
	}
	for _, messages := range p.T {
		out.Sent += len(messages[names[0]])
	}
	begin := threadTime()
	sum, err := p.Sum()
	if err != nil {
		return out, err
	}
	out.CPU = milli(spent + threadTime() - begin)
	payers := int64(len(names))
	for i, v := range sum {
		if v != payers*(payers-1)/2+payers*int64(i%7) {
			return out, fmt.Errorf("%w: element %d of a sum with proven ranges differs from the plain sum", ErrMissed, i)
		}
	}
	if len(sum) != elements {
		return out, errors.New("a sum of another length")
	}
	return out, nil
}
