package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/rules"
)

// evidenceWait bounds the wait for cosignatures on the newest checkpoint; a majority of the payers is enough to go on without the rest.
const evidenceWait = 10 * time.Second

// Evidence implements admin.Member. The bundle is made in the data directory, which needs as much space again as the log, and goes when it is closed: whatever
// a crash leaves in evidence/ can be deleted. What does not verify is not handed out.
func (o operator) Evidence(ctx context.Context) (io.ReadCloser, error) {
	s := o.s
	root, err := s.dir.Folder("evidence")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(root, "bundle-")
	if err != nil {
		return nil, fmt.Errorf("make evidence: %w", err)
	}
	f, err := s.evidence(ctx, dir)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make evidence: %w", err), os.RemoveAll(dir))
	}
	return &evidenceFile{f, dir}, nil
}

// evidenceFile is a finished bundle with the folder it was made in.
type evidenceFile struct {
	*os.File
	dir string
}

// Close also removes the folder.
func (e *evidenceFile) Close() error { return errors.Join(e.File.Close(), os.RemoveAll(e.dir)) }

func (s *Service) evidence(ctx context.Context, dir string) (*os.File, error) {
	s.settle(ctx)
	export := filepath.Join(dir, "log")
	if err := s.replica.Export(export); err != nil {
		return nil, err
	}
	received := true
	bundle, err := audit.Build(os.DirFS(export), func(run, name string) ([]byte, error) {
		b, err := os.ReadFile(s.dir.Path("runs", run, name))
		if errors.Is(err, fs.ErrNotExist) {
			received = received && name != tableFile
			return nil, nil
		}
		return b, err
	})
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, "evidence.zip"), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err := writeEvidence(f, bundle, !received); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// writeEvidence writes the bundle, verifies what was written, and leaves f at its beginning. partial lets tables be missing that this member did
// not receive.
func writeEvidence(f *os.File, b *audit.Bundle, partial bool) error {
	if err := b.Write(f); err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if b, err = audit.Open(f, size); err != nil {
		return err
	}
	res, err := audit.Verify(b, audit.Options{Partial: partial})
	if err != nil {
		return err
	}
	if !res.Verified {
		return fmt.Errorf("the log does not verify yet, try again when more members are connected: %w", &res.Findings[0])
	}
	_, err = f.Seek(0, io.SeekStart)
	return err
}

// settle waits a little until every payer has cosigned what is in the log now, so that the bundle carries as many signatures as it can.
func (s *Service) settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, evidenceWait)
	defer cancel()
	var all []string
	var last uint64
	s.replica.View(func(st *rules.State) { all, last = append(st.Payers(), st.Convener()), st.Size()-1 })
	if _, err := s.replica.WaitCosigned(ctx, last, all); err != nil {
		s.log.Warn("evidence is made without the cosignatures of all payers", "error", err)
	}
}
