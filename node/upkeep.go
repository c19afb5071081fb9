package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/replica"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node/vault"
)

const (
	ledgerFolder = "ledger"
	// begunFile says that this member has taken part with a ledger: when the ledger is gone, it was lost, and not never there.
	begunFile = "ledger.begun"
)

// lost says whether this member had a ledger that is not there any more. A convener that began an empty one would fork the log, so it does not start.
func (s *Service) lost(ledger string) (bool, error) {
	_, err := os.Stat(s.dir.Path(begunFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if _, err := os.Stat(filepath.Join(ledger, "log")); !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	if s.cfg.Role == Convener {
		return true, fmt.Errorf("the ledger of this convener is gone, and an empty one would be a fork of it: restore a snapshot, of this member's or of any other (tacet coordinator restore FILE --dir %s)", s.cfg.Dir)
	}
	return true, nil
}

// WipeLedger deletes the copy of the log of a member that does not run, and keeps what it has signed and proofs of forks. At its next start it gets everything again
// from the others. A convener's is restored instead.
func WipeLedger(dir string) error {
	return offline(dir, func(d *vault.Dir, c Config) error {
		if c.Role == Convener {
			return errors.New("a convener's ledger is not wiped but replaced: tacet coordinator restore FILE --replace")
		}
		return replica.Wipe(d.Path(ledgerFolder))
	})
}

// RestoreLedger puts a snapshot in the place of the ledger of a member that does not run; replace lets it delete one that is there. The member goes on from it, and signs
// nothing before it has again what it has signed before.
func RestoreLedger(dir string, snapshot io.Reader, replace bool) (out replica.Restored, err error) {
	err = offline(dir, func(d *vault.Dir, c Config) error {
		keys, err := identity.Load(d.Path(keysFolder))
		if err != nil {
			return err
		}
		g, err := readGenesis(d, c, keys.Public())
		if err != nil {
			return err
		}
		genesis, err := g.Canonical()
		if err != nil {
			return err
		}
		ledger, err := d.Folder(ledgerFolder)
		if err != nil {
			return err
		}
		if replace {
			if err := replica.Wipe(ledger); err != nil {
				return err
			}
		}
		if out, err = replica.RestoreSnapshot(ledger, genesis, snapshot); err != nil {
			return err
		}
		return d.Write(begunFile, nil)
	})
	return out, err
}

// offline holds the lock of a member's directory, which a running service would have.
func offline(dir string, f func(*vault.Dir, Config) error) (err error) {
	c, err := readConfig(dir)
	if err != nil {
		return err
	}
	d, err := vault.Open(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return f(d, c)
}

// Snapshot implements admin.Member. It is made in the data directory and goes when it is closed.
func (o operator) Snapshot(ctx context.Context) (io.ReadCloser, error) {
	root, err := o.s.dir.Folder("evidence")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(root, "snapshot-")
	if err != nil {
		return nil, fmt.Errorf("make a snapshot: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "snapshot"), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		short, cancel := context.WithTimeout(ctx, evidenceWait)
		err = o.s.replica.WriteSnapshot(short, f)
		cancel()
		if err == nil {
			_, err = f.Seek(0, io.SeekStart)
		}
		if err == nil {
			return &evidenceFile{f, dir}, nil
		}
		err = errors.Join(err, f.Close())
	}
	return nil, errors.Join(fmt.Errorf("make a snapshot: %w", err), os.RemoveAll(dir))
}

// recovering tells how far a member is that gets its ledger again.
func (s *Service) recovering() string {
	on, floor := s.replica.Recovering()
	if !on {
		return ""
	}
	size := uint64(0)
	s.replica.View(func(st *rules.State) { size = st.Size() })
	if floor.Size > size {
		return fmt.Sprintf("its ledger: %d of the %d entries that it has signed before are here", size, floor.Size)
	}
	return "more than half of the payers, to hear what it has signed before"
}
