package audit

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

// TestFullHouse: the most members that a ledger can have, with the longest names, all sign a checkpoint, and it and their policy are within what readers take.
func TestFullHouse(t *testing.T) {
	g := rules.Genesis{Format: 1, Ledger: strings.Repeat("l", 60) + ".org"}
	at := time.Unix(1<<40, 0)
	var signers []note.Signer
	for i := range rules.MaxMembers {
		k, err := identity.Generate(fmt.Sprintf("%02d%s", i, strings.Repeat("m", 30)))
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			g.Convener, signers = k.Public(), k.LogSigners(g.Ledger, at)
			continue
		}
		g.Members = append(g.Members, k.Public())
		signers = append(signers, k.Cosigners(ledger.KeyName(g.Ledger, k.Name()), at)...)
	}
	if _, err := g.Canonical(); err != nil {
		t.Fatal(err)
	}
	st, err := rules.New(g)
	if err != nil {
		t.Fatal(err)
	}
	c := ledger.Checkpoint{Origin: g.Ledger, Size: 1 << 60}
	msg, err := note.Sign(&note.Note{Text: string(c.Text())}, signers...)
	if err != nil {
		t.Fatal(err)
	}
	s, f := openCheckpoint(msg, "", directory{st})
	if f != nil || !s.Log || len(s.Members) != rules.MaxMembers-1 || len(signers) != ledger.MaxSignatures || len(msg) > ledger.MaxNote {
		t.Fatalf("%v; %d signatures in %d bytes", f, len(signers), len(msg))
	}
	raw, err := policyOf(st)
	if err != nil {
		t.Fatal(err)
	}
	p, err := ParsePolicy(raw)
	if err != nil {
		t.Fatalf("a policy of %d bytes: %v", len(raw), err)
	}
	if _, f := p.open(msg, ""); f != nil {
		t.Error(f)
	}
}
