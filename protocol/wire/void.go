package wire

import (
	"errors"
	"fmt"
)

// Code is the reason of a void or a refusal, for programs.
type Code string

// The reasons for which a run is void.
const (
	Declined     Code = "declined"     // the member did not produce its vector
	Quality      Code = "quality"      // the member's data did not pass its own quality gate
	Deadline     Code = "deadline"     // a step was not finished in time
	Mismatch     Code = "mismatch"     // two commits of a step contradict each other
	Equivocation Code = "equivocation" // one member signed two commits for a step
	Malformed    Code = "malformed"    // a commit announces an object that cannot be
	Copied       Code = "copied"       // two members committed to the same object
	BadObject    Code = "object"       // an object is not what its commit announced
	BadShare     Code = "share"        // an object has the announced hash and is not valid
	Evaluation   Code = "evaluation"   // the member could not compute a step
	Spoiled      Code = "spoiled"      // the decrypted values are no integers in range
	Aborted      Code = "aborted"      // the member was stopped
	Restarted    Code = "restarted"    // the member's process ended during the run
	Restored     Code = "restored"     // the member's journal lacks what it signed
	Storage      Code = "storage"      // the member could not write its journal
)

var codes = map[Code]bool{
	Declined: true, Quality: true, Deadline: true, Mismatch: true, Equivocation: true, Malformed: true, Copied: true, BadObject: true,
	BadShare: true, Evaluation: true, Spoiled: true, Aborted: true, Restarted: true, Restored: true, Storage: true,
}

const (
	contextVoid = "tacet/void/v1"
	maxText     = 512
)

// MaxEvidence is the number of signed messages that a void may name.
const MaxEvidence = 16

// Void is a member's statement that it ends the run. Text is a sentence made
// from names, steps and hashes; it never carries an error of the data layer.
type Void struct {
	Run      string `json:"run"`
	Manifest Hash   `json:"manifest"`
	Member   string `json:"member"`
	Step     int    `json:"step"`
	Code     Code   `json:"code"`
	Text     string `json:"text"`
	Evidence []Hash `json:"evidence"` // hashes of the signed messages that show why
}

func (v *Void) check() error {
	if err := CheckRun(v.Run); err != nil {
		return err
	}
	if err := CheckMember(v.Member); err != nil {
		return err
	}
	if v.Step < 0 || v.Step > MaxStep {
		return fmt.Errorf("step %d is outside 0 to %d", v.Step, MaxStep)
	}
	if !codes[v.Code] {
		return errors.New("unknown reason code")
	}
	if v.Evidence == nil || len(v.Evidence) > MaxEvidence {
		return fmt.Errorf("a list of 0 to %d evidence hashes is needed", MaxEvidence)
	}
	return CheckText(v.Text, maxText)
}

// SignedVoid is a void with its author's signature.
type SignedVoid = Signed[Void]

// SignVoid signs v; v.Member must be the signer.
func SignVoid(s Signer, v Void) (*SignedVoid, error) {
	if v.Evidence == nil {
		v.Evidence = []Hash{}
	}
	return sign(KindVoid, contextVoid, s, v)
}

// DecodeVoid reads a payload of KindVoid strictly, without checking the
// signature: see [VerifyVoid].
func DecodeVoid(b []byte) (*SignedVoid, error) {
	s, err := open[Void](KindVoid, b)
	if err != nil {
		return nil, fmt.Errorf("void: %w", err)
	}
	return s, nil
}

// VerifyVoid checks the signature with the keys of the member it names.
func VerifyVoid(s *SignedVoid, v Verifier) error {
	if err := s.verify(contextVoid, v); err != nil {
		return fmt.Errorf("void of %s in run %s: %w", s.body.Member, s.body.Run, err)
	}
	return nil
}
