package driver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/run/lockstep"
	"github.com/tacet-health/tacet/protocol/run/objects"
	"github.com/tacet-health/tacet/protocol/wire"
)

// ErrEnded says that this member has seen the run end already.
var ErrEnded = errors.New("the run has ended for this member")

const (
	endedFile   = "ended"
	outcomeFile = "outcome.json"
)

// journal is a member's folder of one run.
type journal struct {
	dir      string
	manifest *run.Manifest
	keys     *identity.Keys
	steps    []run.Step
	sealing  *objects.Sealing // nil: the secrets are in memory only
	public   bool             // the convener's: there is no secret in it
	again    bool             // an earlier life has begun it

	// Of lives before this one.
	commits []*wire.SignedCommit // own, by step
	secrets *lockstep.Secrets
	lost    wire.Code // why the run cannot be continued, and the reason
	why     error

	done []done // by step; the computing goroutine's
}

// openJournal makes the run's folder, or finds what an earlier life left in it.
func openJournal(c Config) (*journal, error) {
	name := c.Manifest.Run
	if err := wire.CheckRun(name); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("run %s: journal: %w", name, err)
	}
	j := &journal{
		dir: filepath.Join(c.Dir, name), manifest: c.Manifest, keys: c.Keys, sealing: c.Sealing, steps: run.Sequence(len(c.Manifest.Plan.Stages())),
		public: c.Keys.Name() == c.Manifest.Convener,
	}
	err := os.Mkdir(j.dir, 0o700)
	if err == nil {
		return j, objects.SyncFolder(c.Dir) // or a crash forgets the folder with all that is in it
	}
	if !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("run %s: journal: %w", name, err)
	}
	how, err := os.ReadFile(filepath.Join(j.dir, endedFile))
	if err == nil { // the life before may have died between its end and this
		return nil, errors.Join(fmt.Errorf("run %s: %w (%s); start a new run", name, ErrEnded, strings.TrimSpace(string(how))), j.erase())
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("run %s: journal: %w", name, err)
	}
	j.again = true
	resume := j.resume
	if j.public {
		resume = j.replay
	}
	if !j.public && j.sealing == nil {
		j.lost = wire.Restarted
	} else if err := resume(); errors.Is(err, ErrRestored) {
		j.lost, j.why = wire.Restored, err
	} else if errors.Is(err, errLost) {
		j.lost, j.why = wire.Restarted, err
	} else if err != nil {
		return nil, fmt.Errorf("run %s: %w", name, err)
	}
	if j.lost != "" {
		j.secrets.Wipe()
		j.commits, j.done, j.secrets = nil, nil, nil
	}
	// Nothing of the old life may be sent again but what it has recorded.
	return j, j.clean(len(j.done))
}

func (j *journal) object(s run.Step) string { return filepath.Join(j.dir, s.String()+".object") }

func (j *journal) commitFile(s run.Step) string { return filepath.Join(j.dir, s.String()+".commit") }

func (j *journal) fetched(s run.Step, member string) string {
	return filepath.Join(j.dir, s.String()+"."+member+".fetched")
}

// spill is the folder of what waits for its turn when memory is bounded. It is of no
// use to the next life, which computes it again.
func (j *journal) spill() string { return filepath.Join(j.dir, "spill") }

// commit makes the member's statement durable. A crash before this line: the
// statement never existed. After it: the next life knows that it may exist.
func (j *journal) commit(c *wire.SignedCommit, s run.Step) error {
	return objects.Write(j.commitFile(s), c.Bytes())
}

// evidence writes the signed messages that show why a run is void, and returns
// the files.
func (j *journal) evidence(es []run.Evidence) ([]string, error) {
	if len(es) == 0 {
		return nil, nil
	}
	dir := filepath.Join(j.dir, "evidence")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("keep evidence: %w", err)
	}
	var files []string
	for _, e := range es {
		kind := "commit"
		if e.Kind == wire.KindVoid {
			kind = "void"
		}
		path := filepath.Join(dir, fmt.Sprintf("%s-%s-%d-%s.json", kind, e.Member, e.Step, e.Hash.Short()))
		if err := objects.Write(path, e.Message); err != nil {
			return files, fmt.Errorf("keep evidence: %w", err)
		}
		files = append(files, path)
	}
	return files, nil
}

// end closes the journal: the statements of all members, the outcome, and the
// file that tells a later life that there is nothing to do. A crash before the
// last leads to the same end again.
func (j *journal) end(commits []*wire.SignedCommit, o *run.Outcome, how string) error {
	var b bytes.Buffer
	for _, c := range commits {
		b.Write(c.Bytes())
		b.WriteByte('\n')
	}
	outcome, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("keep the outcome: %w", err)
	}
	return errors.Join(
		objects.Write(filepath.Join(j.dir, "commits.jsonl"), b.Bytes()),
		objects.Write(filepath.Join(j.dir, outcomeFile), outcome),
		objects.Write(filepath.Join(j.dir, endedFile), []byte(how+"\n")),
	)
}

// erase ends the life of the secrets on disk, and leaves no object.
func (j *journal) erase() error {
	return errors.Join(
		objects.Erase(filepath.Join(j.dir, sealedFile)),
		j.clean(0),
	)
}

// clean deletes the objects of all but the first steps: own ones that may never
// have been revealed; and, when none is kept, what was fetched.
func (j *journal) clean(keep int) error {
	errs := []error{objects.Erase(filepath.Join(j.dir, sealedFile+".tmp")), os.RemoveAll(j.spill())}
	kept := map[string]bool{}
	for _, s := range j.steps[:keep] {
		kept[j.object(s)] = true
	}
	patterns := []string{"*.object", "*.tmp"}
	if keep == 0 { // a life that goes on needs what it has fetched again, whole or in part
		patterns = append(patterns, "*.fetched", "*.fetched.part")
	}
	for _, pattern := range patterns {
		files, _ := filepath.Glob(filepath.Join(j.dir, pattern))
		for _, f := range files {
			if !kept[f] {
				errs = append(errs, os.Remove(f))
			}
		}
	}
	return errors.Join(append(errs, objects.SyncFolder(j.dir))...)
}

// Past returns how a run ended that this member has seen the end of: what a node
// needs that died before it could act on it. Times and evidence are as of then.
func Past(dir, name string) (*run.Outcome, error) {
	if err := wire.CheckRun(name); err != nil {
		return nil, err
	}
	b, err := os.ReadFile(filepath.Join(dir, name, outcomeFile))
	if err != nil {
		return nil, fmt.Errorf("run %s: outcome: %w", name, err)
	}
	var o run.Outcome
	if err := json.Unmarshal(b, &o); err != nil {
		return nil, fmt.Errorf("run %s: outcome: %w", name, err)
	}
	return &o, nil
}

// Remains are what is worth keeping of a run that ended while a member was away.
type Remains struct {
	Salt  []byte // of the member's commitment to its vector
	Table []byte // that it had signed as a recipient; of worth when its hash is in a certificate
}

// Close ends a run that ended while this member was away: secrets and objects
// are erased, and no later life goes on. It returns what the journal had to be
// kept. A run without a folder is closed.
func Close(dir, name, how string, s *objects.Sealing) (r Remains, err error) {
	if err := wire.CheckRun(name); err != nil {
		return r, err
	}
	j := &journal{dir: filepath.Join(dir, name), sealing: s}
	if _, err := os.Stat(j.dir); errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if s != nil {
		if c, err := j.open(); err == nil {
			r = Remains{Salt: c.Secrets.Salt, Table: c.Table}
			c.Secrets.Wipe()
		}
	}
	if _, err := os.Stat(filepath.Join(j.dir, endedFile)); errors.Is(err, fs.ErrNotExist) {
		if err := objects.Write(filepath.Join(j.dir, endedFile), []byte(how+"\n")); err != nil {
			return r, fmt.Errorf("run %s: close the journal: %w", name, err)
		}
	}
	if err := j.erase(); err != nil {
		return r, fmt.Errorf("run %s: close the journal: %w", name, err)
	}
	return r, nil
}
