package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/tacet-health/tacet/"

// directions is the architecture's import table: a package under the key may import, of our own
// packages, only those under the listed prefixes (and those under its own key). The longest key wins.
// Every boundary between people who distrust each other runs along one of these lines; a package that
// is in no line fails the test, so the table cannot fall behind the tree.
var directions = map[string][]string{
	"crypto/identity":  {},
	"crypto/mhe":       {},
	"crypto/secagg":    {},
	"crypto/silence":   {"crypto/secagg"},
	"crypto/predicate": {"crypto/mhe"},
	"measures":         {},
	"protocol":         {"crypto", "measures"},
	"governance":       {"measures", "crypto/identity"},
	"node":             {"protocol", "governance", "measures", "crypto"},
	"testnet":          {"node", "protocol", "governance", "measures", "crypto"},
	"cmd/tacet":        {"node", "testnet"},
	"cmd/tacet-audit":  {"governance/audit", "governance/rules"},
}

// soleImporters: a foreign module (path prefix) may be imported by these packages alone, so that it can be
// replaced, guarded and audited in one place.
var soleImporters = map[string][]string{
	"github.com/tuneinsight/lattigo":          {"crypto/mhe"},
	"github.com/cloudflare/circl/sign/mldsa":  {"crypto/identity"},
	"github.com/cloudflare/circl/vdaf":        {"crypto/secagg/bounded"}, // range proofs: replaceable, and its shares are decoded in one place
	"github.com/hashicorp/raft":               {"governance/replica"},
	"go.etcd.io/bbolt":                        {"governance/replica"},
	"github.com/quic-go/quic-go":              {"protocol/link", "testnet/sim"},
	"github.com/libp2p/go-yamux":              {"protocol/link"},
	"github.com/klauspost/reedsolomon":        {"protocol/link"},
	"github.com/duckdb/duckdb-go":             {"node/store"},
	"github.com/spf13/cobra":                  {"cmd/tacet", "cmd/tacet-audit"},
	"golang.org/x/mod/sumdb/tlog":             {"governance/ledger"},
	"golang.org/x/mod/sumdb/note":             {"governance/ledger", "crypto/identity"},
	"github.com/BurntSushi/toml":              {"node"},
	"github.com/prometheus/client_golang":     {"node/obs"},
	"filippo.io/age":                          {"node/vault"},
	"go.yaml.in/yaml":                         {"measures"},
	"github.com/hashicorp/go-hclog":           {"governance/replica"},
	"github.com/transparency-dev":             {},
	"github.com/jackc/pgx":                    {"node/store/warehouse", "node/store/warehouse/throwaway"}, // the second: a server for tests
	"github.com/trinodb/trino-go-client":      {"node/store/warehouse"},
	"github.com/xuri/excelize":                {},
	"github.com/anishathalye/porcupine":       {},
	"github.com/chromedp":                     {}, // tests only
	"github.com/tuneinsight/lattigo/v5/utils": {"crypto/mhe"},
}

func imports(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		all[strings.TrimPrefix(f[0], module)] = f[1:]
	}
	if len(all) < 10 {
		t.Fatalf("go list found only %d packages", len(all))
	}
	return all
}

func under(pkg, prefix string) bool { return pkg == prefix || strings.HasPrefix(pkg, prefix+"/") }

// rule returns the longest key of directions that covers pkg.
func rule(pkg string) (key string, ok bool) {
	for k := range directions {
		if under(pkg, k) && len(k) > len(key) {
			key, ok = k, true
		}
	}
	return key, ok
}

func TestImportDirections(t *testing.T) {
	for pkg, deps := range imports(t) {
		key, ok := rule(pkg)
		if !ok {
			t.Errorf("%s is in no line of the import table", pkg)
			continue
		}
		for _, d := range deps {
			d, own := strings.CutPrefix(d, module)
			if !own || under(d, key) {
				continue
			}
			if !slices.ContainsFunc(directions[key], func(p string) bool { return under(d, p) }) {
				t.Errorf("%s must not import %s (allowed: itself and %v)", pkg, d, directions[key])
			}
		}
	}
}

func TestSoleImporters(t *testing.T) {
	for pkg, deps := range imports(t) {
		for _, d := range deps {
			for foreign, owners := range soleImporters {
				if strings.HasPrefix(d, foreign) && !slices.Contains(owners, pkg) {
					t.Errorf("%s imports %s, which only %v may", pkg, d, owners)
				}
			}
		}
	}
}

// TestReach: what a package must not reach even indirectly. The governance log must stay checkable
// without the machinery of a run.
func TestReach(t *testing.T) {
	forbidden := map[string][]string{
		"governance/rules":     {"github.com/tuneinsight/lattigo", "github.com/hashicorp/raft", "github.com/quic-go", "database/sql", "net/http"},
		"governance/ledger":    {"github.com/tuneinsight/lattigo", "github.com/hashicorp/raft", "github.com/quic-go", "database/sql", "net/http"},
		"governance/audit":     {"github.com/tuneinsight/lattigo", "github.com/hashicorp/raft", "go.etcd.io/bbolt", "github.com/quic-go", "database/sql", "net/http", module + "protocol", module + "node"},
		"cmd/tacet-audit":      {"github.com/tuneinsight/lattigo", "github.com/hashicorp/raft", "go.etcd.io/bbolt", "github.com/quic-go", "database/sql", "net/http", module + "protocol", module + "node"},
		"measures/disclosure":  {"github.com/tuneinsight/lattigo", "database/sql", "net"},
		"measures/scoring":     {"github.com/tuneinsight/lattigo", "database/sql", "net"},
		"protocol/run":         {"github.com/quic-go", "database/sql", "github.com/hashicorp/raft", module + "governance"},
		"governance/replica":   {"github.com/tuneinsight/lattigo", "github.com/quic-go", "database/sql"},
		"protocol/coordinator": {"database/sql", "github.com/hashicorp/raft", module + "governance"},
		"crypto/predicate":     {"github.com/quic-go", "database/sql", "github.com/hashicorp/raft"},
		"testnet/oracle":       {module + "crypto/predicate", module + "measures/engine", "github.com/tuneinsight/lattigo"},
	}
	for pkg, bad := range forbidden {
		out, err := exec.Command("go", "list", "-deps", module+pkg).Output()
		if err != nil {
			t.Errorf("go list -deps %s: %v", pkg, err)
			continue
		}
		for dep := range strings.Lines(string(out)) {
			dep = strings.TrimSpace(dep)
			for _, b := range bad {
				if dep == b || strings.HasPrefix(dep, b+"/") {
					t.Errorf("%s reaches %s", pkg, dep)
				}
			}
		}
	}
}
