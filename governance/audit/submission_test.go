package audit

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/governance/rules"
)

func (w *world) join(name string, role rules.Role) {
	b := rules.MemberJoin{Member: key(w.t, name).Public(), Role: role}
	statement, err := b.Statement(w.genesis.Ledger)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range payers[:2] {
		b.Endorsements = append(b.Endorsements, rules.Signature{Member: p, Signature: key(w.t, p).Sign(rules.JoinContext, statement)})
	}
	w.do("convener", rules.KindMemberJoin, b)
}

// TestBetterOf: of an own result that an auditor has confirmed and the released figure the report says which counts; of one that nobody has confirmed, and
// where the table is not in the bundle, nothing.
func TestBetterOf(t *testing.T) {
	w := newWorld(t)
	s := w.approve()
	w.join("provider-a", rules.RoleProvider)
	w.join("auditor-a", rules.RoleAuditor)
	w.do("convener", rules.KindRosterSet, rules.NewRosterSet([]string{"p-1", "p-2", "p<3>"}))
	w.do("convener", rules.KindRosterIdentify, rules.RosterIdentify{Practices: []rules.Practice{{ID: "p-1", Organisation: "provider-a"}, {ID: "p-2", Organisation: "provider-a"}}})
	hash := s.Hash()
	for _, x := range []struct {
		practice, period string
		value            int64
		confirmed        bool
	}{{"p-1", "2023", 50, true}, {"p-2", "2023", 90, true}, {"p-1", "2024", 60, false}, {"p-2", "2024", 60, true}} {
		at := w.do("provider-a", rules.KindSubmit, rules.Submit{Measure: hex.EncodeToString(hash[:]), Period: x.period, Practice: x.practice, Stratum: "all", Value: x.value, Evidence: strings.Repeat("e", 64)})
		if x.confirmed {
			w.do("auditor-a", rules.KindSubmissionAudit, rules.SubmissionAudit{Submission: at, Finding: rules.Confirmed, Text: "30 charts"})
		}
	}
	w.authorise("r-1", "2023", s)
	w.certify(table("r-1", "2023", s))
	b := w.bundle(payers...)
	r := check(t, b, Options{})
	if !r.Verified || len(r.Submissions) != 4 {
		t.Fatal(r.Findings)
	}
	counts := func(i int, value int64, own bool) {
		t.Helper()
		if x := r.Submissions[i]; x.Counts == nil || *x.Counts != value || x.Own != own {
			t.Errorf("submission %d: %+v", i, x)
		}
	}
	counts(0, 50, true)  // 42 was released, and more is better
	counts(1, 95, false) // 95 was released
	if x := r.Submissions[2]; x.Counts != nil {
		t.Errorf("nobody has confirmed it: %+v", x)
	}
	counts(3, 60, true) // nothing was released of 2024
	if page := read(t, b, reportName); !bytes.Contains(page, []byte("50, the provider’s own")) || !bytes.Contains(page, []byte("95, the released figure")) {
		t.Error("the page does not say what counts")
	}
	rel, err := CheckRelease(w.tables["r-1"], w.kept["r-1"], b, Options{})
	if err != nil || !rel.Verified || strings.Join(rel.Contributors, " ") != "payer-a payer-b payer-c" || len(rel.Recipients) != 2 || rel.RestatedBy != "" {
		t.Errorf("release: %v %+v", err, rel)
	}
	delete(w.tables, "r-1")
	r = check(t, w.bundle(payers...), Options{Partial: true})
	if x := r.Submissions[0]; !r.Verified || x.Counts != nil {
		t.Errorf("without the table: %v %+v", r.Findings, x)
	}
}
