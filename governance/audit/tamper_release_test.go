package audit

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// TestTamperedReleases: tables and certificates that are not the ones of the run, and what is wrong with each.
func TestTamperedReleases(t *testing.T) {
	w := newWorld(t)
	s := w.approve()
	for _, r := range []string{"1", "2"} {
		w.authorise("r-"+r, "202"+r, s)
		w.certify(table("r-"+r, "202"+r, s))
	}
	b := w.bundle(payers...)
	file := func(run, name string) string { return releaseName("r-"+run, name) }
	cell := func(edit func(*Table)) []byte {
		tb := table("r-1", "2021", s)
		edit(&tb)
		raw, err := json.Marshal(tb)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	num := func(v int64) *int64 { return &v }
	cert := func(edit func(*Certificate)) []byte {
		var c Certificate
		if err := json.Unmarshal(read(t, b, file("1", certificateName)), &c); err != nil {
			t.Fatal(err)
		}
		edit(&c)
		raw, err := json.MarshalIndent(c, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	for name, c := range map[string]struct {
		file string
		data []byte
		code Code
		text string
	}{
		"changed cell":       {tableName, cell(func(t *Table) { t.Cells[0].Value = num(43) }), CodeTableHash, "signed"},
		"shown after all":    {tableName, cell(func(t *Table) { t.Cells[2].Status, t.Cells[2].Value = released, num(9) }), CodeTableHash, ""},
		"beyond the range":   {tableName, cell(func(t *Table) { t.Cells[0].Value = num(99) }), CodeTableCell, "outside 5…95"},
		"no bound":           {tableName, cell(func(t *Table) { t.Cells[1].Bound = "" }), CodeTableCell, `of this value it is "ge"`},
		"suppressed value":   {tableName, cell(func(t *Table) { t.Cells[2].Value = num(9) }), CodeTableCell, "suppressed"},
		"other practice":     {tableName, cell(func(t *Table) { t.Cells[0].Practice = "p-9" }), CodeTableCell, "another practice"},
		"other unit":         {tableName, cell(func(t *Table) { t.Cells[0].Unit = "dollars" }), CodeTableCell, "unit"},
		"cell more":          {tableName, cell(func(t *Table) { t.Cells = append(t.Cells, t.Cells[0]) }), CodeTableCell, "4 cells, the manifest 3"},
		"table of other run": {tableName, read(t, b, file("2", tableName)), CodeTable, "authorised is run r-1"},
		"spaced":             {tableName, append([]byte(" "), w.tables["r-1"]...), CodeTable, "one form"},
		"spaced certificate": {certificateName, append([]byte(" "), w.kept["r-1"]...), CodeCertificate, "one form"},
		"other certificate":  {certificateName, read(t, b, file("2", certificateName)), CodeCertificateRun, `of run "r-2"`},
		"other statement":    {certificateName, cert(func(c *Certificate) { c.Statement = strings.Replace(c.Statement, "cdcd", "cece", 1) }), CodeCertificate, "states something else"},
		"more bits": {certificateName, cert(func(c *Certificate) {
			c.Statement = strings.Replace(c.Statement, `"statistical_bits":17`, `"statistical_bits":99`, 1)
		}), CodeCertificate, ""},
		"signature of other":  {certificateName, cert(func(c *Certificate) { c.Signatures["convener"] = c.Signatures["payer-a"] }), CodeCertificateSignature, "of convener"},
		"signature less":      {certificateName, cert(func(c *Certificate) { delete(c.Signatures, "payer-a") }), CodeCertificateSignature, "1 signatures"},
		"not called insecure": {certificateName, cert(func(c *Certificate) { c.Insecure = false }), CodeCertificate, "insecure"},
		"other entry":         {certificateName, cert(func(c *Certificate) { c.Index-- }), CodeCertificateProof, ""},
		"proof shortened":     {certificateName, cert(func(c *Certificate) { c.Proof = c.Proof[1:] }), CodeCertificateProof, ""},
		"proof of other run":  {proofName, read(t, b, file("2", proofName)), CodeCertificateProof, ""},
	} {
		r := check(t, with(b, map[string][]byte{file("1", c.file): c.data}), Options{})
		if r.Verified {
			t.Errorf("%s: verified", name)
			continue
		}
		want(t, r.Findings, c.code)
		if !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Code == c.code && strings.Contains(f.Text, c.text) }) {
			t.Errorf("%s: findings %v, want %q", name, r.Findings, c.text)
		}
	}
}
