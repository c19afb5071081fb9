package rules

import (
	"slices"

	"github.com/tacet-health/tacet/governance/entry"
)

// RunStatus is where a run stands.
type RunStatus string

// A run is authorised, and ends certified or void.
const (
	RunAuthorised RunStatus = "authorised"
	RunCertified  RunStatus = "certified"
	RunIsVoid     RunStatus = "void"
)

// Run is a run on record.
type Run struct {
	Body RunAuthorise `json:"body"`
	// Sum is the manifest of a run of kind aggregate; Body then holds what it has in common with a release.
	Sum      *RunAggregate `json:"sum,omitempty"`
	Index    uint64        `json:"index"`    // of the authorisation
	Manifest string        `json:"manifest"` // hex SHA-256 of the authorisation's body
	// Profiles are the versions in force at the authorisation, one per measure: those that count for this run.
	Profiles []ProfileRecord `json:"profiles"`
	Bound    []Binding       `json:"bound"` // contributors' own words, in the order of the log
	Status   RunStatus       `json:"status"`
	Ended    uint64          `json:"ended"`       // index of the certificate or the void entry, 0 before
	Reason   string          `json:"reason"`      // of a void run
	Result   *RunCertify     `json:"certificate"` // of a certified run
	// Log times; 0 where the log had none.
	At          int64  `json:"at"`           // of the authorisation
	Start       int64  `json:"start"`        // until then counsel may veto, and nobody computes; 0 = at once
	EndedAt     int64  `json:"ended_at"`     //
	AppealUntil int64  `json:"appeal_until"` // of a certified run; 0 = there is no appeal
	Vetoed      bool   `json:"vetoed"`
	Restates    string `json:"restates"` // the run whose figures this one replaces
	Appeal      string `json:"appeal"`   // the appeal that it follows
}

// RunVoid ends a run without a result. The convener and the contributors may.
type RunVoid struct {
	Run    string `json:"run"`
	Reason string `json:"reason"`
}

// CertificateContext separates certificate signatures from everything else a member signs.
const CertificateContext = "tacet/certificate/v1"

// MinStatisticalBits is the least statistical security of the opening that a certificate may state, toy ledgers apart.
const MinStatisticalBits = 40

// RunCertify ends a run with its result's certificate: every recipient has signed the same statement.
type RunCertify struct {
	Statement
	Signatures []Signature `json:"signatures"` // of all recipients, in the manifest's order
}

// Statement is what each recipient of a run signs.
type Statement struct {
	Run             string `json:"run"`
	Manifest        string `json:"manifest"`   // hex
	Transcript      string `json:"transcript"` // hex: digest of all commits of the run
	Table           string `json:"table"`      // hex: SHA-256 of the release table's canonical bytes
	Set             string `json:"set"`
	StatisticalBits int    `json:"statistical_bits"`
	Model           string `json:"model,omitempty"` // of an aggregate run: hex SHA-256 of the model made of its sum
}

// Canonical is the signed form, for CertificateContext.
func (st Statement) Canonical() ([]byte, error) { return entry.Canonical(st) }

// releaseKey identifies a figure. Contributors are not part of it: the same figure with another set of contributors, subtracted,
// shows the difference of the sets.
type releaseKey struct {
	measure, period, practice, stratum string
}

func (b *RunAuthorise) key(c CellRef) releaseKey {
	return releaseKey{b.Measures[c.Measure].Hash, b.Period, c.Practice, c.Stratum}
}

func (r *Run) keys() []releaseKey {
	out := make([]releaseKey, len(r.Body.Cells))
	for i, c := range r.Body.Cells {
		out[i] = r.Body.key(c)
	}
	return out
}

// names says whether the run's manifest names a member.
func (r *Run) names(member string) bool {
	return slices.Contains(r.Body.Contributors, member) || slices.Contains(r.Body.Recipients, member)
}

// open is the run that is neither certified nor void; there is at most one.
func (s *State) open() *Run {
	if n := len(s.runs); n > 0 && s.runs[n-1].Status == RunAuthorised {
		return s.runs[n-1]
	}
	return nil
}

func (s *State) openRun(name string) (*Run, *Refusal) {
	run := s.byRun[name]
	if run == nil {
		return nil, refuse(CodeUnknownRun, "run %.70q is not authorised", name)
	}
	if run.Status != RunAuthorised {
		return nil, refuse(CodeRunClosed, "run %q is %s", name, run.Status)
	}
	return run, nil
}

func validateVoid(b *RunVoid) *Refusal {
	if !isText(b.Reason, 1000) {
		return refuse(CodeForm, "a void run needs a reason, in at most 1000 bytes")
	}
	return nil
}

func resolveVoid(s *State, e *entry.Signed, b *RunVoid) (effect, *Refusal) {
	run, r := s.openRun(b.Run)
	if r != nil {
		return nil, r
	}
	if e.Author != s.Convener() && !slices.Contains(run.Body.Contributors, e.Author) {
		return nil, refuse(CodeNotAllowed, "%q does not take part in run %q", e.Author, b.Run)
	}
	return func(index uint64) { run.Status, run.Ended, run.EndedAt, run.Reason = RunIsVoid, index, s.now, b.Reason }, nil
}

func validateCertify(b *RunCertify) *Refusal {
	if !entry.IsHash(b.Manifest) || !entry.IsHash(b.Transcript) || !entry.IsHash(b.Table) {
		return refuse(CodeForm, "manifest, transcript or table is not a hash")
	}
	if b.Model != "" && !entry.IsHash(b.Model) {
		return refuse(CodeForm, "model is not a hash")
	}
	if b.StatisticalBits < 0 || b.StatisticalBits > 256 {
		return refuse(CodeForm, "%d bits of statistical security", b.StatisticalBits)
	}
	return nil
}

func resolveCertify(s *State, e *entry.Signed, b *RunCertify) (effect, *Refusal) {
	run, r := s.openRun(b.Run)
	if r != nil {
		return nil, r
	}
	if e.Author != s.Convener() && !run.names(e.Author) {
		return nil, refuse(CodeNotAllowed, "%q does not take part in run %q", e.Author, b.Run)
	}
	switch {
	case b.Manifest != run.Manifest:
		return nil, refuse(CodeCertificate, "the certificate is of another manifest than run %q's", b.Run)
	case b.Set != run.Body.Parameters.Set:
		return nil, refuse(CodeCertificate, "the run was authorised with parameter set %q, not %q", run.Body.Parameters.Set, b.Set)
	case run.Sum == nil && b.Model != "":
		return nil, refuse(CodeCertificate, "a release makes no model")
	case run.Sum == nil && b.StatisticalBits < MinStatisticalBits && !insecure(b.Set):
		return nil, refuse(CodeCertificate, "%d bits of statistical security, at least %d", b.StatisticalBits, MinStatisticalBits)
	case run.Sum == nil && len(b.Signatures) != len(run.Body.Recipients):
		return nil, refuse(CodeCertificateSignature, "%d signatures, the run has %d recipients", len(b.Signatures), len(run.Body.Recipients))
	}
	if run.Sum != nil {
		if r := run.present(b.Signatures); r != nil {
			return nil, r
		}
	}
	statement, err := b.Statement.Canonical()
	if err != nil {
		return nil, refuse(CodeForm, "%v", err)
	}
	for i, sig := range b.Signatures {
		if run.Sum == nil && sig.Member != run.Body.Recipients[i] {
			return nil, refuse(CodeCertificateSignature, "signature %d is of %q, want recipient %q", i, sig.Member, run.Body.Recipients[i])
		}
		m := s.active(sig.Member)
		if m == nil {
			return nil, refuse(CodeCertificateSignature, "recipient %q has left", sig.Member)
		}
		if err := m.Verify(CertificateContext, statement, sig.Signature); err != nil {
			return nil, refuse(CodeCertificateSignature, "signature of %q does not verify", sig.Member)
		}
	}
	return func(index uint64) {
		run.Status, run.Ended, run.EndedAt, run.Result = RunCertified, index, s.now, b
		if w := s.rulebook().AppealSeconds; w > 0 {
			run.AppealUntil = s.now + w
		}
		for _, k := range run.keys() {
			s.released[k] = append(s.released[k], run.Body.Run)
		}
	}, nil
}

// Run returns the run of that name.
func (s *State) Run(name string) (Run, bool) {
	if r := s.byRun[name]; r != nil {
		return *r, true
	}
	return Run{}, false
}

// Runs returns all runs in order of authorisation.
func (s *State) Runs() []Run {
	out := make([]Run, len(s.runs))
	for i, r := range s.runs {
		out[i] = *r
	}
	return out
}
