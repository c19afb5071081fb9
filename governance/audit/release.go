package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

// Release is the outcome of checking one table with its certificate.
type Release struct {
	Verified  bool             `json:"verified"`
	Findings  []Finding        `json:"findings"`
	Statement *rules.Statement `json:"statement,omitempty"` // as certified
	Index     uint64           `json:"index,omitempty"`     // of the certifying entry
	Signers   []string         `json:"signers,omitempty"`   // of the checkpoint over it
	// Contributors, recipients and the run that this one restates are the manifest's: with a bundle.
	Contributors []string `json:"contributors,omitempty"`
	Recipients   []string `json:"recipients,omitempty"`
	Restates     string   `json:"restates,omitempty"`
	RestatedBy   string   `json:"restated_by,omitempty"` // a later run: this table is no longer the one in force
	Insecure     bool     `json:"insecure"`
	Cells        int      `json:"cells"`
	// Benchmarks are those of measures that release nothing else.
	Benchmarks int `json:"benchmarks,omitempty"`
	// Unchecked is what could not be looked at with what was given.
	Unchecked []string `json:"unchecked,omitempty"`
}

const (
	tableFile       = "table"
	certificateFile = "certificate"
)

// CheckRelease holds a table and its certificate against a bundle, which is verified first: everything that Verify looks at in a release of its own.
func CheckRelease(table, certificate []byte, b *Bundle, o Options) (*Release, error) {
	var f findings
	r := &Release{}
	o.Partial = true // the table is the one given
	res, h, err := verify(b, o, &f)
	if err != nil {
		return nil, fmt.Errorf("verify the bundle: %w", err)
	}
	if !res.Verified {
		for _, x := range res.Findings {
			x.Where = strings.TrimSuffix("bundle: "+x.Where, ": ")
			r.Findings = append(r.Findings, x)
		}
		return r, nil
	}
	c, _, err := readCertificate(certificate)
	if err != nil {
		f.add(bad(CodeCertificate, certificateFile, "%v", err))
		return r.end(f), nil
	}
	st, wrong := statementOf(c)
	if wrong != nil {
		f.add(wrong)
		return r.end(f), nil
	}
	run, ok := h.state.Run(st.Run)
	if !ok || run.Status != rules.RunCertified {
		f.add(bad(CodeCertificateRun, certificateFile, "is of run %.70q, which the bundle's log of %d entries has not certified", st.Run, h.claimed.Size))
		return r.end(f), nil
	}
	v := directory{h.state}
	top, wrong := openCheckpoint(h.note, checkpointName, v)
	f.add(wrong)
	wrongs, waiting := h.checkCertificate(certificate, certificateFile, run, top, v)
	for _, x := range append(wrongs, uncosigned(certificateFile, waiting)...) {
		f.add(x)
	}
	t, found := checkTable(table, tableFile, run, h.state)
	for _, x := range append(found, marked(certificate, certificateFile, t)) {
		f.add(x)
	}
	r.Statement, r.Index, r.Insecure, r.Cells, r.Signers = &st, run.Ended, c.Insecure, len(t.Cells), res.Signers
	r.Benchmarks = len(t.Benchmarks)
	r.Contributors, r.Recipients, r.Restates = run.Body.Contributors, run.Body.Recipients, run.Restates
	for _, later := range h.state.Runs() {
		if later.Restates == st.Run && later.Status == rules.RunCertified {
			r.RestatedBy = later.Body.Run
		}
	}
	return r.end(f), nil
}

func (r *Release) end(f findings) *Release {
	r.Findings, r.Verified = f.list, len(f.list) == 0
	return r
}

func statementOf(c Certificate) (st rules.Statement, wrong *Finding) {
	if err := entry.Decode([]byte(c.Statement), &st); err != nil {
		return st, bad(CodeCertificate, certificateFile, "the statement is not in its form: %v", err)
	}
	return st, nil
}

// CheckReleaseOffline holds a table and its certificate against a trust policy alone: the certifying entry is in a log that the log's key and a quorum of
// witnesses signed, and says what the certificate says, and the table is the one it names. What only the whole log shows is in Unchecked; the
// signers took the entry in under the rules that look at exactly that.
func CheckReleaseOffline(table, certificate []byte, p *Policy) *Release {
	r := &Release{Unchecked: []string{
		"the recipients' signatures over the statement (their keys are in the log)",
		"that the run, its measures, profiles and cells were authorised (the manifest is in the log)",
		"that values lie in the range of the disclosure profile",
	}}
	var f findings
	c, proof, err := readCertificate(certificate)
	if err != nil {
		f.add(bad(CodeCertificate, certificateFile, "%v", err))
		return r.end(f)
	}
	st, wrong := statementOf(c)
	if wrong != nil {
		f.add(wrong)
		return r.end(f)
	}
	s, wrong := p.open([]byte(c.Checkpoint), certificateFile)
	f.add(wrong)
	if s != nil {
		if err := ledger.VerifyInclusion(c.Entry, c.Index, proof, s.Checkpoint); err != nil {
			f.add(bad(CodeCertificateProof, certificateFile, "%v", err))
		}
		r.Signers = p.signers(s)
		f.add(certifies(c, st, s.Origin))
	}
	sum := sha256.Sum256(table)
	if hex.EncodeToString(sum[:]) != st.Table {
		f.add(bad(CodeTableHash, tableFile, "is not the table that the recipients of run %s signed", st.Run))
	}
	t, err := readTable(table)
	if err != nil {
		f.add(bad(CodeTable, tableFile, "%v", err))
	} else if t.Run != st.Run {
		f.add(bad(CodeTable, tableFile, "is of run %.70q, the certificate of %s", t.Run, st.Run))
	}
	f.add(marked(certificate, certificateFile, t))
	r.Statement, r.Index, r.Insecure, r.Cells, r.Benchmarks = &st, c.Index, insecure(st.Set), len(t.Cells), len(t.Benchmarks)
	return r.end(f)
}

// certifies says what is wrong with the entry as the one that certifies the statement with those signatures.
func certifies(c Certificate, st rules.Statement, origin string) *Finding {
	e, err := entry.Open(c.Entry)
	if err != nil {
		return bad(CodeCertificateProof, certificateFile, "the certifying entry cannot be read: %v", err)
	}
	var body rules.RunCertify
	if e.Origin != origin || e.Kind != rules.KindRunCertify || entry.Decode(e.Body, &body) != nil {
		return bad(CodeCertificateProof, certificateFile, "the certifying entry is not a run.certify of %s", origin)
	}
	if body.Statement != st || len(body.Signatures) != len(c.Signatures) {
		return bad(CodeCertificate, certificateFile, "states something else than the certifying entry")
	}
	for _, s := range body.Signatures {
		if string(c.Signatures[s.Member]) != string(s.Signature) {
			return bad(CodeCertificateSignature, certificateFile, "the signature of %s is not the one in the certifying entry", s.Member)
		}
	}
	if c.Insecure != insecure(st.Set) {
		return bad(CodeCertificate, certificateFile, "does not say rightly whether parameter set %s is insecure", st.Set)
	}
	return nil
}
