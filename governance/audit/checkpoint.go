package audit

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

// textOf reads a checkpoint without looking at signatures.
func textOf(note []byte) (ledger.Checkpoint, error) {
	text, _, ok := bytes.Cut(note, []byte("\n\n"))
	if !ok || len(note) > ledger.MaxNote {
		return ledger.Checkpoint{}, bad(CodeCheckpoint, "", "is not a signed note")
	}
	c, err := ledger.ParseCheckpoint(append(slices.Clone(text), '\n'))
	if err != nil {
		return c, bad(CodeCheckpoint, "", "%v", err)
	}
	return c, nil
}

// openCheckpoint verifies a signed checkpoint to the last byte: the log's signature, and no line that is not the verified signature of a
// member in its one form. (A note's reader may skip lines it does not know; evidence has none to skip.)
func openCheckpoint(note []byte, where string, d directory) (*ledger.Signed, *Finding) {
	c, err := textOf(note)
	if err != nil {
		return nil, bad(CodeCheckpoint, where, "%v", err)
	}
	if f := strictLines(note, where); f != nil {
		return nil, f
	}
	v, err := d.at(c.Size)
	if err != nil {
		return nil, bad(CodeSignature, where, "%v", err)
	}
	s, err := ledger.OpenSigned(note, v)
	if err != nil {
		return nil, bad(CodeSignature, where, "%v", err)
	}
	if !s.Log {
		return nil, bad(CodeSignature, where, "the convener has not signed the checkpoint as the log")
	}
	if again, err := s.Note(); err != nil || !bytes.Equal(again, note) {
		return nil, bad(CodeSignature, where, "a signature line is of no member of the ledger, or is there twice")
	}
	return s, nil
}

// strictLines holds the base64 of the signature lines to its one form: the last character of some lengths has bits that decoders ignore.
func strictLines(note []byte, where string) *Finding {
	_, lines, _ := strings.Cut(string(note), "\n\n")
	for line := range strings.Lines(lines) {
		sig := strings.TrimSuffix(line[strings.LastIndexByte(line, ' ')+1:], "\n")
		if b, err := base64.StdEncoding.Strict().DecodeString(sig); err != nil || base64.StdEncoding.EncodeToString(b) != sig {
			return bad(CodeSignature, where, "a signature line is not in its form")
		}
	}
	return nil
}

// directory knows whose signatures count on a checkpoint.
type directory struct{ st *rules.State }

// at are the keys of all members, present and past, that may have signed a checkpoint of that size: one that has left since may have cosigned it, and keys that were
// replaced before may not.
func (d directory) at(size uint64) (*ledger.Verifiers, error) {
	origin := d.st.Ledger()
	log, err := d.st.Genesis().Convener.LogVerifiers(origin)
	if err != nil {
		return nil, err
	}
	v := ledger.NewVerifiers(origin, log...)
	for _, m := range d.st.Members() {
		if m.Role == rules.RoleConvener {
			continue
		}
		for _, p := range d.st.KeysFor(m.Name, size) {
			k, err := p.CosignatureVerifiers(ledger.KeyName(origin, m.Name))
			if err != nil {
				return nil, err
			}
			v.Add(m.Name, k...)
		}
	}
	return v, nil
}

// checkMajority asks for more than half of the present payers behind a checkpoint, which makes ordinary entries final.
func checkMajority(s *ledger.Signed, st *rules.State) *Finding {
	n, all := 0, st.Payers()
	for _, p := range all {
		if s.Members[p] {
			n++
		}
	}
	if 2*n <= len(all) {
		return bad(CodeCosignatures, checkpointName, "%d of %d payers cosigned, more than half must", n, len(all))
	}
	return nil
}

// names lists who signed, the convener first, then in the order of joining.
func signers(s *ledger.Signed, st *rules.State) []string {
	var out []string
	for _, m := range st.Members() {
		if m.Role == rules.RoleConvener && s.Log || s.Members[m.Name] {
			out = append(out, m.Name)
		}
	}
	return out
}

// member returns a member, present or past.
func member(st *rules.State, name string) (identity.Public, bool) {
	for _, m := range st.Members() {
		if m.Name == name {
			return m.Public, true
		}
	}
	return identity.Public{}, false
}
