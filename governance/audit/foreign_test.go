package audit

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	flog "github.com/transparency-dev/formats/log"
	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"

	"github.com/tacet-health/tacet/governance/ledger"
)

// TestReadElsewhere: checkpoint, cosignatures and proof of a bundle, read with the transparency-dev formats and with the keys as the bundle's policy prints them.
func TestReadElsewhere(t *testing.T) {
	w := small(t)
	b := w.bundle(payers...)
	var log note.Verifier
	var witnesses []note.Verifier
	policy, err := ParsePolicy(read(t, b, policyName))
	if err != nil || len(policy.witnesses) != 1+2*len(payers) {
		t.Fatal(err, policy)
	}
	for line := range strings.Lines(string(read(t, b, policyName))) {
		f := strings.Fields(line)
		var err error
		var v note.Verifier
		switch f[0] {
		case "log":
			log, err = note.NewVerifier(f[1])
		case "witness":
			v, err = fnote.NewVerifierForCosignatureV1(f[2])
			witnesses = append(witnesses, v)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	c, rest, n, err := flog.ParseCheckpoint(read(t, b, checkpointName), w.genesis.Ledger, log, witnesses...)
	if err != nil {
		t.Fatal(err)
	}
	if len(n.Sigs) != 2+2*len(payers) || len(n.UnverifiedSigs) != 0 || len(rest) != 0 || c.Size != w.log.Size() {
		t.Errorf("%d signatures, %d unknown, size %d", len(n.Sigs), len(n.UnverifiedSigs), c.Size)
	}
	for _, sig := range n.Sigs {
		if at, err := fnote.CoSigV1Timestamp(sig); sig.Hash != log.KeyHash() && (err != nil || at.Unix() != 1_700_000_000) {
			t.Errorf("%s cosigned at %v, %v", sig.Name, at, err)
		}
	}
	var p proof.TLogProof
	raw := read(t, b, releaseName("r-1", proofName))
	if err := p.Unmarshal(raw); err != nil {
		t.Fatal(err)
	}
	run, _ := w.state.Run("r-1")
	if p.Index != run.Ended || !bytes.Equal(p.Checkpoint, read(t, b, checkpointName)) || !bytes.Equal(p.Marshal(), raw) {
		t.Errorf("proof of entry %d, want %d", p.Index, run.Ended)
	}
	var path []ledger.Hash
	for _, h := range p.Hashes {
		path = append(path, h)
	}
	entry, err := w.log.Entry(p.Index)
	if err != nil {
		t.Fatal(err)
	}
	if err := ledger.VerifyInclusion(entry, p.Index, path, ledger.Checkpoint{Origin: c.Origin, Size: c.Size, Root: ledger.Hash(c.Hash)}); err != nil {
		t.Error(err)
	}
}

// TestReadmeCommands runs what README.txt tells people to do by hand.
func TestReadmeCommands(t *testing.T) {
	for _, tool := range []string{"sh", "openssl", "sha256sum", "sed", "base64"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool + " is not installed")
		}
	}
	b := small(t).bundle(payers...)
	dir := t.TempDir()
	for _, n := range b.names {
		p := filepath.Join(dir, filepath.FromSlash(n))
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, read(t, b, n), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text := string(read(t, b, readmeName))
	script := "set -e\n"
	for line := range strings.Lines(text[strings.Index(text, "By hand"):]) {
		if c := strings.TrimSpace(line); strings.HasPrefix(line, "       ") && strings.ContainsAny(c, " ") {
			script += c + "\n"
		}
	}
	cmd := exec.Command("sh", "-c", script)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, script, out)
	}
	r := check(t, b, Options{})
	for _, want := range []string{r.Genesis + "  genesis.json", r.Runs[0].Statement.Table + "  releases/r-1/table.json", "Signature Verified Successfully", r.Entries[0].Hash} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the commands of README.txt do not print %q:\n%s", want, out)
		}
	}
}
