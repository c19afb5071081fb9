package audit

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

func TestDiff(t *testing.T) {
	w := newWorld(t)
	s := w.approve()
	older := w.bundle(payers...)
	w.authorise("r-1", "2023", s)
	w.certify(table("r-1", "2023", s))
	newer := w.bundle(payers...)
	d, err := Diff(older, newer, Options{})
	if err != nil || !d.Verified {
		t.Fatal(err, d.Findings)
	}
	if d.From != 7 || d.To != 10 || len(d.Entries) != 3 || d.Entries[0].Kind != rules.KindRosterSet || len(d.Runs) != 1 || len(d.Measures) != 0 {
		t.Errorf("difference %+v", d)
	}
	var proof []ledger.Hash
	for _, p := range d.Proof {
		b, err := base64.StdEncoding.DecodeString(p)
		if err != nil {
			t.Fatal(err)
		}
		proof = append(proof, ledger.Hash(b))
	}
	from, _ := textOf(read(t, older, checkpointName))
	to, _ := textOf(read(t, newer, checkpointName))
	if err := ledger.VerifyConsistency(proof, from, to); err != nil {
		t.Error(err)
	}
	if d, err := Diff(newer, newer, Options{}); err != nil || !d.Verified || len(d.Entries) != 0 {
		t.Errorf("with itself: %v, %+v", err, d)
	}
	if d, err := Diff(newer, older, Options{}); err != nil || d.Verified {
		t.Error("the wrong way round: verified")
	} else {
		want(t, d.Findings, CodeOlder)
	}

	fork := newWorld(t) // the same members, another second entry
	fork.do("convener", rules.KindRosterSet, rules.NewRosterSet([]string{"elsewhere"}))
	fork.approve()
	d, err = Diff(older, fork.bundle(payers...), Options{})
	if err != nil || d.Verified {
		t.Fatal("a fork is verified", err)
	}
	want(t, d.Findings, CodeFork)
	if d.Findings[0].Where != "entry 1" {
		t.Errorf("the fork is found at %s", d.Findings[0].Where)
	}
	bad, err := Diff(older, with(newer, map[string][]byte{policyName: nil}), Options{})
	if err != nil || bad.Verified || !strings.HasPrefix(bad.Findings[0].Where, "new bundle") {
		t.Errorf("a bad bundle: %v, %+v", err, bad.Findings)
	}
}

func TestCheckRelease(t *testing.T) {
	w := newWorld(t)
	s := w.approve()
	for _, r := range []string{"1", "2"} {
		w.authorise("r-"+r, "202"+r, s)
		w.certify(table("r-"+r, "202"+r, s))
	}
	b := w.bundle(payers...)
	p, err := ParsePolicy(read(t, b, policyName))
	if err != nil {
		t.Fatal(err)
	}
	tb, cert := w.tables["r-1"], w.kept["r-1"]
	edited := []byte(strings.Replace(string(tb), `"value":42`, `"value":43`, 1))
	var c Certificate
	if err := json.Unmarshal(cert, &c); err != nil {
		t.Fatal(err)
	}
	c.Signatures["convener"], c.Signatures["payer-a"] = c.Signatures["payer-a"], c.Signatures["convener"]
	swapped, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		table, cert []byte
		code        Code // empty: verified
	}{
		"good":                         {tb, cert, ""},
		"good, with a newline":         {tb, append(append([]byte{}, cert...), '\n'), ""},
		"edited cell":                  {edited, cert, CodeTableHash},
		"table of the other run":       {w.tables["r-2"], cert, CodeTableHash},
		"certificate of the other run": {tb, w.kept["r-2"], CodeTableHash},
		"signatures swapped":           {tb, swapped, CodeCertificateSignature},
		"no certificate":               {tb, []byte("{}"), CodeCertificate},
		"statement edited":             {tb, []byte(strings.Replace(string(cert), `\"statistical_bits\":17`, `\"statistical_bits\":80`, 1)), CodeCertificate},
	} {
		r, err := CheckRelease(c.table, c.cert, b, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for how, r := range map[string]*Release{"bundle": r, "policy": CheckReleaseOffline(c.table, c.cert, p)} {
			if r.Verified != (c.code == "") {
				t.Errorf("%s, %s: verified %v, %v", name, how, r.Verified, r.Findings)
			}
			if c.code != "" {
				want(t, r.Findings, c.code)
			} else if r.Statement.Run != "r-1" || r.Cells != 3 || !r.Insecure || (how == "policy") != (len(r.Unchecked) > 0) {
				t.Errorf("%s, %s: %+v", name, how, r)
			}
		}
	}
	strange, err := ParsePolicy([]byte("log " + noteKeyOf(t, "convener-2", w.genesis.Ledger) + "\nquorum none\n"))
	if err != nil {
		t.Fatal(err)
	}
	want(t, CheckReleaseOffline(tb, cert, strange).Findings, CodeSignature)
}
