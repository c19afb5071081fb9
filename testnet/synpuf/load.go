package synpuf

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/tacet-health/tacet/node/store"
)

// flags are the columns of annual_summary for the condition flags of the beneficiary file, in the order of conditions.
var flags = []string{"alzheimers", "heart_failure", "chronic_kidney_disease", "cancer", "copd", "depression", "diabetes",
	"ischemic_heart_disease", "osteoporosis", "arthritis", "stroke"}

// Load puts one sample into a payer's store: medical_claim, annual_summary and eligibility (see the package comment). Each table is loaded whole or
// not at all, and once for the same file: loading again changes nothing. A bad row is an *InputError.
func Load(ctx context.Context, s *store.Store, sample Sample) error {
	claims, err := source(sample.Inpatient)
	if err != nil {
		return err
	}
	people, err := source(sample.Beneficiary)
	if err != nil {
		return err
	}
	for _, t := range []struct {
		table   string
		from    store.Source
		columns []string
		rows    iter.Seq2[[]any, error]
	}{
		{"medical_claim", claims, claimTarget(), sample.claimRows()},
		{"annual_summary", people, summaryTarget(), sample.summaryRows()},
		{"eligibility", people, eligibilityTarget, sample.eligibilityRows()},
	} {
		if _, _, err := s.AppendOnce(ctx, t.from, t.table, t.columns, t.rows); err != nil {
			return fmt.Errorf("load sample %d: %w", sample.Number, err)
		}
	}
	return nil
}

func source(path string) (store.Source, error) {
	f, err := os.Open(path)
	if err != nil {
		return store.Source{}, &InputError{File: path, Reason: err.Error()}
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return store.Source{}, &InputError{File: path, Reason: err.Error()}
	}
	return store.Source{Name: filepath.Base(path), Digest: [32]byte(h.Sum(nil))}, nil
}

func claimTarget() []string {
	columns := []string{"claim_id", "claim_line_number", "claim_type", "person_id", "claim_start_date", "claim_end_date", "admission_date", "discharge_date",
		"bill_type_code", "drg_code", "service_unit_quantity", "rendering_npi", "facility_npi", "paid_amount", "diagnosis_code_type", "procedure_code_type"}
	for i := 1; i <= diagnoses; i++ {
		columns = append(columns, fmt.Sprintf("diagnosis_code_%d", i))
	}
	for i := 1; i <= procedures; i++ {
		columns = append(columns, fmt.Sprintf("procedure_code_%d", i))
	}
	return columns
}

func (s Sample) claimRows() iter.Seq2[[]any, error] {
	return stream(s.Claims, func(c *Claim) []any {
		row := []any{c.ID, c.Segment, "institutional", c.Person, value(c.From), value(c.Thru), value(c.Admission), value(c.Discharge),
			"111", c.DRG, c.Days, c.Attending, c.Provider, nil, "icd-9-cm", "icd-9-pcs"}
		if c.PaidKnown {
			row[13] = c.Paid
		}
		return append(append(row, padded(c.Diagnoses, diagnoses)...), padded(c.Procedures, procedures)...)
	})
}

func summaryTarget() []string {
	columns := []string{"person_id", "year", "region", "birth_date", "death_date", "gender", "member_months", "medical_months",
		"inpatient_cost", "outpatient_cost", "professional_cost", "esrd"}
	return append(columns, flags...)
}

func (s Sample) summaryRows() iter.Seq2[[]any, error] {
	return stream(s.Beneficiaries, func(b *Beneficiary) []any {
		row := []any{b.ID, s.Period, b.Region(), value(b.Birth), value(b.Death), b.gender(), b.PartA, b.PartB,
			b.Cost[Inpatient], b.Cost[Outpatient], b.Cost[Carrier], bit(b.ESRD)}
		for _, c := range conditions {
			row = append(row, bit(b.Conditions[c]))
		}
		return row
	})
}

var eligibilityTarget = []string{"person_id", "payer", "plan", "gender", "birth_date", "death_date", "enrollment_start_date", "enrollment_end_date", "county"}

// eligibilityRows leaves out people without a month of cover.
func (s Sample) eligibilityRows() iter.Seq2[[]any, error] {
	payer := fmt.Sprintf("sample-%d", s.Number)
	return stream(s.Beneficiaries, func(b *Beneficiary) []any {
		months := max(b.PartA, b.PartB)
		if months == 0 {
			return nil
		}
		last := time.Date(s.Period, time.Month(months)+1, 0, 0, 0, 0, 0, time.UTC)
		return []any{b.ID, payer, "medicare", b.gender(), value(b.Birth), value(b.Death), time.Date(s.Period, 1, 1, 0, 0, 0, 0, time.UTC), last, b.Region()}
	})
}

func (b *Beneficiary) gender() string {
	switch b.Sex {
	case "1":
		return "male"
	case "2":
		return "female"
	}
	return "unknown"
}

// stream turns a reader with a callback into the sequence a store takes; a nil row is left out.
func stream[T any](read func(func(*T) error) error, row func(*T) []any) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		stopped := false
		err := read(func(v *T) error {
			r := row(v)
			if r != nil && !yield(r, nil) {
				stopped = true
				return errStopped
			}
			return nil
		})
		if err != nil && !stopped {
			yield(nil, err)
		}
	}
}

// errStopped ends a reader whose rows nobody wants any more; it never leaves stream.
var errStopped = errors.New("stopped")

func value(d Date) any {
	if d == NoDate {
		return nil
	}
	return d.Time()
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// padded makes exactly n values of a list of codes; missing ones are NULL.
func padded(codes []string, n int) []any {
	out := make([]any, n)
	for i, c := range codes[:min(n, len(codes))] {
		out[i] = c
	}
	return out
}
