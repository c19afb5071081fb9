package warehouse

import (
	"slices"
	"strings"
	"testing"
)

func TestAddresses(t *testing.T) {
	for dsn, want := range map[string]string{
		"postgres://r@h/d": "", "postgresql://r@h:1/d?search_path=claims&sslmode=verify-full": "", "https://r@h:8443/lake/claims": "", "http://r@127.0.0.1:8080/memory/tacet": "", "https://r@h/lake": "",
		"mysql://r@h/d": "begins with", "": "begins with", "postgres://r:secret@h/d?search_path=a,b": "search_path", "postgres://r:secret@h:x/d": "is not read", "postgres://r@h/d?search_path=pg_catalog": "search_path",
		"https://h/lake/claims": "is not read", "https://r@h/": "has no /catalog", "https://r@h/a/b/c": "has no /catalog", "http://r@example.org/a/b": "use https", "https://r:secret@h/A/b": "has no /catalog",
	} {
		err := Check(dsn)
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret")) {
			t.Errorf("%s: %v", dsn, err)
		}
	}
}

func TestTablesRead(t *testing.T) {
	const in = `{"table":{"catalog":"memory","schemaTable":{"schema":"tacet","table":"eligibility"}},"columnConstraints":[],"estimate":{}}`
	got, err := tablesRead(`{"inputTableColumnInfos":[` + in + `],"estimate":{}}`)
	if err != nil || !slices.Equal(got, []string{"memory.tacet.eligibility"}) {
		t.Error(got, err)
	}
	if _, err := tablesRead(`{"inputTableColumnInfos":[],"outputTable":{"catalog":"memory","schemaTable":{"schema":"a","table":"b"}}}`); err == nil {
		t.Error("a statement that writes is taken")
	}
	if _, err := tablesRead("Trino version: 435"); err == nil {
		t.Error("no plan is taken for one")
	}
}
