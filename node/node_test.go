package node

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/disclosure"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/wire"
)

// TestStatementIsOne: the protocol and the governance log do not know each other, but the recipients sign one statement. If the two
// packages ever printed it differently, no certificate would be accepted.
func TestStatementIsOne(t *testing.T) {
	p := run.Statement{
		Run: "r-1", Manifest: wire.Hash{1}, Transcript: wire.Hash{2}, Table: wire.Hash{3}, Set: "standard", StatisticalBits: 41,
	}
	g := rules.Statement{
		Run: p.Run, Manifest: p.Manifest.String(), Transcript: p.Transcript.String(), Table: p.Table.String(), Set: p.Set, StatisticalBits: 41,
	}
	b, err := g.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b, p.Canonical()) {
		t.Fatalf("protocol signs %s\nlog checks   %s", p.Canonical(), b)
	}
	if run.ContextCertificate != rules.CertificateContext {
		t.Fatal("contexts differ")
	}
}

func payerConfig(dir string) Config {
	return Config{
		Name: "payer-1", Role: Payer, Convener: "convener", Address: "127.0.0.1:7000", Transport: "auto", Dir: dir,
		Policy: Policy{Consent: "standing", Measures: []string{"any"}, Profiles: []string{"any"}, Peers: []string{"any"}, Seats: []string{}}, Database: Database{MemoryMB: 512, Threads: 1}, Memory: 2 << 30,
	}
}

func TestConfigRoundTrip(t *testing.T) {
	c := payerConfig(t.TempDir())
	if err := WriteConfig(c); err != nil {
		t.Fatal(err)
	}
	got, err := ReadConfig(c.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, c) {
		t.Fatalf("read %+v, wrote %+v", got, c)
	}
}

func TestConfigRefuses(t *testing.T) {
	good := payerConfig("").text()
	for name, c := range map[string]struct{ old, new, want string }{
		"unknown key":       {"\n[policy]", "\ncolour = 1\n[policy]", fmt.Sprintf(":%d: unknown key database.colour", 2+strings.Count(good[:strings.Index(good, "\n[policy]")], "\n"))},
		"syntax":            {"role =", "role ~", ":7:"},
		"no policy":         {"\nconsent = \"standing\"", "", "a node without a policy does not start"},
		"unknown policy":    {"\nconsent = \"standing\"", "\nconsent = \"always\"", `"always"`},
		"unknown role":      {`role = "payer"`, `role = "boss"`, `"boss"`},
		"too little store":  {"memory_mb = 512", "memory_mb = 1", "at least 64"},
		"unknown warehouse": {"dsn = \"\"", "dsn = \"mysql://r@h/d\"", "database.dsn begins with neither"},
		"no name":           {`name = "payer-1"`, `name = ""`, "name is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if !strings.Contains(good, c.old) {
				t.Fatalf("%q is not in the configuration", c.old)
			}
			text := strings.Replace(good, c.old, c.new, 1)
			if err := os.WriteFile(filepath.Join(dir, configFile), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := ReadConfig(dir)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestKeysAreMadeOnce(t *testing.T) {
	c := payerConfig(filepath.Join(t.TempDir(), "m"))
	if _, err := Init(c); err != nil {
		t.Fatal(err)
	}
	if _, err := Init(c); err == nil || !strings.Contains(err.Error(), "made once") {
		t.Fatalf("second init: %v", err)
	}
}

func draft(t *testing.T) Draft {
	t.Helper()
	s, err := library.Measure("qp-crc")
	if err != nil {
		t.Fatal(err)
	}
	d := Draft{
		Run: "r-1", Profiles: map[string]disclosure.Profile{"quality-rate": disclosure.QualityRate()}, Period: "2024",
		Practices: map[string][]string{"practice": {"A", "B"}}, Payers: []string{"p1", "p2", "p3"}, Recipients: []string{"p1"},
		Deadlines: rules.Deadlines{Prepare: 60}, Purpose: "test", Agreement: "a",
	}
	d.Measures = append(d.Measures, s)
	return d
}

func TestAuthoriseRefusesWhatDoesNotFit(t *testing.T) {
	d := draft(t)
	if _, _, _, err := Authorise(d); err != nil {
		t.Fatal(err)
	}
	big := *d.Measures[0]
	big.Cap.Num, big.Cap.Den = 10_000_000, 10_000_000
	d.Measures[0] = &big
	_, _, _, err := Authorise(d)
	if err == nil || !strings.Contains(err.Error(), "qp-crc of practice A") || !strings.Contains(err.Error(), "bits") {
		t.Fatalf("a measure beyond the circuit's precision: %v", err)
	}
}

// TestAuthoriseStrata: the cells of a stratified measure, by practice and then by stratum, and the vector that goes with them.
func TestAuthoriseStrata(t *testing.T) {
	d := draft(t)
	by, err := engine.Stratified(d.Measures[0], "race")
	if err != nil {
		t.Fatal(err)
	}
	d.Measures[0] = by
	if _, _, _, err := Authorise(d); err == nil || !strings.Contains(err.Error(), "name those to release") {
		t.Errorf("strata as held, and none named: %v", err)
	}
	p, err := ProposeStratified("qp-crc", "race")
	if m, ok := p.Body.(rules.MeasurePropose); err != nil || !ok || m.ID != "qp-crc-by-race" || !bytes.Equal(m.Definition, by.Canonical()) {
		t.Errorf("the proposal is of %s: %v", p.What, err)
	}
	if _, err := ProposeStratified("qp-crc", "shoe-size"); err == nil {
		t.Error("a measure by nothing known")
	}
	d.Strata = map[string][]string{"race": {"white", "black"}}
	b, _, plan, err := Authorise(d)
	if err != nil {
		t.Fatal(err)
	}
	want := []rules.CellRef{{Practice: "A", Stratum: "black"}, {Practice: "A", Stratum: "white"}, {Practice: "B", Stratum: "black"}, {Practice: "B", Stratum: "white"}}
	if !slices.Equal(b.Cells, want) || len(plan.Cells()) != 4 || b.Measures[0].ID != "qp-crc-by-race" {
		t.Errorf("cells %v of %v", b.Cells, b.Measures)
	}
	a := &agreed{}
	for _, c := range b.Cells {
		a.cells = append(a.cells, cellRef{c.Measure, c.Practice, c.Stratum})
	}
	num, den := a.vector([][]measures.Row{{{Practice: "A", Stratum: "white", Num: 1, Den: 2}, {Practice: "A", Stratum: "other", Num: 3, Den: 4}, {Practice: "B", Stratum: "black", Num: 5, Den: 6}}})
	if !slices.Equal(num, []int64{0, 1, 5, 0}) || !slices.Equal(den, []int64{0, 2, 6, 0}) {
		t.Errorf("vector %v %v", num, den)
	}
	for want, name := range map[string][2]string{"x-by-dual": {"x", "dual"}, "y-by-dual@1.0.0": {"y@1.0.0", "dual"}, "z-by-dual": {"z-by-dual", "dual"}, "x": {"x", ""}} {
		if got := stratified(name[0], name[1]); got != want {
			t.Errorf("%v is taken as %s", name, got)
		}
	}
}

// TestDeclined: what a member's own policy and the age of the data refuse, whatever the log says.
func TestDeclined(t *testing.T) {
	d := draft(t)
	a := &agreed{run: "r-1", period: "2024", specs: d.Measures, hashes: []string{"x"}, profiles: []disclosure.Profile{disclosure.PriceLike()}, withhold: Withhold{}.digest()}
	a.year.Year = 2024
	s := &Service{cfg: payerConfig("")}
	s.cfg.Policy.Consent = "never"
	if err := s.declined(nil, a, time.Now()); err == nil || !strings.Contains(err.Error(), `"never"`) {
		t.Errorf("policy never: %v", err)
	}
	s.cfg.Policy.Consent = "standing"
	young := time.Date(2025, 3, 31, 0, 0, 0, 0, time.UTC)
	if err := s.declined(nil, a, young); err == nil || !strings.Contains(err.Error(), "before 2025-04-01") {
		t.Errorf("data too young: %v", err)
	}
}

func TestTableIsCanonical(t *testing.T) {
	v := int64(42)
	table := Table{Run: "r", Period: "2024", Cells: []TableCell{
		{Practice: "A&B<C>", Measure: "m", Version: "1.0.0", Stratum: "all", Status: released, Value: &v, Bound: "", Unit: "percent"},
		{Practice: "D", Measure: "m", Version: "1.0.0", Stratum: "all", Status: suppressed, Unit: "percent"},
	}}
	b, err := table.canonical()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseTable(b); err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]byte{append(bytes.Clone(b), ' '), bytes.Replace(b, []byte(`"run"`), []byte(` "run"`), 1), bytes.Replace(b, []byte(`"period"`), []byte(`"reason":"small","period"`), 1)} {
		if _, err := ParseTable(bad); err == nil {
			t.Errorf("accepted %s", bad)
		}
	}
	if bytes.Contains(b[bytes.Index(b, []byte(`"D"`)):], []byte("value")) {
		t.Error("a suppressed cell has a value")
	}
}
