package driver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/run/lockstep"
	"github.com/tacet-health/tacet/protocol/run/objects"
	"github.com/tacet-health/tacet/protocol/wire"
)

// ErrRestored says that the member's folder is older than what it has signed.
var ErrRestored = errors.New("this directory is older than what you have already signed")

var errLost = errors.New("the sealed journal of this run cannot be used, and the key share is lost with it; start a new run")

func restored(name string, step fmt.Stringer) error {
	return fmt.Errorf("%w in run %s, step %s: do not use it; the run is void; start a new run", ErrRestored, name, step)
}

const (
	sealedFile    = "secrets.sealed"
	sealedVersion = 1
)

// sealed is the content of the sealed file. The length of Steps is the counter
// of the steps that this member has done.
type sealed struct {
	Version  int               `json:"version"`
	Run      string            `json:"run"`
	Manifest wire.Hash         `json:"manifest"`
	Member   string            `json:"member"`
	Secrets  *lockstep.Secrets `json:"secrets"` // as they are after the last of Steps
	Steps    []done            `json:"steps"`
	// Table is the release table that a recipient has signed in certify: it is worth
	// keeping when the log certifies the run and this member was not there to see it.
	Table []byte `json:"table,omitempty"`
}

// done is what the member commits to in a step: all that a second life needs to
// say the same again.
type done struct {
	State  wire.Hash `json:"state"`
	Object wire.Hash `json:"object"` // in Prepare the commitment to the vector
	Size   int64     `json:"size"`   // of the object's file, 0: none
}

// record makes a step's outcome durable, its object being durable already. A
// crash before the rename leaves an object that nobody has seen and no trace of
// the share having been made: the next life makes the same one. After it, the
// share is never made again.
func (j *journal) record(s run.Step, d done, secrets *lockstep.Secrets, table []byte) error {
	if s.Index != len(j.done) {
		return fmt.Errorf("journal: step %s follows %d steps", s, len(j.done))
	}
	plain, err := json.Marshal(sealed{
		Version: sealedVersion, Run: j.manifest.Run, Manifest: j.manifest.Hash, Member: j.keys.Name(), Secrets: secrets, Steps: append(j.done, d), Table: table,
	})
	if err != nil {
		return errors.New("journal: the secrets cannot be encoded") // the encoder's text could quote them
	}
	defer clear(plain)
	box, err := j.sealing.Seal(plain)
	if err != nil {
		return fmt.Errorf("journal: seal: %w", err)
	}
	if err := objects.Replace(filepath.Join(j.dir, sealedFile), box); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	j.done = append(j.done, d)
	return nil
}

// resume reads what an earlier life left. Errors other than ErrRestored and
// errLost are of the disk: trying again may help.
func (j *journal) resume() error {
	if err := j.readCommits(); err != nil {
		return err
	}
	s, err := j.open()
	switch {
	case errors.Is(err, fs.ErrNotExist) && len(j.commits) == 0:
		return nil // nothing was signed: what the first life drew is as if it had never been
	case errors.Is(err, fs.ErrNotExist):
		return errLost
	case err != nil:
		return err
	}
	if s.Run != j.manifest.Run || s.Manifest != wire.Hash(j.manifest.Hash) || s.Member != j.keys.Name() || len(s.Steps) > len(j.steps) {
		s.Secrets.Wipe()
		return fmt.Errorf("%w: it belongs to another run or member", errLost)
	}
	j.done, j.secrets = s.Steps, s.Secrets
	return j.consistent()
}

// replay takes the place of resume for the convener: what it has committed to is
// in its statements, and everything else is computed again from the board.
func (j *journal) replay() error {
	if err := j.readCommits(); err != nil {
		return err
	}
	for _, c := range j.commits {
		b := c.Body()
		j.done = append(j.done, done{State: b.State, Object: b.Object, Size: b.Size})
	}
	return j.consistent()
}

// open reads the sealed file. Errors are of the disk, or errLost.
func (j *journal) open() (*sealed, error) {
	box, err := os.ReadFile(filepath.Join(j.dir, sealedFile))
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	plain, err := j.sealing.Open(box)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errLost, err)
	}
	defer clear(plain)
	s := new(sealed)
	d := json.NewDecoder(bytes.NewReader(plain))
	d.DisallowUnknownFields()
	if d.Decode(s) != nil || s.Version != sealedVersion || s.Secrets == nil {
		s.Secrets.Wipe()
		return nil, fmt.Errorf("%w: it is not in the form it was written in", errLost) // the decoder's text could quote it
	}
	return s, nil
}

// consistent holds the parts of the journal against each other: a step is
// recorded before its commit exists, and its object before that. Parts of
// different ages come from a copy.
func (j *journal) consistent() error {
	if n := len(j.commits); n > len(j.done) {
		return restored(j.manifest.Run, j.steps[n-1])
	} else if n+1 < len(j.done) {
		return restored(j.manifest.Run, j.steps[len(j.done)-1])
	}
	for i, d := range j.done {
		if i < len(j.commits) {
			if b := j.commits[i].Body(); b.State != d.State || b.Object != d.Object || b.Size != d.Size {
				return restored(j.manifest.Run, j.steps[i])
			}
		}
		if d.Size == 0 {
			continue
		}
		list, n, err := objects.ListOf(j.object(j.steps[i]))
		if errors.Is(err, fs.ErrNotExist) || err == nil && (n != d.Size || list.Hash(n) != d.Object) {
			return restored(j.manifest.Run, j.steps[i])
		}
		if err != nil {
			return fmt.Errorf("journal: %w", err)
		}
	}
	return nil
}

// readCommits reads the member's own statements, step by step up to the first
// that is missing; one beyond that is a sign of a copy.
func (j *journal) readCommits() error {
	for _, s := range j.steps {
		b, err := os.ReadFile(j.commitFile(s))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("journal: %w", err)
		}
		c, err := wire.DecodeCommit(b)
		if err == nil {
			err = wire.VerifyCommit(c, j.keys.Public())
		}
		if err != nil {
			return fmt.Errorf("%w: %w", errLost, err)
		}
		if s.Index != len(j.commits) || c.Body().Step != s.Index || c.Body().Run != j.manifest.Run || c.Body().Manifest != wire.Hash(j.manifest.Hash) {
			return restored(j.manifest.Run, s)
		}
		j.commits = append(j.commits, c)
	}
	return nil
}
