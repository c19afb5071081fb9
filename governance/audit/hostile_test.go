package audit

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
)

// archive is a zip as another program would write it.
func archive(t testing.TB, method uint16, names ...string) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, n := range names {
		f, err := z.CreateHeader(&zip.FileHeader{Name: n, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(bytes.Repeat([]byte{0}, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// stored is a zip in our form with any names.
func stored(t testing.TB, names ...string) []byte {
	var all, central []byte
	for _, n := range names {
		central = append(central, centralEntry(n, 0, 0, int64(len(all)))...)
		all = append(append(all, local(n, 0, 0)...), n...)
	}
	return append(append(bytes.Clone(all), central...), endOf(len(names), len(central), int64(len(all)))...)
}

// TestHostile: what is refused before anything is allocated for it.
func TestHostile(t *testing.T) {
	huge := stored(t, checkpointName)
	binary.LittleEndian.PutUint32(huge[18:], 1<<31)
	binary.LittleEndian.PutUint32(huge[22:], 1<<31)
	past := stored(t, checkpointName)
	binary.LittleEndian.PutUint32(past[18:], 500)
	binary.LittleEndian.PutUint32(past[22:], 500)
	for name, c := range map[string]struct {
		raw  []byte
		code Code
		text string
	}{
		"nothing":        {nil, CodeContainer, "not an evidence bundle"},
		"text":           {bytes.Repeat([]byte("text "), 50), CodeContainer, "not an evidence bundle"},
		"bomb":           {archive(t, zip.Deflate, readmeName), CodeContainer, "packed again"},
		"packed again":   {archive(t, zip.Store, readmeName), CodeContainer, "packed again"},
		"path traversal": {stored(t, "../../etc/cron.d/x"), CodeFileUnexpected, "no file"},
		"absolute":       {stored(t, "/etc/passwd"), CodeFileUnexpected, "no file"},
		"unknown":        {stored(t, "payload.exe"), CodeFileUnexpected, "no file"},
		"twice":          {stored(t, checkpointName, checkpointName), CodeContainer, "twice"},
		"out of order":   {stored(t, policyName, checkpointName), CodeContainer, "out of order"},
		"too long":       {huge, CodeContainer, "at most"},
		"past the end":   {past, CodeContainer, "ends before"},
		"long name":      {stored(t, strings.Repeat("a", 1000)), CodeContainer, "name"},
	} {
		_, err := Open(bytes.NewReader(c.raw), int64(len(c.raw)))
		f, ok := err.(*Finding)
		if !ok || f.Code != c.code || !strings.Contains(f.Error(), c.text) {
			t.Errorf("%s: %v, want %s with %q", name, err, c.code, c.text)
		}
	}
	if _, err := Open(bytes.NewReader(nil), MaxSize+1); err == nil {
		t.Error("a bundle of more than 4 GiB was opened")
	}
	b, err := Open(bytes.NewReader(stored(t, checkpointName)), int64(len(stored(t, checkpointName))))
	if err != nil {
		t.Fatal(err)
	}
	want(t, check(t, b, Options{}).Findings, CodeFileMissing)
}

// TestManyCells: a table that is short and would be long in memory.
func TestManyCells(t *testing.T) {
	raw := []byte(`{"run":"r","period":"2024","cells":[` + strings.Repeat("{},", 1<<20) + `{}]}`)
	if _, err := readTable(raw); err == nil || !strings.Contains(err.Error(), "objects") {
		t.Errorf("a table of a million empty cells: %v", err)
	}
}

// TestHugeCheckpoint: a size that nobody has the entries for ends at the first missing tile.
func TestHugeCheckpoint(t *testing.T) {
	w := newWorld(t)
	b := w.bundle(payers...)
	note := bytes.Replace(read(t, b, checkpointName), []byte("\n1\n"), []byte("\n9000000000000000000\n"), 1)
	r := check(t, with(b, map[string][]byte{checkpointName: note}), Options{})
	want(t, r.Findings, CodeFileMissing)
	want(t, r.Findings, CodeSignature)
}

func FuzzOpen(f *testing.F) {
	w := newWorld(f)
	w.approve()
	good := pack(f, w.bundle(payers...))
	genesis := check(f, open(f, good), Options{}).Genesis
	f.Add(good)
	f.Add(stored(f, checkpointName, genesisName))
	f.Add(good[:len(good)/2])
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := Open(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			return
		}
		// Seeds of another process have other keys; of this ledger there is one bundle.
		if r, err := Verify(b, Options{Genesis: genesis}); err == nil && r.Verified && !bytes.Equal(raw, good) {
			t.Error("another bundle than the good one verifies")
		}
		var out bytes.Buffer
		if err := b.Write(&out); err == nil && !bytes.Equal(out.Bytes(), raw) {
			t.Error("a bundle has two forms")
		}
	})
}

func FuzzRelease(f *testing.F) {
	w := small(f)
	f.Add(w.tables["r-1"], w.kept["r-1"])
	f.Add([]byte(`{"run":"x","period":"","cells":[]}`), []byte("{}"))
	f.Add([]byte(`{"run":"t","sum":"","stage":"totals","period":"2024","present":[],"dropped":[],"values":[1,2],"total":{"measure":"m","version":"1","release":"r","groups":[{"name":"all","practices":3}]}}`), []byte("{}"))
	f.Fuzz(func(t *testing.T, table, certificate []byte) {
		_, _ = readTable(table)
		if s, err := ReadSum(table); err == nil {
			if again, err := s.Canonical(); err != nil || !bytes.Equal(again, table) {
				t.Fatal("an accepted sum does not survive its canonical form")
			}
		}
		_, _, _ = readCertificate(certificate)
	})
}

func FuzzPolicy(f *testing.F) {
	w := newWorld(f)
	p, err := policyOf(w.state)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(p)
	f.Add([]byte("log a+b+c\ngroup g any g\nquorum g\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := ParsePolicy(b); err == nil {
			p.satisfied(p.quorum, nil)
		}
	})
}
