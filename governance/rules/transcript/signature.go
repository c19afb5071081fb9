package transcript

import (
	"encoding/json"
	"strings"

	"github.com/tacet-health/tacet/governance/rules"
)

// signatures signs for each name; a name with "!" gives a signature that does not verify.
func (w *World) signatures(context string, statement []byte, names string) string {
	list := []rules.Signature{}
	for n := range strings.SplitSeq(names, ",") {
		n, bad := strings.CutSuffix(n, "!")
		if n == "" {
			continue
		}
		sig := w.Key(n).Sign(context, statement)
		if bad {
			sig[10] ^= 1
		}
		list = append(list, rules.Signature{Member: n, Signature: sig})
	}
	return string(w.canonical(list))
}

// certificate puts the recipients' signatures into a certificate; "RUN" stands for the standard one of that run.
func (w *World) certificate(body, signers string) string {
	if run, ok := strings.CutSuffix(body, " []"); ok {
		r, _ := w.State.Run(run)
		c := rules.RunCertify{Statement: rules.Statement{Run: run, Manifest: r.Manifest, Transcript: strings.Repeat("1", 64), Table: strings.Repeat("2", 64), Set: "standard", StatisticalBits: 42}, Signatures: []rules.Signature{}}
		body = string(w.canonical(c))
	}
	var c rules.RunCertify
	if err := json.Unmarshal([]byte(body), &c); err != nil {
		w.t.Fatalf("%s: %v", body, err)
	}
	st, err := c.Statement.Canonical()
	if err != nil {
		w.t.Fatalf("certificate: %v", err)
	}
	return strings.Replace(body, `"signatures":[]`, `"signatures":`+w.signatures(rules.CertificateContext, st, signers), 1)
}

// present has those present sign a sitting or a ballot; signers says who else does instead.
func (w *World) present(b any, signers string) {
	var text []byte
	var err error
	var names []string
	var into *[]rules.Signature
	switch b := b.(type) {
	case *rules.StatementPost:
		text, err = b.Sitting.Canonical()
		names, into = b.Present, &b.Signatures
	case *rules.BallotTally:
		text, err = b.Ballot.Canonical()
		names, into = b.Present, &b.Signatures
	default:
		return
	}
	if signers == "" {
		signers = strings.Join(names, ",")
	}
	if err == nil {
		err = json.Unmarshal([]byte(w.signatures(rules.RoomContext, text, signers)), into)
	}
	if err != nil {
		w.t.Fatalf("signatures of those present: %v", err)
	}
}
