package wire

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// hashKey signs with a keyed hash: the wire's tests are about bytes, and the
// hybrid signature has its own tests where it lives.
type hashKey string

func (k hashKey) Sign(context string, msg []byte) []byte {
	h := sha256.Sum256([]byte(string(k) + "\x00" + context + "\x00" + string(msg)))
	return h[:]
}

func (k hashKey) Verify(context string, msg, sig []byte) error {
	if !bytes.Equal(k.Sign(context, msg), sig) {
		return errors.New("wrong signature")
	}
	return nil
}

func commit() Commit {
	return Commit{Run: "r-1", Manifest: Hash{1}, Step: 3, Member: "alder", Transcript: Hash{2}, State: Hash{3}, Object: Hash{4}, Size: 77}
}

func TestSignedCommitTravels(t *testing.T) {
	s, err := SignCommit(hashKey("k"), commit())
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := Write(&b, s); err != nil {
		t.Fatal(err)
	}
	k, p, err := ReadFrame(&b)
	if err != nil || k != KindCommit {
		t.Fatalf("kind %d, %v", k, err)
	}
	got, err := DecodeCommit(p)
	if err != nil {
		t.Fatal(err)
	}
	if got.Body() != commit() || got.Hash() != s.Hash() || got.Digest() != s.Digest() {
		t.Fatal("the commit changed on its way")
	}
	if err := VerifyCommit(got, hashKey("k")); err != nil {
		t.Fatal(err)
	}
	if err := VerifyCommit(got, hashKey("other")); err == nil || !strings.Contains(err.Error(), "commit of alder for step 3 of run r-1") {
		t.Fatalf("a foreign key verified, or the error does not say whose commit: %v", err)
	}
	// A signature over the same bytes in another context is none.
	v := *got
	if err := v.verify(contextVoid, hashKey("k")); err == nil {
		t.Fatal("the context does not separate statements")
	}
}

func TestEveryFieldIsSigned(t *testing.T) {
	base, _ := SignCommit(hashKey("k"), commit())
	for name, change := range map[string]func(*Commit){
		"run": func(c *Commit) { c.Run = "r-2" }, "manifest": func(c *Commit) { c.Manifest[31]++ }, "step": func(c *Commit) { c.Step++ },
		"member": func(c *Commit) { c.Member = "birch" }, "transcript": func(c *Commit) { c.Transcript[0]++ }, "state": func(c *Commit) { c.State[0]++ },
		"object": func(c *Commit) { c.Object[0]++ }, "size": func(c *Commit) { c.Size++ },
	} {
		c := commit()
		change(&c)
		other, err := SignCommit(hashKey("k"), c)
		if err != nil {
			t.Fatal(err)
		}
		if base.Digest() == other.Digest() {
			t.Errorf("%s is not part of the statement", name)
		}
		forged := *other
		forged.signature = base.signature
		if VerifyCommit(&forged, hashKey("k")) == nil {
			t.Errorf("%s is not signed", name)
		}
	}
}

func TestStrict(t *testing.T) {
	s, _ := SignCommit(hashKey("k"), commit())
	good := string(s.Bytes())
	for name, bad := range map[string]string{
		"empty":            "",
		"space":            " " + good,
		"trailing space":   good + "\n",
		"trailing value":   good + "{}",
		"null":             "null",
		"null body":        `{"body":null,"signature":"AAAA"}`,
		"unknown field":    strings.Replace(good, `"step":3`, `"step":3,"more":1`, 1),
		"repeated field":   strings.Replace(good, `"step":3`, `"step":4,"step":3`, 1),
		"case of a key":    strings.Replace(good, `"step"`, `"Step"`, 1),
		"order":            strings.Replace(good, `"step":3,"member":"alder"`, `"member":"alder","step":3`, 1),
		"number":           strings.Replace(good, `"size":77`, `"size":77.0`, 1),
		"exponent":         strings.Replace(good, `"size":77`, `"size":77e0`, 1),
		"upper-case hash":  strings.Replace(good, `"0300`, `"0A00`, 1),
		"short hash":       strings.Replace(good, `"0300`, `"00`, 1),
		"escaped":          strings.Replace(good, `"alder"`, `"\u0061lder"`, 1),
		"name":             strings.Replace(good, `"alder"`, `"Alder"`, 1),
		"path as run":      strings.Replace(good, `"r-1"`, `"../r"`, 1),
		"negative size":    strings.Replace(good, `"size":77`, `"size":-1`, 1),
		"huge size":        strings.Replace(good, `"size":77`, `"size":999999999999`, 1),
		"size, no hash":    strings.Replace(good, `"0400`, `"0000`, 1),
		"step too far":     strings.Replace(good, `"step":3`, `"step":256`, 1),
		"no signature":     good[:strings.Index(good, `"signature"`)] + `"signature":""}`,
		"signature break":  strings.Replace(good, `"signature":"`, `"signature":"\n`, 1),
		"signature longer": good[:strings.Index(good, `"signature"`)] + `"signature":"` + strings.Repeat("AAAA", 1500) + `"}`,
	} {
		if _, err := DecodeCommit([]byte(bad)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := DecodeCommit(s.Bytes()); err != nil {
		t.Fatal(err)
	}
}

func TestVoid(t *testing.T) {
	v := Void{Run: "r-1", Manifest: Hash{1}, Member: "alder", Step: 4, Code: Mismatch, Text: "two commits of step 4 differ: alder <> birch", Evidence: []Hash{{1}, {2}}}
	s, err := SignVoid(hashKey("k"), v)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeVoid(s.Bytes())
	if err != nil || VerifyVoid(got, hashKey("k")) != nil || got.Body().Text != v.Text || len(got.Body().Evidence) != 2 {
		t.Fatalf("%v %v", got, err)
	}
	for name, change := range map[string]func(*Void){
		"code":       func(v *Void) { v.Code = "whim" },
		"text":       func(v *Void) { v.Text = "red \x1b[31m" },
		"long text":  func(v *Void) { v.Text = strings.Repeat("a", 513) },
		"evidence":   func(v *Void) { v.Evidence = make([]Hash, 17) },
		"member":     func(v *Void) { v.Member = "" },
		"run":        func(v *Void) { v.Run = "" },
		"large step": func(v *Void) { v.Step = 1000 },
	} {
		bad := v
		change(&bad)
		if _, err := SignVoid(hashKey("k"), bad); err == nil {
			t.Errorf("%s: encoded", name)
		}
	}
}

func TestFrames(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"unknown kind": {"\x63\x00\x00\x00\x01a", "unknown kind 99"},
		"kind zero":    {"\x00\x00\x00\x00\x01a", "unknown kind 0"},
		"too long":     {"\x02\xff\xff\xff\xff", "announces 4294967295 bytes"},
		"just too far": {"\x01\x00\x00\x04\x01", "announces 1025 bytes"},
		"zero":         {"\x02\x00\x00\x00\x00", "announces 0 bytes"},
		"torn header":  {"\x02\x00", "unexpected EOF"},
		"torn payload": {"\x02\x00\x00\x00\x05abc", "unexpected EOF"},
	} {
		if _, _, err := ReadFrame(strings.NewReader(c.in)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := ReadFrame(strings.NewReader("")); err != io.EOF {
		t.Errorf("a clean end is io.EOF, not %v", err)
	}
	if err := WriteFrame(io.Discard, KindHello, make([]byte, 1025)); err == nil {
		t.Error("wrote a frame the other side refuses")
	}
	if err := Write(io.Discard, Hello{Version: 2, Run: "r"}); err == nil {
		t.Error("wrote a hello the other side refuses")
	}
}

// The longest statements fit the limits of their frames.
func TestLargestSignedFits(t *testing.T) {
	long := func(n int) string { return strings.Repeat("z", n) }
	sig := wide{}
	c := Commit{Run: long(64), Member: long(32), Step: MaxStep, Object: Hash{1}, Size: MaxSize}
	if _, err := SignCommit(sig, c); err != nil {
		t.Fatal(err)
	}
	s, err := SignVoid(sig, Void{Run: long(64), Member: long(32), Step: MaxStep, Code: Equivocation, Text: strings.Repeat(`"`, maxText), Evidence: make([]Hash, MaxEvidence)})
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(io.Discard, s); err != nil {
		t.Fatalf("the largest void does not fit its limit: %v", err)
	}
}

type wide struct{}

func (wide) Sign(string, []byte) []byte { return make([]byte, maxSignature) }

func TestParsePrintIdentity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hash := func(name string) (h Hash) {
			copy(h[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, name))
			h[0] |= 1
			return h
		}
		o := Object{
			Run: rapid.StringMatching(`[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}`).Draw(t, "run"), Manifest: hash("manifest"),
			Step: rapid.IntRange(0, MaxStep).Draw(t, "step"), Member: rapid.StringMatching(`[a-z0-9-]{1,32}`).Draw(t, "member"),
			Hash: hash("hash"), Size: rapid.Int64Range(1, MaxSize).Draw(t, "size"),
		}
		b, err := Put(o).payload()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := DecodeObject(b); err != nil || got != o {
			t.Fatalf("%v %v", got, err)
		}
	})
}
