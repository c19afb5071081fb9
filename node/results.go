package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/vault"
)

const (
	tableFile       = "table.json"
	certificateFile = "certificate.json"
)

// results are the ended runs of this member, kept in runs/RUN. Safe for concurrent use.
type results struct {
	dir   *vault.Dir
	mu    sync.Mutex // guards ended and fresh
	ended map[string]admin.Run
	fresh chan struct{} // closed and replaced when a run ends
}

// openResults reads the certified runs that the directory holds.
func openResults(d *vault.Dir) (*results, error) {
	r := &results{dir: d, ended: map[string]admin.Run{}, fresh: make(chan struct{})}
	files, err := filepath.Glob(d.Path("runs", "*", certificateFile))
	if err != nil {
		return nil, fmt.Errorf("read results: %w", err)
	}
	for _, f := range files {
		folder := filepath.Dir(f)
		res := admin.Run{Run: filepath.Base(folder), State: "certified"}
		if res.Certificate, err = os.ReadFile(f); err != nil {
			return nil, fmt.Errorf("read results: %w", err)
		}
		if res.Table, err = os.ReadFile(filepath.Join(folder, tableFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("read results: %w", err) // only recipients have a table
		}
		r.ended[res.Run] = res
	}
	return r, nil
}

// end records a run. The files are durable before anybody is told.
func (r *results) end(res admin.Run) error {
	if res.State == "certified" {
		folder, err := r.dir.Folder("runs", res.Run)
		if err != nil {
			return err
		}
		if res.Table != nil {
			if err := vault.Write(filepath.Join(folder, tableFile), res.Table); err != nil {
				return err
			}
		}
		if err := vault.Write(filepath.Join(folder, certificateFile), res.Certificate); err != nil {
			return err
		}
	}
	r.tell(res)
	return nil
}

// tell lets everybody know how a run has ended.
func (r *results) tell(res admin.Run) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended[res.Run] = res
	close(r.fresh)
	r.fresh = make(chan struct{})
}

// has says whether a run's end is on record here.
func (r *results) has(run string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.ended[run]
	return ok
}

// get returns a run; with wait it returns when the run has ended here.
func (r *results) get(ctx context.Context, run string, wait bool) (admin.Run, error) {
	for {
		r.mu.Lock()
		res, ok := r.ended[run]
		fresh := r.fresh
		r.mu.Unlock()
		if ok {
			return res, nil
		}
		if !wait {
			return admin.Run{Run: run, State: "running"}, nil
		}
		select {
		case <-fresh:
		case <-ctx.Done():
			return admin.Run{}, ctx.Err()
		}
	}
}

// Certificate is certificate.json: what anybody needs to check a release table against the governance log.
type Certificate struct {
	Statement  string            `json:"statement"`  // the canonical JSON that the recipients signed, to the byte
	Signatures map[string][]byte `json:"signatures"` // by recipient, Ed25519 and ML-DSA-65
	Insecure   bool              `json:"insecure,omitempty"`
	Entry      []byte            `json:"entry"`      // the certifying log entry, signed bytes
	Index      uint64            `json:"index"`      // of the entry in the log
	Proof      []string          `json:"proof"`      // inclusion proof, base64 hashes, RFC 6962
	Checkpoint string            `json:"checkpoint"` // C2SP checkpoint with cosignatures that the proof leads to
	// Reliability is what the cells of the table say of theirs, in their order, where the run asks (audit.Marks).
	Reliability string `json:"reliability,omitempty"`
}
