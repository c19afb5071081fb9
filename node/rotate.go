package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/vault"
	"github.com/tacet-health/tacet/protocol/link"
)

// A rotation replaces all keys of a running member. The folder keys.next is the intent: while it is there, the member works towards it, over restarts.
//
//	keys.next        the new keys; made and fsynced before anything is signed
//	member.rotate    signed with the old keys and the new ones; from it on every node takes the new ones alone, on the link, in the log, under checkpoints
//	keys → keys.old, keys.next → keys, and the service begins again with them
//	keys.old         goes when the log here has the entry
//
// The convener cuts this member's connection off as soon as it has the entry, so the member may learn only by trying that its new keys count: while it is
// not connected, it tries them. A crash between the two renames leaves no folder keys; the next start finishes.
const (
	nextFolder   = "keys.next"
	oldFolder    = "keys.old"
	rotatedFile  = "rotated" // in a folder of keys that are not the first: then the genesis may name others
	rotationLook = 500 * time.Millisecond
)

// rotation is what a service knows of its own. Safe for concurrent use.
type rotation struct {
	once    sync.Once
	renewed chan struct{} // closed when the keys on disk are not this service's any more
	mu      sync.Mutex    // guards next
	next    string        // fingerprint of the keys that shall follow; empty when no rotation is under way
}

// Renewed is closed when the member's keys have been rotated: close the service and start it again, and it has the new ones.
func (s *Service) Renewed() <-chan struct{} { return s.rotation.renewed }

// Rotate implements admin.Membership. It returns when the new keys are on disk; the rest follows by itself.
func (o operator) Rotate() (admin.Rotation, error) {
	s := o.s
	if s.cfg.Role == Convener {
		return admin.Rotation{}, errors.New("the convener's key is the log's own, fixed in the genesis; a ledger with another one is another ledger")
	}
	s.rotation.mu.Lock()
	defer s.rotation.mu.Unlock()
	next, err := s.nextKeys()
	if errors.Is(err, fs.ErrNotExist) {
		if next, err = identity.Generate(s.cfg.Name); err != nil {
			return admin.Rotation{}, err
		}
		if err := s.mayRotate(next); err != nil {
			return admin.Rotation{}, err
		}
		if err = next.Save(s.dir.Path(nextFolder)); err == nil {
			err = s.dir.Write(nextFolder+"/"+rotatedFile, []byte("after "+s.keys.Public().Fingerprint()+"\n"))
		}
	}
	if err != nil {
		return admin.Rotation{}, fmt.Errorf("make new keys: %w", err)
	}
	if s.rotation.next == "" {
		s.rotation.next = next.Public().Fingerprint()
		s.log.Info("the member's keys are being rotated", "to", next.Public().Fingerprint())
		s.wg.Go(func() { s.rotate(s.life, next) })
	}
	return admin.Rotation{Fingerprint: next.Public().Fingerprint()}, nil
}

// mayRotate asks the rules beforehand, so that an operator hears at once what stands against it.
func (s *Service) mayRotate(next *identity.Keys) error {
	body, err := s.rotateBody(next)
	if err != nil {
		return err
	}
	raw, err := entry.Canonical(body)
	if err != nil {
		return err
	}
	var r *rules.Refusal
	s.replica.View(func(st *rules.State) { r = st.Preview(s.cfg.Name, rules.KindMemberRotate, raw) })
	if r != nil {
		return refusal(r)
	}
	return nil
}

func (s *Service) rotateBody(next *identity.Keys) (rules.MemberRotate, error) {
	statement, err := rules.RotateStatement(s.genesis.Ledger, s.keys.Public(), next.Public())
	if err != nil {
		return rules.MemberRotate{}, err
	}
	return rules.MemberRotate{Member: next.Public(), Proof: next.Sign(rules.RotateContext, statement)}, nil
}

// nextKeys are the keys of a rotation that has begun; fs.ErrNotExist without one.
func (s *Service) nextKeys() (*identity.Keys, error) {
	if _, err := os.Stat(s.dir.Path(nextFolder, rotatedFile)); err != nil {
		if errors.Is(err, fs.ErrNotExist) { // it is written last: nothing was signed with what is there
			err = errors.Join(err, os.RemoveAll(s.dir.Path(nextFolder)))
		}
		return nil, err
	}
	return identity.Load(s.dir.Path(nextFolder))
}

// resumeRotation goes on with a rotation that a restart has interrupted, and clears the old keys away when the log knows of it.
func (s *Service) resumeRotation(ctx context.Context) {
	if _, err := os.Stat(s.dir.Path(nextFolder)); err == nil {
		if _, err := (operator{s}).Rotate(); err != nil {
			s.log.Error("the rotation of keys does not go on", "error", err)
		}
		return
	}
	if _, err := os.Stat(s.dir.Path(oldFolder)); err != nil {
		return
	}
	if s.replica.Wait(ctx, func(st *rules.State) bool { return s.logHas(st, s.keys) }) == nil {
		if err := os.RemoveAll(s.dir.Path(oldFolder)); err != nil {
			s.log.Error("the replaced keys are still on disk", "folder", s.dir.Path(oldFolder), "error", err)
		}
	}
}

func (s *Service) logHas(st *rules.State, k *identity.Keys) bool {
	m, ok := st.Member(s.cfg.Name)
	return ok && m.Public.Equal(k.Public())
}

// rotate brings the entry into the log and ends this service when the new keys count.
func (s *Service) rotate(ctx context.Context, next *identity.Keys) {
	look := time.NewTicker(rotationLook)
	defer look.Stop()
	for ctx.Err() == nil {
		in := false
		s.replica.View(func(st *rules.State) { in = s.logHas(st, next) })
		if !in && s.payer.Connected() {
			in = s.proposeRotation(ctx, next) == nil
		}
		if in || !s.payer.Connected() && s.accepted(ctx, next) {
			if err := s.adopt(); err != nil {
				s.log.Error("the new keys cannot be put in place; the next start tries again", "error", err)
			}
			s.log.Info("the member's keys are rotated; the service begins again", "fingerprint", next.Public().Fingerprint())
			s.rotation.once.Do(func() { close(s.rotation.renewed) })
			return
		}
		select {
		case <-look.C:
		case <-ctx.Done():
		}
	}
}

func (s *Service) proposeRotation(ctx context.Context, next *identity.Keys) error {
	body, err := s.rotateBody(next)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*heartbeat) // the answer is lost with the connection as a rule
	defer cancel()
	_, err = s.replica.Propose(ctx, rules.KindMemberRotate, body)
	if err != nil {
		s.log.Info("the rotation of keys waits", "reason", err)
	}
	return err
}

// accepted says whether the convener takes a connection with these keys: it does for those that its log has, and no others.
func (s *Service) accepted(ctx context.Context, k *identity.Keys) bool {
	ctx, cancel := context.WithTimeout(ctx, smallTalk)
	defer cancel()
	cert, err := k.TLSCertificate()
	if err != nil {
		return false
	}
	ctx, refuse := context.WithCancelCause(ctx)
	defer refuse(nil)
	var why reasons
	p, err := link.NewPayer(s.cfg.Convener, s.cfg.Address, link.Options{
		Name: s.cfg.Name, Certificate: cert, Log: slog.New(&why), Transport: s.cfg.Transport,
		Directory: link.NewDirectory(link.Member{Name: s.cfg.Convener, Pin: s.genesis.Convener.TLSPin}),
	})
	if err != nil {
		return false
	}
	defer p.Close()
	why.tell(func(reason string) { refuse(errors.New(reason)) }) // the first refusal is enough; it is asked again
	return p.WaitConnected(ctx) == nil
}

// adopt puts keys.next in the place of keys.
func (s *Service) adopt() error {
	if sealing, err := os.ReadFile(s.dir.Path(keysFolder, sealingFile)); err == nil {
		err = s.dir.Write(nextFolder+"/"+sealingFile, sealing)
		clear(sealing)
		if err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.RemoveAll(s.dir.Path(oldFolder)); err != nil {
		return err
	}
	if err := os.Rename(s.dir.Path(keysFolder), s.dir.Path(oldFolder)); err != nil {
		return err
	}
	return finishRotation(s.dir)
}

// finishRotation makes the second rename, if the first was made.
func finishRotation(d *vault.Dir) error {
	if _, err := os.Stat(d.Path(keysFolder)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(d.Path(nextFolder), d.Path(keysFolder)); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // there are no keys at all, which loading them says
		}
		return err
	}
	return vault.SyncFolder(d.Path())
}

// wasRotated says whether the member's keys are not its first.
func wasRotated(d *vault.Dir) bool {
	_, err := os.Stat(d.Path(keysFolder, rotatedFile))
	return err == nil
}
