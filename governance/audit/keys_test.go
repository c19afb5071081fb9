package audit

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/rules"
)

// under is a bundle of the present log with a checkpoint of the convener and of those signers.
func (w *world) under(signers ...note.Signer) (*Bundle, error) {
	c, err := w.log.Checkpoint(w.genesis.Ledger)
	if err != nil {
		w.t.Fatal(err)
	}
	signers = append(key(w.t, "convener").LogSigners(c.Origin, time.Unix(1_700_000_000, 0)), signers...)
	msg, err := note.Sign(&note.Note{Text: string(c.Text())}, signers...)
	if err != nil {
		w.t.Fatal(err)
	}
	dir := filepath.Join(w.t.TempDir(), "export")
	if err := w.log.Export(dir, msg, w.log.Size()); err != nil {
		w.t.Fatal(err)
	}
	return Build(os.DirFS(dir), nil)
}

// TestKeysChange: a member that has changed its keys has changed all of them, those for checkpoints too; the report says when.
func TestKeysChange(t *testing.T) {
	w := newWorld(t)
	w.approve()
	before := w.bundle(payers...)
	fresh, err := identity.Generate("payer-b")
	if err != nil {
		t.Fatal(err)
	}
	rotate := func(p identity.Public) rules.MemberRotate {
		statement, err := rules.RotateStatement(w.genesis.Ledger, key(t, "payer-b").Public(), p)
		if err != nil {
			t.Fatal(err)
		}
		return rules.MemberRotate{Member: p, Proof: fresh.Sign(rules.RotateContext, statement)}
	}
	kept := fresh.Public()
	kept.MLDSA44 = key(t, "payer-b").Public().MLDSA44
	if v := w.state.Apply(w.sign("payer-b", rules.KindMemberRotate, rotate(kept))); v.Refusal == nil || v.Refusal.Code != rules.CodeKeyShared {
		t.Fatalf("with the old ML-DSA-44 key: %+v", v)
	}
	at := w.do("payer-b", rules.KindMemberRotate, rotate(fresh.Public()))
	w.do("payer-a", rules.KindClock, rules.Clock{Time: 1_700_000_000})

	const name = "audit.example/log/payer-b"
	when := time.Unix(1_700_000_000, 0)
	a := key(t, "payer-a").Cosigners("audit.example/log/payer-a", when)
	old, now := key(t, "payer-b").Cosigners(name, when), fresh.Cosigners(name, when)
	b, err := w.under(append(a, now...)...)
	if err != nil {
		t.Fatal(err)
	}
	r := check(t, b, Options{})
	if m := r.Members[2]; !r.Verified || len(m.Earlier) != 1 || m.Earlier[0].Until != at || m.Earlier[0].Fingerprint != key(t, "payer-b").Public().Fingerprint() || m.Fingerprint != fresh.Public().Fingerprint() {
		t.Fatalf("%v %+v", r.Findings, m)
	}
	if page := read(t, b, reportName); !bytes.Contains(page, []byte(key(t, "payer-b").Public().Fingerprint())) || !bytes.Contains(page, []byte("each with Ed25519 and ML-DSA-44")) {
		t.Error("the page lacks the earlier keys, or how checkpoints are signed")
	}
	d, err := Diff(before, b, Options{})
	if err != nil || !d.Verified || len(d.Members) != 1 || !strings.HasPrefix(d.Members[0], "payer-b has new keys from at entry 7") {
		t.Errorf("difference: %v %v %q", err, d.Findings, d.Members)
	}
	for what, c := range map[string]struct {
		signers []note.Signer
		why     string
	}{
		"old keys":                          {old, "of no member"},
		"new Ed25519 and old ML-DSA-44":     {[]note.Signer{now[0], old[1]}, "1 of its 2 keys"},
		"old Ed25519 and new ML-DSA-44":     {[]note.Signer{old[0], now[1]}, "1 of its 2 keys"},
		"ML-DSA-44 alone":                   {now[1:], "1 of its 2 keys"},
		"old keys beside the new":           {append(old, now...), "of no member"},
		"the new ones under another's name": {fresh.Cosigners("audit.example/log/payer-c", when), "of no member"},
	} {
		_, err := w.under(append(a, c.signers...)...)
		var found *Finding
		if !errors.As(err, &found) || found.Code != CodeSignature || !strings.Contains(found.Text, c.why) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
