package driver

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/run/objects"
	"github.com/tacet-health/tacet/protocol/wire"
)

// ErrEnded says that this member has seen the run end already.
var ErrEnded = errors.New("the run has ended for this member")

const endedFile = "ended"

// journal is a member's folder of one run.
type journal struct {
	dir       string
	restarted bool // a life before this one did not end the run
}

func openJournal(parent, name string) (*journal, error) {
	if err := wire.CheckRun(name); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return nil, fmt.Errorf("run %s: journal: %w", name, err)
	}
	j := &journal{dir: filepath.Join(parent, name)}
	err := os.Mkdir(j.dir, 0o700)
	if err == nil {
		return j, nil
	}
	if !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("run %s: journal: %w", name, err)
	}
	// Either way nothing of the old life may be sent again.
	if err := j.clean(); err != nil {
		return nil, err
	}
	how, err := os.ReadFile(filepath.Join(j.dir, endedFile))
	if err == nil {
		return nil, fmt.Errorf("run %s: %w (%s); start a new run", name, ErrEnded, strings.TrimSpace(string(how)))
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("run %s: journal: %w", name, err)
	}
	j.restarted = true
	return j, nil
}

func (j *journal) object(s run.Step) string { return filepath.Join(j.dir, s.String()+".object") }

func (j *journal) fetched(s run.Step, member string) string {
	return filepath.Join(j.dir, s.String()+"."+member+".fetched")
}

// commit makes the member's statement durable. A crash before this line: the
// statement never existed. After it: the next life knows that it may exist.
func (j *journal) commit(c *wire.SignedCommit, s run.Step) error {
	return objects.Write(filepath.Join(j.dir, s.String()+".commit"), c.Bytes())
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

// end closes the journal: the statements of all members, no object left, and
// last the file that tells a later life that there is nothing to do.
func (j *journal) end(commits []*wire.SignedCommit, how string) error {
	var b bytes.Buffer
	for _, c := range commits {
		b.Write(c.Bytes())
		b.WriteByte('\n')
	}
	return errors.Join(
		objects.Write(filepath.Join(j.dir, "commits.jsonl"), b.Bytes()),
		j.clean(),
		objects.Write(filepath.Join(j.dir, endedFile), []byte(how+"\n")),
	)
}

// clean deletes objects: own ones that may never have been revealed, and half
// downloads.
func (j *journal) clean() error {
	var errs []error
	for _, pattern := range []string{"*.object", "*.fetched", "*.tmp"} {
		files, _ := filepath.Glob(filepath.Join(j.dir, pattern))
		for _, f := range files {
			errs = append(errs, os.Remove(f))
		}
	}
	return errors.Join(errs...)
}
