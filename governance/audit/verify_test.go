package audit

import (
	"archive/zip"
	"bytes"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/governance/rules"
)

func open(t testing.TB, raw []byte) *Bundle {
	t.Helper()
	b, err := Open(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func check(t testing.TB, b *Bundle, o Options) *Result {
	t.Helper()
	r, err := Verify(b, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestBundleVerifies(t *testing.T) {
	w := full(t)
	b := w.bundle(payers...)
	raw := pack(t, b)
	r := check(t, open(t, raw), Options{})
	if !r.Verified || len(r.Findings) != 0 {
		t.Fatalf("findings %v", r.Findings)
	}
	state := w.state.Hash()
	if r.State != hex.EncodeToString(state[:]) || r.Size != w.log.Size() || len(r.Runs) != 3 || len(r.Entries) != int(r.Size) {
		t.Fatalf("state %s, size %d, %d runs", r.State, r.Size, len(r.Runs))
	}
	if got := r.Runs[0]; got.Released != 2 || got.Suppressed != 1 || got.Statement == nil || r.Runs[1].Status != rules.RunIsVoid {
		t.Fatalf("runs %+v", r.Runs[:2])
	}
	if again := pack(t, w.bundle(payers...)); !bytes.Equal(again, raw) {
		t.Error("the same log gives another bundle")
	}
	archiveReads(t, b, raw)
}

// archiveReads unpacks the bundle with another program.
func archiveReads(t *testing.T, b *Bundle, raw []byte) {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		want, _, _ := b.file(f.Name)
		if err != nil || !bytes.Equal(got, want) || f.Mode() != 0o644 {
			t.Errorf("%s: mode %v, %v", f.Name, f.Mode(), err)
		}
	}
	if !slices.Equal(names, b.names) {
		t.Errorf("archive has %v", names)
	}
}

// TestAnchors: a bundle vouches for itself only, so what the auditor brings along decides.
func TestAnchors(t *testing.T) {
	w := newWorld(t)
	w.approve()
	b := w.bundle(payers...)
	genesis := check(t, b, Options{}).Genesis
	if r := check(t, b, Options{Genesis: genesis}); !r.Verified {
		t.Errorf("with the right genesis: %v", r.Findings)
	}
	policy, _, err := b.file(policyName)
	if err != nil {
		t.Fatal(err)
	}
	p, err := ParsePolicy(policy)
	if err != nil {
		t.Fatal(err)
	}
	if r := check(t, b, Options{Policy: p}); !r.Verified {
		t.Errorf("with the bundle's policy: %v", r.Findings)
	}
	want(t, check(t, b, Options{Genesis: strings.Repeat("00", 32)}).Findings, CodeAnchor)
	for text, code := range map[string]Code{
		"log " + noteKeyOf(t, "payer-a", w.genesis.Ledger) + "\nquorum none\n":                                                                 CodeSignature,
		"log " + noteKeyOf(t, "convener", "other.example/log") + "\nquorum none\n":                                                             CodeAnchor,
		"log " + noteKeyOf(t, "convener", w.genesis.Ledger) + "\nwitness x " + witnessKeyOf(t, "convener-2", "witness.example") + "\nquorum x": CodeAnchor,
	} {
		if p, err = ParsePolicy([]byte(text)); err != nil {
			t.Fatal(err)
		}
		want(t, check(t, b, Options{Policy: p}).Findings, code)
	}
}

// TestMajority: the log's own signature is not enough.
func TestMajority(t *testing.T) {
	w := newWorld(t)
	w.approve()
	for n, ok := range []bool{false, false, true, true} {
		r := check(t, w.bundle(payers[:n]...), Options{})
		if r.Verified != ok {
			t.Errorf("%d of 3 cosigned: verified %v, %v", n, r.Verified, r.Findings)
		}
		if !ok {
			want(t, r.Findings, CodeCosignatures)
		}
	}
}

// TestContributorsStandBehindRelease: a majority is enough for the log and not for a release.
func TestContributorsStandBehindRelease(t *testing.T) {
	w := newWorld(t)
	s := w.approve()
	w.authorise("r-1", "2023", s)
	w.certify(table("r-1", "2023", s))
	if r := check(t, w.bundle("payer-a", "payer-b"), Options{}); !r.Verified {
		t.Fatalf("the kept certificate has all cosignatures, the bundle a majority: %v", r.Findings)
	}
	delete(w.kept, "r-1")
	r := check(t, w.bundle("payer-a", "payer-b"), Options{})
	want(t, r.Findings, CodeCosignatures)
	if !strings.Contains(r.Findings[0].Text, "payer-c") {
		t.Errorf("%v does not name who is missing", r.Findings)
	}
	// Without a table nothing has been released: the run is certified, and its release waits for payer-c. So says the bundle.
	delete(w.tables, "r-1")
	r = check(t, w.bundle("payer-a", "payer-b"), Options{})
	if !r.Verified || len(r.Held) != 1 || r.Held[0].Run != "r-1" || !slices.Equal(r.Held[0].Waiting, []string{"payer-c"}) {
		t.Errorf("verified %v, %v, held %v", r.Verified, r.Findings, r.Held)
	}
	// Once all have cosigned, a table that is missing is missed.
	if r = check(t, w.bundle(payers...), Options{}); r.Verified || len(r.Held) > 0 {
		t.Errorf("verified %v, held %v", r.Verified, r.Held)
	}
}

func TestPartial(t *testing.T) {
	w := newWorld(t)
	s := w.approve()
	w.authorise("r-1", "2023", s)
	w.certify(table("r-1", "2023", s))
	w.tables = nil
	b := w.bundle(payers...)
	want(t, check(t, b, Options{}).Findings, CodeFileMissing)
	if r := check(t, b, Options{Partial: true}); !r.Verified || len(r.Missing) != 1 || r.Missing[0] != "r-1" {
		t.Errorf("partial: %v, missing %v", r.Findings, r.Missing)
	}
}

func want(t testing.TB, found []Finding, code Code) {
	t.Helper()
	for _, f := range found {
		if f.Code == code {
			return
		}
	}
	t.Errorf("findings %v, want %s", found, code)
}

func noteKeyOf(t testing.TB, name, as string) string {
	k, err := key(t, name).Public().NoteKey(as)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func witnessKeyOf(t testing.TB, name, as string) string {
	k, err := key(t, name).Public().CosignatureKey(as)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
