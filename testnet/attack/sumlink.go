package attack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/inprocess"
	"github.com/tacet-health/tacet/protocol/link"
	"github.com/tacet-health/tacet/protocol/run/objects"
	"github.com/tacet-health/tacet/protocol/sum"
)

// Rounds over the link: real members (protocol/sum over QUIC on loopback, with journals on disk) under a convener that is a liar.

var linked = sync.OnceValues(func() (map[string]*identity.Keys, error) {
	out := map[string]*identity.Keys{}
	for _, n := range append(inprocess.Roster(5), hub) {
		k, err := identity.Generate(n)
		if err != nil {
			return nil, err
		}
		out[n] = k
	}
	return out, nil
})

// links are the members' connections to the convener.
type links struct {
	round  secagg.Round
	keys   map[string]*identity.Keys
	public map[string]identity.Public
	hub    *link.Hub
	payers map[string]*link.Payer
	dir    string
}

func newLinks(r secagg.Round) (l *links, err error) {
	l = &links{round: r, public: map[string]identity.Public{}, payers: map[string]*link.Payer{}}
	if l.keys, err = linked(); err != nil {
		return nil, err
	}
	if l.dir, err = os.MkdirTemp("", "tacet-attack-"); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	directory := link.NewDirectory()
	options := func(name string) (link.Options, error) {
		l.public[name] = l.keys[name].Public()
		directory.Set(link.Member{Name: name, Pin: l.public[name].TLSPin})
		cert, err := l.keys[name].TLSCertificate()
		return link.Options{Name: name, Certificate: cert, Directory: directory, ReconnectMin: time.Millisecond, ReconnectMax: 20 * time.Millisecond}, err
	}
	o, err := options(hub)
	if err == nil {
		l.hub, err = link.Listen("127.0.0.1:0", o)
	}
	for _, n := range r.Members {
		if err == nil {
			if o, err = options(n); err == nil {
				l.payers[n], err = link.NewPayer(hub, l.hub.Addr(), o)
			}
		}
	}
	if err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *links) close() {
	for _, p := range l.payers {
		p.Close()
	}
	if l.hub != nil {
		l.hub.Close()
	}
	os.RemoveAll(l.dir)
}

// signing is a member's, with the keys of the member directory.
func (l *links) signing(name string) secagg.Signing {
	return secagg.Signing{Sign: l.keys[name].Sign, Verify: func(member, context string, msg, sig []byte) error {
		p, ok := l.public[member]
		if !ok {
			return errors.New("no such member")
		}
		return p.Verify(context, msg, sig)
	}}
}

// open lets a member's journal be read again after a crash; the seal is not attacked here.
var open = &objects.Sealing{Seal: func(b []byte) ([]byte, error) { return slices.Clone(b), nil }, Open: func(b []byte) ([]byte, error) { return slices.Clone(b), nil }}

func (l *links) folder(name string) string { return filepath.Join(l.dir, name) }

// part is a member's real part.
func (l *links) part(name string) sum.Part {
	return sum.Part{
		Keys: l.keys[name], Members: l.public, Endpoint: l.payers[name], Convener: hub, Round: l.round, Dir: l.folder(name), Sealing: open,
		Vector: func(context.Context) ([]int64, error) { return inputs(name), nil },
	}
}

// life is one life of several members: why each ended, when the wait is over.
type life struct {
	wg   sync.WaitGroup
	stop context.CancelFunc
	errs locked[map[string]error]
}

func (l *links) live(ctx context.Context, change func(*sum.Part), names ...string) *life {
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	f := &life{stop: stop}
	f.errs.v = map[string]error{}
	for _, n := range names {
		p := l.part(n)
		if change != nil {
			change(&p)
		}
		f.wg.Go(func() {
			_, err := sum.Take(ctx, p)
			f.errs.do(func(m *map[string]error) { (*m)[n] = err })
		})
	}
	return f
}

// wait waits until all have ended by themselves.
func (f *life) wait() map[string]error {
	f.wg.Wait()
	f.stop()
	return f.errs.v
}

// kill ends them where they are.
func (f *life) kill() {
	f.stop()
	f.wg.Wait()
}

// shown reads what a member was shown and has kept in its journal.
func (l *links) shown(member, file string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(l.folder(member), file))
	if err != nil {
		return nil, fmt.Errorf("%s has no evidence: %w", member, err)
	}
	return b, nil
}

// judged is what somebody who holds nothing but public keys says about two pieces of evidence.
func (l *links) judged(a, b []byte) (string, error) {
	what, ok := sum.Convicts(l.round, l.signing("m04"), hub, a, b)
	if !ok {
		return "", errors.New("the evidence proves nothing")
	}
	return "evidence, judged with public keys: " + what, nil
}

// judge takes a member's own evidence folder.
func (l *links) judge(member string, attempt int) (string, error) {
	name := fmt.Sprintf("evidence/%s.attempt-%d", hub, attempt)
	a, err := l.shown(member, name+".1")
	if err != nil {
		return "", err
	}
	b, _ := os.ReadFile(filepath.Join(l.folder(member), name+".2")) // one piece can be enough
	return l.judged(a, b)
}
