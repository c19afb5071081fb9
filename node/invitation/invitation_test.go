package invitation

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func sample() Invitation {
	return New(Invitation{
		Member: "payer-1", Role: "payer", Ledger: "demo.tacet/governance", Genesis: [32]byte{1}, Convener: "convener", Address: "127.0.0.1:4433",
		Pin: [32]byte{2}, Expires: time.Date(2026, 1, 31, 12, 0, 0, 5, time.UTC),
	})
}

func TestOneForm(t *testing.T) {
	i := sample()
	back, err := Parse([]byte(i.Text()))
	if err != nil || back != i {
		t.Fatalf("%v %v", back, err)
	}
	if back, err = Parse([]byte("\n" + strings.TrimSpace(i.Text()))); err != nil || back != i { // as copied from a mail
		t.Fatalf("%v %v", back, err)
	}
	text := i.Text()
	for name, bad := range map[string]string{
		"empty":       "",
		"cut":         text[:len(text)-20],
		"twice":       text + text,
		"other order": strings.Replace(text, "member payer-1\nrole payer", "role payer\nmember payer-1", 1),
		"upper case":  strings.Replace(text, "genesis 01", "genesis 0A", 1),
		"no port":     strings.Replace(text, ":4433", "", 1),
		"time":        strings.Replace(text, "expires 2026", "expires 26", 1),
		"long":        text + strings.Repeat(" ", MaxSize),
	} {
		if _, err := Parse([]byte(bad)); !errors.Is(err, ErrForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSecretIsNotPrinted(t *testing.T) {
	i := sample()
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%s"} {
		if s := fmt.Sprintf(verb, i); s != "invitation of payer-1 to demo.tacet/governance" {
			t.Errorf("%s prints %s", verb, s)
		}
	}
	if strings.Contains(i.Text(), i.Name()) || New(i).Secret == i.Secret {
		t.Error("the name is in the text, or a secret is used twice")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample().Text()))
	f.Add([]byte(first))
	f.Fuzz(func(t *testing.T, b []byte) {
		if i, err := Parse(b); err == nil && strings.TrimSpace(i.Text()) != strings.TrimSpace(string(b)) {
			t.Fatal("two forms of one invitation")
		}
	})
}
