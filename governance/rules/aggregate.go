package rules

import (
	"slices"

	"github.com/tacet-health/tacet/governance/entry"
)

// KindRunAggregate authorises a run of kind aggregate: an exact sum of the contributors' vectors, under masks (crypto/secagg), of what a motion approved
// (SumDefine).
const KindRunAggregate = "run.aggregate"

// SumSet is what a certificate of such a run states as its parameters: X-Wing, AES-256-CTR, Shamir. Where bounds are proven it is another (SumDefine.Set).
const SumSet = "secagg-1"

// BindReveal is the one step in which a contributor binds itself in such a run: to the list of those present, before it opens their masks; where bounds are
// proven to all that was said, before it opens its share of the sum.
const BindReveal = "reveal"

// RunAggregate is the manifest of a run of kind aggregate.
type RunAggregate struct {
	Run          string    `json:"run"`
	Sum          string    `json:"sum"`   // hash of an approved sum
	Stage        string    `json:"stage"` // which of its vectors
	After        []string  `json:"after"` // certified aggregate runs whose sums fix this one's vector
	Length       int64     `json:"length"`
	Threshold    int64     `json:"threshold"` // contributors that must be present: more than half, and the profile's minimum
	Period       string    `json:"period"`
	Contributors []string  `json:"contributors"` // payers, sorted
	Recipients   []string  `json:"recipients"`   // who signs the certificate when present
	Deadlines    Deadlines `json:"deadlines"`
	Purpose      string    `json:"purpose"`
	Agreement    string    `json:"agreement"`
	Total        *Total    `json:"total,omitempty"` // of a sum of kind total, what it is over; nil of any other
	// Withhold is the hash of the list of records under 42 CFR Part 2 that every contributor leaves out, as in a release's manifest; empty where they take part,
	// and in manifests from before aggregates had it.
	Withhold string `json:"withhold,omitempty"`
}

// MaxSumLength bounds a vector (secagg.MaxLength).
const MaxSumLength = 1 << 24

// body is what an aggregate run has in common with a release; it has no measures and no cells.
func (b *RunAggregate) body(set string) RunAuthorise {
	return RunAuthorise{
		Run: b.Run, Measures: []MeasureRef{}, Caps: []Ratio{}, Period: b.Period, Cells: []CellRef{}, Contributors: b.Contributors, Recipients: b.Recipients,
		Parameters: Parameters{Set: set, Plan: b.Sum}, Deadlines: b.Deadlines, Purpose: b.Purpose, Agreement: b.Agreement, Withhold: b.Withhold,
	}
}

func validateAggregate(b *RunAggregate) *Refusal {
	n := int64(len(b.Contributors))
	switch {
	case !isID(b.Run) || !isID(b.Stage) || !entry.IsHash(b.Sum) || !isKey(b.Period, 32):
		return refuse(CodeForm, "run, stage, sum or period is not in its form")
	case b.Length < 1 || b.Length > MaxSumLength:
		return refuse(CodeForm, "a vector of %d elements, want 1 to %d", b.Length, MaxSumLength)
	case n < MinContributors || n > 64:
		return refuse(CodeContributors, "%d contributors, want %d to 64", n, MinContributors)
	case !slices.IsSorted(b.Contributors):
		return refuse(CodeContributors, "contributors stand in alphabetical order")
	case 2*b.Threshold <= n || b.Threshold > n:
		return refuse(CodeContributors, "%d of %d must be present: want more than half", b.Threshold, n)
	case len(b.Recipients) == 0:
		return refuse(CodeRecipients, "nobody receives the result")
	case !isText(b.Purpose, 1000) || !isText(b.Agreement, 200):
		return refuse(CodeForm, "a run has a purpose and cites a data agreement")
	case b.Withhold != "" && !entry.IsHash(b.Withhold):
		return refuse(CodeForm, "withhold is not a hash")
	case len(b.After) > 16:
		return refuse(CodeForm, "after %d runs, at most 16", len(b.After))
	}
	if n, ok := repeated(b.Contributors); ok {
		return refuse(CodeContributors, "%q contributes twice", n)
	}
	if n, ok := repeated(b.Recipients); ok {
		return refuse(CodeRecipients, "%q receives twice", n)
	}
	if r := b.Deadlines.check(); r != nil || b.Total == nil {
		return r
	}
	return validateTotal(b)
}

func resolveAggregate(s *State, e *entry.Signed, b *RunAggregate) (effect, *Refusal) {
	if r := s.mayOpen(e, b.Run, b.Contributors); r != nil {
		return nil, r
	}
	for _, n := range b.Recipients {
		if !slices.Contains(b.Contributors, n) && n != s.Convener() {
			return nil, refuse(CodeRecipients, "%q neither contributes nor convenes", n)
		}
	}
	def, ok := s.Sum(b.Sum)
	if !ok {
		return nil, refuse(CodeUnknownSum, "no sum with hash %.16s is approved; exact sums need a motion (%s)", b.Sum, SubjectSum)
	}
	p, ok := s.Profile(def.Profile)
	switch {
	case !ok:
		return nil, refuse(CodeUnknownProfile, "profile %q is not on record", def.Profile)
	case b.Threshold < p.Profile.MinContributors:
		return nil, refuse(CodeContributors, "profile %q asks for %d contributors; %d present would be enough for this run", def.Profile, p.Profile.MinContributors, b.Threshold)
	case def.Cap > (1<<63-1)/int64(len(b.Contributors)): // contributors × cap < 2^63: nothing wraps
		return nil, refuse(CodeCaps, "%d contributors with elements up to %d: the sum could leave 63 bits", len(b.Contributors), def.Cap)
	}
	if r := s.checkAge(p, b.Period); r != nil {
		return nil, r
	}
	if r := s.checkTotal(b, def); r != nil {
		return nil, r
	}
	for _, n := range b.After {
		a := s.byRun[n]
		if a == nil || a.Sum == nil || a.Status != RunCertified || a.Sum.Sum != b.Sum || a.Sum.Period != b.Period {
			return nil, refuse(CodeUnknownRun, "run %.70q is no certified aggregate of this sum and period", n)
		}
		if a.Sum.Withhold != b.Withhold {
			return nil, refuse(CodeUnknownRun, "run %q withholds other records under 42 CFR Part 2 than this one; what comes after it is of the same people", n)
		}
	}
	for _, run := range s.runs {
		if run.Sum == nil || run.Sum.Stage != b.Stage || run.Sum.Period != b.Period || !run.opened() || run.repeats(b) {
			continue
		}
		// Whoever is present differs from one run to the next; the difference of two sums would be those who differ.
		if o, ok := s.Sum(run.Sum.Sum); ok && o.ID == def.ID {
			return nil, refuse(CodeReleased, "run %q has opened %s, stage %s, of period %s, or may have", run.Body.Run, def.ID, b.Stage, b.Period)
		}
	}
	if r := b.checkBound(def.Bound); r != nil {
		return nil, r
	}
	body := b.body(def.Set())
	start, r := s.mayStart(&body)
	if r != nil {
		return nil, r
	}
	return func(index uint64) {
		run := &Run{Body: body, Sum: b, Index: index, At: s.now, Start: start, Status: RunAuthorised, Manifest: hexOf(e.BodyHash()), Profiles: []ProfileRecord{p}}
		s.runs, s.byRun[b.Run] = append(s.runs, run), run
	}, nil
}

// bindSteps are the steps in which a contributor of the run binds itself, in order.
func (r *Run) bindSteps() []string {
	if r.Sum != nil {
		return []string{BindReveal}
	}
	return BindSteps
}

// present holds the signers of an aggregate's certificate, a part of the recipients in their order: those that dropped cannot sign, and as many
// contributors as must be present have.
func (r *Run) present(signatures []Signature) *Refusal {
	at, contributors := 0, int64(0)
	for _, sig := range signatures {
		i := slices.Index(r.Body.Recipients[at:], sig.Member)
		if i < 0 {
			return refuse(CodeCertificateSignature, "signature of %q, no recipient or out of order", sig.Member)
		}
		at += i + 1
		if slices.Contains(r.Body.Contributors, sig.Member) {
			contributors++
		}
	}
	if contributors < r.Sum.Threshold {
		return refuse(CodeCertificateSignature, "%d contributors have signed, want %d", contributors, r.Sum.Threshold)
	}
	return nil
}
