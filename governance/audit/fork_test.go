package audit

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

// TestCheckpointNotByTheLog: the payers' cosignatures do not make up for the log's own signature, nor a checkpoint of another log.
func TestCheckpointNotByTheLog(t *testing.T) {
	w := newWorld(t)
	w.approve()
	b := w.bundle(payers...)
	c, err := w.log.Checkpoint(w.genesis.Ledger)
	if err != nil {
		t.Fatal(err)
	}
	var signers []note.Signer
	for _, p := range payers {
		signers = append(signers, key(t, p).Cosigners(ledger.KeyName(c.Origin, p), time.Unix(1_700_000_000, 0))...)
	}
	msg, err := note.Sign(&note.Note{Text: string(c.Text())}, signers...)
	if err != nil {
		t.Fatal(err)
	}
	r := check(t, with(b, map[string][]byte{checkpointName: msg}), Options{})
	want(t, r.Findings, CodeSignature)
	c.Origin = "other.example/log"
	r = check(t, with(b, map[string][]byte{checkpointName: w.signed(c, payers...)}), Options{})
	want(t, r.Findings, CodeCheckpoint)
}

// TestHalfSigned: whoever signs a checkpoint with one key of two has not signed it, and nobody is asked to count halves.
func TestHalfSigned(t *testing.T) {
	w := newWorld(t)
	w.approve()
	b := w.bundle(payers...)
	policy, err := ParsePolicy(read(t, b, policyName))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(read(t, b, checkpointName)), "\n")
	signed := len(lines) - 1 - 2*(1+len(payers)) // the first signature
	for i := signed; i < len(lines)-1; i++ {
		half := []byte(strings.Join(slices.Delete(slices.Clone(lines), i, i+1), ""))
		r := check(t, with(b, map[string][]byte{checkpointName: half}), Options{})
		want(t, r.Findings, CodeSignature)
		if !strings.Contains(r.Findings[0].Text, "1 of its 2 keys") {
			t.Errorf("line %d left out: %v", i, r.Findings)
		}
		// The policy counts keys, as other programs do: it wants both of the log, and both of two payers of three.
		if _, f := policy.open(half, ""); (f == nil) != (i >= signed+2) {
			t.Errorf("line %d left out: under the policy %v", i, f)
		}
	}
}

// TestBlob: a long entry is in a file of its own, which the tree covers through the leaf that refers to it.
func TestBlob(t *testing.T) {
	w := newWorld(t)
	var long []string
	for i := range 9000 {
		long = append(long, fmt.Sprintf("site-%05d", i))
	}
	w.do("convener", rules.KindRosterSet, rules.NewRosterSet(long))
	b := w.bundle(payers...)
	if r := check(t, b, Options{}); !r.Verified {
		t.Fatal(r.Findings)
	}
	for _, n := range b.names {
		if !strings.HasPrefix(n, "blob/") {
			continue
		}
		data := bytes.Clone(read(t, b, n))
		data[len(data)/2] ^= 1
		want(t, check(t, with(b, map[string][]byte{n: data}), Options{}).Findings, CodeEntries)
		want(t, check(t, with(b, map[string][]byte{n: nil}), Options{}).Findings, CodeFileMissing)
		return
	}
	t.Fatal("the fixture has no blob")
}

// TestCertificateOfFork: everybody has signed a checkpoint of another history too, in which the certificate is as well.
func TestCertificateOfFork(t *testing.T) {
	w := small(t)
	b := w.bundle(payers...)
	n := int(w.log.Size())
	leaves, ok := splitEntries(read(t, b, tilePath("entries", 0, n)), n)
	if !ok {
		t.Fatal("the fixture has more than one tile")
	}
	var fork tree
	for i, l := range leaves {
		if i == 1 {
			l = []byte("{another history}")
		}
		fork.add(leafHash(l))
	}
	root, err := fork.root(fork.size())
	if err != nil {
		t.Fatal(err)
	}
	name := releaseName("r-1", certificateName)
	var c Certificate
	if err := json.Unmarshal(read(t, b, name), &c); err != nil {
		t.Fatal(err)
	}
	c.Checkpoint, c.Proof = string(w.signed(ledger.Checkpoint{Origin: w.genesis.Ledger, Size: fork.size(), Root: root}, payers...)), nil
	for _, h := range fork.inclusion(c.Index, fork.size()) {
		c.Proof = append(c.Proof, base64.StdEncoding.EncodeToString(h[:]))
	}
	raw, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	r := check(t, with(b, map[string][]byte{name: raw}), Options{})
	want(t, r.Findings, CodeCertificateProof)
	if len(r.Findings) != 1 || !strings.Contains(r.Findings[0].Text, "not an earlier state") {
		t.Errorf("findings %v", r.Findings)
	}
}
