package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/disclosure"
	"github.com/tacet-health/tacet/measures/library"
	"golang.org/x/mod/sumdb/note"
)

// world is a ledger whose members the test plays all. It writes nothing that the rules refuse, unless told to.
type world struct {
	t       testing.TB
	keys    map[string]*identity.Keys
	genesis rules.Genesis
	state   *rules.State
	log     *ledger.Ledger
	tables  map[string][]byte       // by run
	kept    map[string][]byte       // certificates by run
	lines   []rules.ReliabilityLine // of runs authorised from now on
}

var payers = []string{"payer-a", "payer-b", "payer-c"}

// cast are the members' keys, the same for all worlds of a test process: a stranger with other keys is made by hand.
var cast = map[string]*identity.Keys{}

func key(t testing.TB, name string) *identity.Keys {
	if cast[name] == nil {
		k, err := identity.Generate(name)
		if err != nil {
			t.Fatal(err)
		}
		cast[name] = k
	}
	return cast[name]
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, tables: map[string][]byte{}, kept: map[string][]byte{}}
	w.genesis = rules.Genesis{Format: 1, Ledger: "audit.example/log", Convener: key(t, "convener").Public(), Insecure: true}
	for _, p := range payers {
		w.genesis.Members = append(w.genesis.Members, key(t, p).Public())
	}
	raw, err := w.genesis.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	if w.state, err = rules.New(w.genesis); err != nil {
		t.Fatal(err)
	}
	if w.log, err = ledger.Open(filepath.Join(t.TempDir(), "log"), raw); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.log.Close() })
	return w
}

// sign makes the author's next entry.
func (w *world) sign(author, kind string, body any) []byte {
	raw, err := entry.Canonical(body)
	if err != nil {
		w.t.Fatal(err)
	}
	seq, prev := w.state.Next(author)
	signed, err := entry.Sign(key(w.t, author), entry.Entry{Origin: w.genesis.Ledger, Author: author, Seq: seq, Prev: prev, Kind: kind, Version: 1, Body: raw})
	if err != nil {
		w.t.Fatal(err)
	}
	return signed
}

func (w *world) append(data []byte) {
	n := w.log.Size()
	if err := w.log.Append([]ledger.Record{{Position: n, Data: data}}); err != nil {
		w.t.Fatal(err)
	}
}

// do writes an entry that the rules accept.
func (w *world) do(author, kind string, body any) uint64 {
	w.t.Helper()
	signed := w.sign(author, kind, body)
	v := w.state.Apply(signed)
	if v.Refusal != nil {
		w.t.Fatalf("%s of %s: %v", kind, author, v.Refusal)
	}
	w.append(signed)
	return v.Index
}

// approve puts profile, roster and a measure in force.
func (w *world) approve() *measures.Spec {
	w.do("convener", rules.KindProfileSet, rules.NewProfileSet(disclosure.QualityRate()))
	s, err := library.Measure("qp-crc")
	if err != nil {
		w.t.Fatal(err)
	}
	p := rules.NewMeasurePropose(s)
	w.do("payer-a", rules.KindMeasurePropose, p)
	w.do("payer-a", rules.KindMeasureVote, rules.MeasureVote{Hash: p.Hash, Choice: rules.Yes})
	w.do("payer-b", rules.KindMeasureVote, rules.MeasureVote{Hash: p.Hash, Choice: rules.No})
	w.do("payer-c", rules.KindMeasureVote, rules.MeasureVote{Hash: p.Hash, Choice: rules.Yes})
	w.do("convener", rules.KindMeasureApprove, rules.MeasureApprove{Hash: p.Hash})
	return s
}

func (w *world) authorise(run, period string, s *measures.Spec) {
	roster := rules.NewRosterSet([]string{"p-1", "p-2", "p<3>"})
	if _, ok := w.state.Roster(roster.Hash); !ok {
		w.do("convener", rules.KindRosterSet, roster)
	}
	hash := s.Hash()
	b := rules.RunAuthorise{
		Run: run, Period: period, Roster: roster.Hash, Contributors: payers, Recipients: []string{"convener", "payer-a"}, Deadlines: rules.Deadlines{Prepare: 60, Keys: 60, Input: 60, Refresh: 60, Release: 60, Certify: 60},
		Measures: []rules.MeasureRef{{ID: s.ID, Version: s.Version, Hash: hex.EncodeToString(hash[:]), Profile: s.Release.Profile}},
		Caps:     []rules.Ratio{{Num: s.Cap.Num, Den: s.Cap.Den}}, Parameters: rules.Parameters{Set: "toy", Plan: strings.Repeat("ab", 32)},
		Purpose: "test", Agreement: "agreement 1", Reliability: w.lines,
	}
	for _, p := range roster.Practices {
		b.Cells = append(b.Cells, rules.CellRef{Practice: p, Stratum: "all"})
	}
	w.do("convener", rules.KindRunAuthorise, b)
}

// table is a table that the rules can give: a value, the top of the range, a suppressed cell.
func table(run, period string, s *measures.Spec) Table {
	v, top := int64(42), int64(95)
	cell := func(p string, v *int64, bound string) Cell {
		c := Cell{Practice: p, Measure: s.ID, Version: s.Version, Stratum: "all", Status: released, Value: v, Bound: bound, Unit: s.Release.Unit}
		if v == nil {
			c.Status = suppressed
		}
		return c
	}
	return Table{Run: run, Period: period, Cells: []Cell{cell("p-1", &v, ""), cell("p-2", &top, "ge"), cell("p<3>", nil, "")}}
}

// certify ends the open run with a table that all recipients sign, and keeps the certificate as a member would.
func (w *world) certify(t Table) {
	raw, err := json.Marshal(t)
	if err != nil {
		w.t.Fatal(err)
	}
	run, _ := w.state.Run(t.Run)
	sum := sha256.Sum256(raw)
	st := rules.Statement{Run: t.Run, Manifest: run.Manifest, Transcript: strings.Repeat("cd", 32), Table: hex.EncodeToString(sum[:]), Set: "toy", StatisticalBits: 17}
	text, err := st.Canonical()
	if err != nil {
		w.t.Fatal(err)
	}
	body := rules.RunCertify{Statement: st}
	for _, r := range run.Body.Recipients {
		body.Signatures = append(body.Signatures, rules.Signature{Member: r, Signature: key(w.t, r).Sign(rules.CertificateContext, text)})
	}
	w.do("convener", rules.KindRunCertify, body)
	w.tables[t.Run] = raw
	var f findings
	b := newBundle()
	if err := b.addLog(os.DirFS(w.export(payers...))); err != nil {
		w.t.Fatal(err)
	}
	h, err := replay(b, &f)
	if err != nil || len(f.list) > 0 {
		w.t.Fatal(err, f.list)
	}
	run, _ = w.state.Run(t.Run)
	if w.kept[t.Run], err = h.certify(run, marks(t.Cells)); err != nil {
		w.t.Fatal(err)
	}
}

// checkpoint is the present state, signed by the convener and those named.
func (w *world) checkpoint(by ...string) []byte {
	c, err := w.log.Checkpoint(w.genesis.Ledger)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.signed(c, by...)
}

func (w *world) signed(c ledger.Checkpoint, by ...string) []byte {
	at := time.Unix(1_700_000_000, 0)
	signers := key(w.t, "convener").LogSigners(c.Origin, at)
	for _, name := range by {
		signers = append(signers, key(w.t, name).Cosigners(ledger.KeyName(c.Origin, name), at)...)
	}
	msg, err := note.Sign(&note.Note{Text: string(c.Text())}, signers...)
	if err != nil {
		w.t.Fatal(err)
	}
	return msg
}

// export is the log's static form under a checkpoint signed by those named.
func (w *world) export(by ...string) string {
	dir := filepath.Join(w.t.TempDir(), "export")
	if err := w.log.Export(dir, w.checkpoint(by...), w.log.Size()); err != nil {
		w.t.Fatal(err)
	}
	return dir
}

func (w *world) bundle(by ...string) *Bundle {
	w.t.Helper()
	b, err := Build(os.DirFS(w.export(by...)), func(run, name string) ([]byte, error) {
		if name == tableName {
			return w.tables[run], nil
		}
		return w.kept[run], nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

// pack is the bundle's bytes.
func pack(t testing.TB, b *Bundle) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := b.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// full is a world with everything that a bundle can hold: a long entry, several tiles, two releases, a void run.
func full(t testing.TB) *world {
	w := newWorld(t)
	s := w.approve()
	var long []string
	for i := range 9000 {
		long = append(long, fmt.Sprintf("site-%05d", i))
	}
	w.do("convener", rules.KindRosterSet, rules.NewRosterSet(long))
	w.authorise("r-1", "2023", s)
	w.certify(table("r-1", "2023", s))
	w.authorise("r-void", "2024", s)
	w.do("payer-b", rules.KindRunVoid, rules.RunVoid{Run: "r-void", Reason: "no quorum of data"})
	w.authorise("r-2", "2024", s)
	w.certify(table("r-2", "2024", s))
	for i := range 260 {
		w.do("convener", rules.KindRosterSet, rules.NewRosterSet([]string{fmt.Sprint("site-", i)}))
	}
	return w
}
