package main

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/testnet"
	"github.com/tacet-health/tacet/testnet/synthetic"
)

// auditor runs the program and returns exit code and output.
func auditor(t *testing.T, args ...string) (int, string) {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(args, &out, &errs)
	return code, out.String() + errs.String()
}

// TestNetworkEvidence: a network of members leaves evidence that the auditor accepts, and no other.
func TestNetworkEvidence(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole network; the auditor alone is under test in governance/audit")
	}
	dir := filepath.Join(t.TempDir(), "out")
	var log bytes.Buffer
	err := testnet.Run(t.Context(), testnet.Options{
		Payers: 3, Synthetic: synthetic.Options{People: 3000, Practices: 12}, Practices: 12, Measures: []string{"qp-crc", "qa-pcp"},
		Out: dir, Once: true, Toy: true, Stdout: &log,
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	bundle, csv, certificate := filepath.Join(dir, "evidence.zip"), filepath.Join(dir, "release.csv"), filepath.Join(dir, "certificate.json")
	raw, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	b, err := audit.Open(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	files, err := b.Files()
	if err != nil {
		t.Fatal(err)
	}
	policy := filepath.Join(t.TempDir(), "policy")
	if err := os.WriteFile(policy, files["policy"], 0o600); err != nil {
		t.Fatal(err)
	}
	t.Run("accepted", func(t *testing.T) { accepted(t, bundle, csv, certificate, policy) })
	t.Run("tampered", func(t *testing.T) { tampered(t, files, dir) })
	t.Run("release", func(t *testing.T) { editedRelease(t, csv, certificate, bundle, policy) })
}

func accepted(t *testing.T, bundle, csv, certificate, policy string) {
	_, out := auditor(t, "verify", "--json", bundle)
	var r audit.Result
	if err := json.Unmarshal([]byte(out), &r); err != nil || !r.Verified || len(r.Genesis) != 64 {
		t.Fatalf("%v\n%s", err, out)
	}
	table := filepath.Join(filepath.Dir(bundle), "convener", "runs", r.Runs[0].Run, "table.json")
	for _, c := range []struct {
		want string
		args []string
	}{
		{"14 cells released, 10 suppressed", []string{"verify", bundle}},
		{"contributed payer-1, payer-2, payer-3", []string{"release", table, certificate}},
		{"verified", []string{"verify", "--genesis", r.Genesis, "--policy", policy, bundle}},
		{r.Runs[0].Statement.Table, []string{"release", table, certificate}},
		{"benchmarks", []string{"release", csv, certificate, "--bundle", bundle}},
		{"not checked: the recipients' signatures", []string{"release", csv, certificate, "--policy", policy}},
		{"payer-2 at entry", []string{"show", bundle}},
		{"<h2>Differencing ledger</h2>", []string{"show", "--html", bundle}},
		{`"leaf_hash"`, []string{"show", "--json", bundle}},
		{"0 added", []string{"diff", bundle, bundle}},
	} {
		if code, out := auditor(t, c.args...); code != 0 || !strings.Contains(out, c.want) {
			t.Errorf("%v: exit %d, want %q in\n%s", c.args, code, c.want, out)
		}
	}
}

// tampered edits the bundle in every file and packs it again, so that the zip is in order and the evidence alone decides.
func tampered(t *testing.T, files map[string][]byte, dir string) {
	path := filepath.Join(t.TempDir(), "tampered.zip")
	try := func(what string, edited map[string][]byte, want string) {
		t.Helper()
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := audit.NewBundle(edited).Write(f); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if code, out := auditor(t, "verify", path); code != 3 || !strings.Contains(out, "NOT VERIFIED") || !strings.Contains(out, want) {
			t.Errorf("%s: exit %d, want 3 and %q in\n%s", what, code, want, out)
		}
	}
	with := func(name string, data []byte) map[string][]byte {
		out := map[string][]byte{}
		for n, d := range files {
			if out[n] = d; n == name {
				if out[n] = data; data == nil {
					delete(out, n)
				}
			}
		}
		return out
	}
	rnd := rand.New(rand.NewPCG(5, 3))
	entries, table, other := "", "", ""
	for name, data := range files {
		switch {
		case strings.HasPrefix(name, "tile/entries/"):
			entries = name
		case strings.HasSuffix(name, "/table.json"):
			table = name
		case strings.HasSuffix(name, "/certificate.json"):
			other = name
		}
		try("without "+name, with(name, nil), name)
		for range 4 {
			flipped := bytes.Clone(data)
			i := rnd.IntN(len(flipped))
			flipped[i] ^= 1 << rnd.IntN(8)
			try("flip in "+name, with(name, flipped), "")
		}
	}
	c := newCheckpoints(t, dir, files["checkpoint"])
	try("forked: everybody has signed another root", with("checkpoint", c.signed(0, true)), "root")
	try("stale: everybody signed it, one entry ago", with("checkpoint", c.signed(1, false)), "missing")
	try("half signed", with("checkpoint", c.half()), "1 of its 2 keys")
	try("signed by the convener alone", with("checkpoint", c.signed(0, false, "convener")), "cosigned")
	leaves := split(files[entries])
	swapped := slices.Clone(leaves)
	swapped[4], swapped[5] = swapped[5], swapped[4]
	replaced := slices.Clone(leaves)
	replaced[5] = replaced[4]
	try("entry dropped", with(entries, bytes.Join(slices.Delete(slices.Clone(leaves), 5, 6), nil)), entries)
	try("entries reordered", with(entries, bytes.Join(swapped, nil)), "root")
	try("entry replaced", with(entries, bytes.Join(replaced, nil)), "rule")
	try("cell changed", with(table, bytes.Replace(files[table], []byte(`"value":8`), []byte(`"value":7`), 1)), "table_hash")
	try("another run's certificate", with(other, bytes.Replace(files[other], []byte(`{\"run\":\"testnet-2024\"`), []byte(`{\"run\":\"testnet-2023\"`), 1)), "certificate_run")
}

// split cuts an entry bundle into its entries, each with its length before it.
func split(data []byte) (leaves [][]byte) {
	for len(data) > 2 {
		n := 2 + int(data[0])<<8 + int(data[1])
		leaves, data = append(leaves, data[:n]), data[n:]
	}
	return leaves
}

// editedRelease changes one cell of the file that people get.
func editedRelease(t *testing.T, csv, certificate, bundle, policy string) {
	raw, err := os.ReadFile(csv)
	if err != nil {
		t.Fatal(err)
	}
	edited := filepath.Join(t.TempDir(), "release.csv")
	if err := os.WriteFile(edited, bytes.Replace(raw, []byte(",suppressed,,"), []byte(",released,50,"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--bundle", bundle}, {"--policy", policy}, nil} {
		if code, out := auditor(t, append([]string{"release", edited, certificate}, args...)...); code != 3 || !strings.Contains(out, "table_hash") {
			t.Errorf("%v: exit %d\n%s", args, code, out)
		}
	}
}

// TestUsage: mistakes and files that cannot be read have exit codes of their own.
func TestUsage(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("quorum none, but this is no policy"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{0, "tacet-audit", []string{"version"}},
		{0, "Usage", []string{"--help"}},
		{2, "unknown command", []string{"unknown"}},
		{2, "tacet-audit verify --help", []string{"verify"}},
		{2, "unknown flag", []string{"verify", "--nothing", text}},
		{2, "64 lower-case", []string{"verify", "--genesis", "AB", text}},
		{2, "give --bundle", []string{"release", text, text}},
		{2, "give one", []string{"show", "--html", "--json", text}},
		{3, "not an evidence bundle", []string{"verify", text}},
		{3, `"code": "container"`, []string{"verify", "--json", text}},
		{3, "not an evidence bundle", []string{"diff", text, text}},
		{3, "not an evidence bundle", []string{"release", text, text, "--bundle", text}},
		{4, "no such file", []string{"verify", filepath.Join(dir, "absent")}},
		{4, "is not a file", []string{"verify", dir}},
		{4, "not a line of a policy", []string{"verify", "--policy", text, text}},
	} {
		if code, out := auditor(t, c.args...); code != c.code || !strings.Contains(out, c.want) {
			t.Errorf("%v: exit %d, want %d and %q in\n%s", c.args, code, c.code, c.want, out)
		}
	}
	// A page that cannot be written is a failure, not a verdict.
	if code := run([]string{"version"}, failing{}, io.Discard); code != 1 {
		t.Errorf("a full disk: exit %d", code)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
