package audit

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

// Certificate is certificate.json as the auditor reads it: two spaces of indent, the fields in this order. It carries everything that is needed to
// check a table against the log, but the members' keys.
type Certificate struct {
	Statement  string            `json:"statement"`  // canonical rules.Statement, what the recipients signed
	Signatures map[string][]byte `json:"signatures"` // by recipient, Ed25519 and ML-DSA-65
	Insecure   bool              `json:"insecure,omitempty"`
	Entry      []byte            `json:"entry"` // the certifying entry, signed bytes
	Index      uint64            `json:"index"`
	Proof      []string          `json:"proof"`      // inclusion proof, RFC 6962, base64
	Checkpoint string            `json:"checkpoint"` // signed note that the proof leads to
	// Reliability is what the cells of the signed table say of theirs, where the run asks (see Marks); release.csv does not hold it, its companion does.
	Reliability string `json:"reliability,omitempty"`
}

// readCertificate accepts the one form of a certificate; a newline at the end, as in a file for people, is let through.
func readCertificate(data []byte) (c Certificate, proof []ledger.Hash, err error) {
	if len(data) > maxCertificate {
		return c, nil, fmt.Errorf("has %d bytes, at most %d", len(data), maxCertificate)
	}
	data = bytes.TrimSuffix(data, []byte("\n"))
	if err := strictJSON(data, &c); err != nil {
		return c, nil, err
	}
	again, err := json.MarshalIndent(c, "", "  ")
	if err != nil || !bytes.Equal(again, data) {
		return c, nil, errors.New("is not in its one form")
	}
	if len(c.Proof) > 64 {
		return c, nil, errors.New("has a proof of more than 64 hashes")
	}
	for _, p := range c.Proof {
		b, err := base64.StdEncoding.Strict().DecodeString(p)
		if err != nil || len(b) != len(ledger.Hash{}) || base64.StdEncoding.EncodeToString(b) != p {
			return c, nil, errors.New("has a proof that is not of hashes in base64")
		}
		proof = append(proof, ledger.Hash(b))
	}
	return c, proof, nil
}

// certify makes the certificate of a run from the log, for a member that kept none, and from what the cells of its table say of their reliability.
func (h *history) certify(run rules.Run, reliability string) ([]byte, error) {
	statement, err := run.Result.Statement.Canonical()
	if err != nil {
		return nil, err
	}
	c := Certificate{Statement: string(statement), Signatures: map[string][]byte{}, Insecure: insecure(run.Result.Set), Index: run.Ended, Checkpoint: string(h.note), Reliability: reliability}
	for _, s := range run.Result.Signatures {
		c.Signatures[s.Member] = s.Signature
	}
	if c.Entry, err = h.entry(run.Ended); err != nil {
		return nil, err
	}
	for _, p := range h.tree.inclusion(run.Ended, h.claimed.Size) {
		c.Proof = append(c.Proof, base64.StdEncoding.EncodeToString(p[:]))
	}
	return json.MarshalIndent(c, "", "  ")
}

// insecure says whether a parameter set protects nothing; the rules let these into ledgers for tests alone.
func insecure(set string) bool { return strings.HasPrefix(set, "toy") }

// checkStatement holds the statement of a certificate against the run.
func checkStatement(c Certificate, where string, run rules.Run) *Finding {
	var st rules.Statement
	if err := entry.Decode([]byte(c.Statement), &st); err != nil {
		return bad(CodeCertificate, where, "the statement is not in its form: %v", err)
	}
	if st.Run != run.Body.Run {
		return bad(CodeCertificateRun, where, "is the certificate of run %.70q, not of %s", st.Run, run.Body.Run)
	}
	if st.Manifest != run.Manifest {
		return bad(CodeCertificateRun, where, "is of another manifest than the one authorised for run %s", st.Run)
	}
	if st != run.Result.Statement {
		return bad(CodeCertificate, where, "states something else than the certificate in the log")
	}
	if c.Insecure != insecure(st.Set) {
		return bad(CodeCertificate, where, "does not say rightly whether parameter set %s is insecure", st.Set)
	}
	return nil
}

// checkRecipients verifies the signature of every recipient.
func checkRecipients(c Certificate, where string, run rules.Run, st *rules.State) *Finding {
	signed := run.Body.Recipients
	if run.Sum != nil { // those present, as the rules have accepted them
		signed = nil
		for _, s := range run.Result.Signatures {
			signed = append(signed, s.Member)
		}
	}
	if len(c.Signatures) != len(signed) {
		return bad(CodeCertificateSignature, where, "has %d signatures, the run has %d recipients", len(c.Signatures), len(signed))
	}
	for _, name := range signed {
		p, ok := st.Keys(name, run.Ended)
		if !ok {
			return bad(CodeCertificateSignature, where, "recipient %s is not a member", name)
		}
		if err := p.Verify(rules.CertificateContext, []byte(c.Statement), c.Signatures[name]); err != nil {
			return bad(CodeCertificateSignature, where, "the signature of %s does not verify", name)
		}
	}
	return nil
}

// checkCertificate holds a certificate against the log. Before anything is released the members that took part must have cosigned a checkpoint over the
// certifying entry: the certificate's own or top, the bundle's, which is a later state of the same tree. It returns who has not.
func (h *history) checkCertificate(data []byte, where string, run rules.Run, top *ledger.Signed, v directory) (found []*Finding, waiting []string) {
	c, proof, err := readCertificate(data)
	if err != nil {
		return []*Finding{bad(CodeCertificate, where, "%v", err)}, nil
	}
	add := func(f *Finding) bool {
		if f != nil {
			found = append(found, f)
		}
		return f == nil
	}
	if !add(checkStatement(c, where, run)) {
		return found, nil
	}
	add(checkRecipients(c, where, run, h.state))
	logged, err := h.entry(run.Ended)
	if err != nil || c.Index != run.Ended || !bytes.Equal(c.Entry, logged) {
		add(bad(CodeCertificateProof, where, "does not have the certifying entry, which is entry %d", run.Ended))
		return found, nil
	}
	s, f := openCheckpoint([]byte(c.Checkpoint), where, v)
	if !add(f) {
		return found, nil
	}
	if root, err := h.tree.root(s.Size); err != nil || root != s.Root {
		add(bad(CodeCertificateProof, where, "has a checkpoint that is not an earlier state of this log"))
	}
	if err := ledger.VerifyInclusion(c.Entry, c.Index, proof, s.Checkpoint); err != nil {
		add(bad(CodeCertificateProof, where, "%v", err))
	}
	there := run.Body.Contributors
	if run.Sum != nil { // who has dropped out of a sum may be gone
		there = slices.DeleteFunc(slices.Clone(there), func(n string) bool { return c.Signatures[n] == nil })
	}
	for _, name := range there {
		if !s.Members[name] && (top == nil || !top.Members[name]) {
			waiting = append(waiting, name)
		}
	}
	return found, waiting
}

// stands says whether nothing is wrong with a certificate and nobody's cosignature is missing.
func (h *history) stands(certificate []byte, run rules.Run, top *ledger.Signed, v directory) bool {
	found, waiting := h.checkCertificate(certificate, certificateName, run, top, v)
	return len(found) == 0 && len(waiting) == 0
}

// uncosigned are the findings of a release that its contributors' signatures do not let out.
func uncosigned(where string, waiting []string) (found []*Finding) {
	for _, name := range waiting {
		found = append(found, bad(CodeCosignatures, where, "contributor %s has not cosigned a checkpoint over the certificate", name))
	}
	return found
}
