package wire

import (
	"errors"
	"fmt"
)

// Limits of a commit's numbers.
const (
	MaxStep = 255
	MaxSize = int64(1) << 36
)

const contextCommit = "tacet/commit/v1"

// Commit is a member's statement at the start of a step, before any object of
// that step is revealed.
type Commit struct {
	Run        string `json:"run"`
	Manifest   Hash   `json:"manifest"`   // hash of the authorising manifest
	Step       int    `json:"step"`       // position in the run's sequence of steps
	Member     string `json:"member"`     // the author
	Transcript Hash   `json:"transcript"` // digest of all commits of all steps before
	State      Hash   `json:"state"`      // what the author computed itself; equal for all
	Object     Hash   `json:"object"`     // SHA-256 of the object it will reveal; zero: none
	Size       int64  `json:"size"`       // the object's bytes
}

func (c *Commit) check() error {
	if err := CheckRun(c.Run); err != nil {
		return err
	}
	if err := CheckMember(c.Member); err != nil {
		return err
	}
	if c.Step < 0 || c.Step > MaxStep {
		return fmt.Errorf("step %d is outside 0 to %d", c.Step, MaxStep)
	}
	if c.Size < 0 || c.Size > MaxSize {
		return fmt.Errorf("an object of %d bytes, allowed are 0 to %d", c.Size, MaxSize)
	}
	if c.Size > 0 && c.Object == (Hash{}) {
		return errors.New("an object without a hash")
	}
	return nil
}

// SignedCommit is a commit with its author's signature.
type SignedCommit = Signed[Commit]

// SignCommit signs c; c.Member must be the signer.
func SignCommit(s Signer, c Commit) (*SignedCommit, error) {
	return sign(KindCommit, contextCommit, s, c)
}

// DecodeCommit reads a payload of KindCommit strictly. The signature is not
// checked: see [VerifyCommit].
func DecodeCommit(b []byte) (*SignedCommit, error) {
	s, err := open[Commit](KindCommit, b)
	if err != nil {
		return nil, fmt.Errorf("commit: %w", err)
	}
	return s, nil
}

// VerifyCommit checks the signature with the keys of the member it names.
func VerifyCommit(s *SignedCommit, v Verifier) error {
	if err := s.verify(contextCommit, v); err != nil {
		return fmt.Errorf("commit of %s for step %d of run %s: %w", s.body.Member, s.body.Step, s.body.Run, err)
	}
	return nil
}
