package node

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"

	"github.com/tacet-health/tacet/crypto/identity"
	"golang.org/x/mod/sumdb/note"
)

// TestTableAndCertificateAreOne: the auditor reads tables and certificates with types of its own. If the two packages ever printed them differently, no release would verify.
func TestTableAndCertificateAreOne(t *testing.T) {
	v := int64(-5)
	ours := Table{Run: "r", Period: "2024", Cells: []TableCell{{Practice: "A&B<C>", Measure: "m", Version: "1", Stratum: "all", Status: released, Value: &v, Bound: "le", Unit: "percent"},
		{Practice: "D", Measure: "m", Version: "1", Stratum: "all", Status: suppressed, Unit: "percent"}}}
	b, err := ours.canonical()
	if err != nil {
		t.Fatal(err)
	}
	same(t, b, new(audit.Table), json.Marshal)
	c := Certificate{Statement: `{"a":"<&>"}`, Signatures: map[string][]byte{"b": {1}, "a": {2}}, Insecure: true, Entry: []byte("{}"), Index: 7, Proof: []string{"x"}, Checkpoint: "a\nb\n"}
	if b, err = json.MarshalIndent(c, "", "  "); err != nil {
		t.Fatal(err)
	}
	same(t, b, new(audit.Certificate), func(v any) ([]byte, error) { return json.MarshalIndent(v, "", "  ") })
	if n, m := reflect.TypeFor[Certificate]().NumField(), reflect.TypeFor[audit.Certificate]().NumField(); n != m {
		t.Errorf("certificates have %d and %d fields", n, m)
	}
	if n, m := reflect.TypeFor[TableCell]().NumField(), reflect.TypeFor[audit.Cell]().NumField(); n != m {
		t.Errorf("cells have %d and %d fields", n, m)
	}
}

func same(t *testing.T, b []byte, into any, print func(any) ([]byte, error)) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatal(err)
	}
	if again, err := print(into); err != nil || !bytes.Equal(again, b) {
		t.Errorf("node prints %s\naudit prints %s (%v)", b, again, err)
	}
}

// TestEvidenceThatDoesNotVerify: a log that no majority has cosigned is not handed out.
func TestEvidenceThatDoesNotVerify(t *testing.T) {
	g := rules.Genesis{Format: 1, Ledger: "test.example/log"}
	keys := map[string]*identity.Keys{}
	for _, n := range []string{"convener", "payer-1"} {
		k, err := identity.Generate(n)
		if err != nil {
			t.Fatal(err)
		}
		keys[n] = k
	}
	g.Convener, g.Members = keys["convener"].Public(), []identity.Public{keys["payer-1"].Public()}
	raw, err := g.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(filepath.Join(t.TempDir(), "log"), raw)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := l.Checkpoint(g.Ledger)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1_700_000_000, 0)
	log := keys["convener"].LogSigners(g.Ledger, at)
	for name, signers := range map[string][]note.Signer{
		"cosignatures": log,
		"":             append(slices.Clone(log), keys["payer-1"].Cosigners(ledger.KeyName(g.Ledger, "payer-1"), at)...),
	} {
		dir := t.TempDir()
		msg, err := note.Sign(&note.Note{Text: string(c.Text())}, signers...)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Export(filepath.Join(dir, "log"), msg, 1); err != nil {
			t.Fatal(err)
		}
		b, err := audit.Build(os.DirFS(filepath.Join(dir, "log")), nil)
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(filepath.Join(dir, "evidence.zip"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := writeEvidence(f, b, false); (name == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), name) {
			t.Errorf("signed by %d: %v", len(signers), err)
		}
	}
}
