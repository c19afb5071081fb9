package entry

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/crypto/identity"
)

func keys(t testing.TB, name string) *identity.Keys {
	t.Helper()
	k, err := identity.Generate(name)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sample(author string) Entry {
	return Entry{Origin: "test.example/log", Author: author, Seq: 1, Prev: strings.Repeat("ab", 32), Kind: "measure.vote", Version: 1, Body: json.RawMessage(`{"hash":"<&>","choice":"yes"}`)}
}

func TestSignOpenVerify(t *testing.T) {
	a, b := keys(t, "payer-a"), keys(t, "payer-b")
	signed, err := Sign(a, sample("payer-a"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(signed)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(a.Public()); err != nil {
		t.Fatal(err)
	}
	if s.Verify(b.Public()) == nil {
		t.Fatal("verified with another member's key")
	}
	other := b.Public()
	other.Name = "payer-a"
	if s.Verify(other) == nil {
		t.Fatal("verified with another key under the author's name")
	}
	if !strings.Contains(string(signed), `"<&>"`) {
		t.Fatal("the entry's text is escaped")
	}
	// The signature covers every byte of the entry: changing one gives another entry or none.
	for _, x := range [][2]string{{`"yes"`, `"no!"`}, {`"seq":1`, `"seq":2`}, {`"measure.vote"`, `"measure.veto"`}, {`"version":1`, `"version":2`}, {"test.example", "best.example"}} {
		c, err := Open([]byte(strings.Replace(string(signed), x[0], x[1], 1)))
		if err != nil {
			t.Fatalf("%s: %v", x[1], err)
		}
		if c.Verify(a.Public()) == nil || c.Hash() == s.Hash() {
			t.Fatalf("%s: still verifies", x[1])
		}
	}
	if _, err := Sign(b, sample("payer-a")); err == nil {
		t.Fatal("signed in another author's name")
	}
}

func TestOneFormOnly(t *testing.T) {
	signed, err := Sign(keys(t, "payer-a"), sample("payer-a"))
	if err != nil {
		t.Fatal(err)
	}
	s := string(signed)
	for name, bad := range map[string]string{
		"trailing data":   s + "{}",
		"trailing space":  s + "\n",
		"white space":     strings.Replace(s, `"seq":1`, `"seq": 1`, 1),
		"unknown field":   strings.Replace(s, `"seq":1`, `"seq":1,"x":1`, 1),
		"letter case":     strings.Replace(s, `"seq"`, `"Seq"`, 1),
		"repeated field":  strings.Replace(s, `"seq":1`, `"seq":1,"seq":1`, 1),
		"escape":          strings.Replace(s, `payer-a`, `\u0070ayer-a`, 1),
		"number form":     strings.Replace(s, `"seq":1`, `"seq":1e0`, 1),
		"body is a list":  strings.Replace(s, `{"hash":"<&>","choice":"yes"}`, `[]`, 1),
		"no sequence":     strings.Replace(s, `"seq":1`, `"seq":0`, 1),
		"upper-case hash": strings.Replace(s, strings.Repeat("ab", 32), strings.Repeat("AB", 32), 1),
		"short signature": s[:len(s)-10] + `"}`,
		"empty":           "",
		"too long":        strings.Repeat(" ", MaxSize+1),
	} {
		if bad == s {
			t.Fatalf("%s: nothing changed", name)
		}
		if _, err := Open([]byte(bad)); !errors.Is(err, ErrForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
	e := sample("payer-a")
	e.Body = json.RawMessage(`{"x":"` + strings.Repeat("x", MaxSize) + `"}`)
	if _, err := Sign(keys(t, "payer-a"), e); err == nil {
		t.Fatal("signed an entry that is too long")
	}
}

func FuzzOpen(f *testing.F) {
	k := keys(f, "payer-a")
	signed, err := Sign(k, sample("payer-a"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(signed)
	f.Add([]byte(`{"entry":{},"signature":""}`))
	f.Add([]byte(`{"entry":` + strings.Repeat("[", 20000)))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Open(b)
		if err != nil {
			return
		}
		again, err := Canonical(envelope{Entry: s.raw, Signature: s.signature})
		if err != nil || string(again) != string(b) {
			t.Fatalf("two forms of %s", hex.EncodeToString(b))
		}
	})
}
