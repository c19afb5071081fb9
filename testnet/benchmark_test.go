package testnet

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/testnet/synthetic"
)

// TestBenchmarkOnly: two measures release percentiles over their practices and a third one its practices, in one run; all of it equals the
// oracle, and the auditor accepts it from the file that people get.
func TestBenchmarkOnly(t *testing.T) {
	t.Parallel()
	o, out := small(t)
	o.Synthetic, o.Practices = synthetic.Options{People: 6000, Practices: 16}, 16
	o.Measures, o.BenchmarkOnly = []string{"qp-crc", "qa-pcp", "qc-a1c9"}, []string{"qp-crc", "qc-a1c9"}
	if err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"48 cells (32 of them in 2 benchmarks only)", "all 18 cells equal", "2 of them benchmarks", "(benchmark only)"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output lacks %q", want)
		}
	}
	csv, err := os.ReadFile(filepath.Join(o.Out, "release.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(csv)) {
		if strings.Contains(line, ",qp-crc,") || strings.Contains(line, ",qc-a1c9,") {
			rows++
			if !strings.HasPrefix(line, ",") {
				t.Errorf("a practice of a benchmark-only measure: %s", line)
			}
		}
		if strings.HasPrefix(line, ",qp-crc,") && !strings.Contains(line, ",released,,,percent,") {
			t.Errorf("no benchmark: %s; let more practices pass", line)
		}
	}
	if rows != 2 {
		t.Errorf("%d rows of benchmark-only measures", rows)
	}
	noFigureOutside(t, o)
	accepted(t, o, csv)
}

// accepted holds release.csv against its certificate and the evidence, and a copy with another percentile.
func accepted(t *testing.T, o Options, csv []byte) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(o.Out, "evidence.zip"))
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := audit.Open(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := os.ReadFile(filepath.Join(o.Out, "certificate.json"))
	if err != nil {
		t.Fatal(err)
	}
	certificate = bytes.TrimSuffix(certificate, []byte("\n"))
	table, err := audit.TableFromCSV(csv, certificate)
	if err != nil {
		t.Fatal(err)
	}
	r, err := audit.CheckRelease(table, certificate, bundle, audit.Options{})
	if err != nil || !r.Verified || r.Cells != 16 || r.Benchmarks != 2 {
		t.Fatalf("%v: %+v", err, r)
	}
	i := bytes.Index(table, []byte(`"p50":`)) + len(`"p50":`)
	table[i] ^= 1
	if r, err := audit.CheckRelease(table, certificate, bundle, audit.Options{}); err != nil || r.Verified {
		t.Errorf("another median was accepted: %v", err)
	}
}

// TestBenchmarkOnlyRefusals: before any data is read or any key is made.
func TestBenchmarkOnlyRefusals(t *testing.T) {
	for want, change := range map[string]func(o *Options){
		"is not among the measures": func(o *Options) { o.BenchmarkOnly = []string{"qc-a1c9"} },
		"named twice":               func(o *Options) { o.BenchmarkOnly = []string{"qp-crc", "qp-crc"} },
	} {
		o, _ := small(t)
		change(&o)
		var u *UsageError
		if err := Run(t.Context(), o); !errors.As(err, &u) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	o, _ := small(t)
	o.BenchmarkOnly, o.Practices = []string{"qp-crc"}, 9
	if err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "has 9 cells: it could never be released") {
		t.Errorf("nine practices: %v", err)
	}
}
