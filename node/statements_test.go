package node

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/protocol/wire"
)

// TestStatements: two statements of one member for one step are shown; one that is not signed by its author, and one by nobody, are not.
func TestStatements(t *testing.T) {
	keys, err := identity.Generate("payer-1")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "evidence"), 0o700); err != nil {
		t.Fatal(err)
	}
	commit := func(name, who string, state byte) {
		c, err := wire.SignCommit(keys, wire.Commit{Run: "r", Member: who, Step: 2, State: wire.Hash{state}})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "evidence", name+".json"), c.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	commit("a", "payer-1", 0xaa)
	commit("b", "payer-1", 0xbb)
	v, err := wire.SignVoid(keys, wire.Void{Run: "r", Member: "payer-1", Step: 3, Code: wire.Deadline, Text: "waiting for payer-2", Evidence: []wire.Hash{}})
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"c": v.Bytes(), "d": []byte("{}"), "e": []byte(strings.Replace(string(v.Bytes()), "payer-2", "payer-3", 1)),
	} {
		if err := os.WriteFile(filepath.Join(folder, "evidence", name+".json"), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := statements(folder, func(name string) (identity.Public, error) {
		if name != "payer-1" {
			return identity.Public{}, errors.New("nobody")
		}
		return keys.Public(), nil
	})
	shown := ""
	for _, s := range got {
		shown += filepath.Base(s.File) + " " + s.Kind + " " + s.Member + " " + s.Text + "\n"
		if (s.Kind == "") != (s.Problem != "") {
			t.Errorf("%+v", s)
		}
	}
	for _, want := range []string{
		"a.json commit payer-1 in step 2: transcript 00000000, state aa000000", "b.json commit payer-1 in step 2: transcript 00000000, state bb000000",
		"c.json void payer-1 deadline: waiting for payer-2", "d.json   \n", "e.json   \n",
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is not in\n%s", want, shown)
		}
	}
	if len(got) != 5 {
		t.Errorf("%d statements", len(got))
	}
}
