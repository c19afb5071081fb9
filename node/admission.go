package node

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/node/invitation"
	"github.com/tacet-health/tacet/node/vault"
	"github.com/tacet-health/tacet/protocol/link"
)

const (
	admissionFolder = "admission"
	maxInvitations  = 64
	maxInvitedFor   = 7 * 24 * time.Hour
	// memory is how long after its expiry an invitation is remembered, so that who comes too late is told so and not just turned away.
	memory = 24 * time.Hour
)

// invited is one invitation as the convener keeps it: DIR/admission/NAME.json. Of the secret it has the hash of the key made from it.
type invited struct {
	Name     string           `json:"name"` // on the link
	Member   string           `json:"member"`
	Role     string           `json:"role"`
	Pin      string           `json:"pin"`
	Expires  time.Time        `json:"expires"`
	Public   *identity.Public `json:"public"`   // what the invited node submitted
	Approved bool             `json:"approved"` // by the convener's operator, by fingerprint
}

// admission is the convener's book of invitations. Safe for concurrent use.
type admission struct {
	dir       *vault.Dir
	directory *link.Directory // invited nodes connect with the invitation's key

	mu   sync.Mutex // guards book, and the files
	book map[string]*invited
}

func openAdmission(d *vault.Dir, directory *link.Directory, now time.Time) (*admission, error) {
	a := &admission{dir: d, directory: directory, book: map[string]*invited{}}
	if _, err := d.Folder(admissionFolder); err != nil {
		return nil, err
	}
	files, err := filepath.Glob(d.Path(admissionFolder, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("read invitations: %w", err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, fmt.Errorf("read invitations: %w", err)
		}
		var i invited
		if err := json.Unmarshal(b, &i); err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		pin, err := hex.DecodeString(i.Pin)
		if err != nil || len(pin) != sha256.Size || !strings.HasPrefix(i.Name, invitation.Prefix) {
			return nil, fmt.Errorf("%s is damaged: delete it and invite %s again", f, i.Member)
		}
		if i.Public == nil && now.After(i.Expires.Add(memory)) {
			if err := os.Remove(f); err != nil {
				return nil, fmt.Errorf("forget an expired invitation: %w", err)
			}
			continue
		}
		a.admit(&i, [32]byte(pin))
	}
	return a, nil
}

func (a *admission) admit(i *invited, pin [32]byte) {
	a.book[i.Name] = i
	a.directory.Set(link.Member{Name: i.Name, Pin: pin})
}

// issue keeps a new invitation. An older one of the same member that nobody's keys were approved for is withdrawn.
func (a *admission) issue(i invitation.Invitation, now time.Time) error {
	_, pin, err := i.Certificate()
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for name, old := range a.book {
		switch {
		case old.Member == i.Member && old.Approved:
			return fmt.Errorf("%s has been approved already; see tacet coordinator status", i.Member)
		case old.Member == i.Member, old.Public == nil && now.After(old.Expires.Add(memory)):
			if err := a.forget(name); err != nil {
				return err
			}
		}
	}
	if len(a.book) >= maxInvitations {
		return fmt.Errorf("%d invitations are open, the most there can be", len(a.book))
	}
	n := &invited{Name: i.Name(), Member: i.Member, Role: i.Role, Pin: hex.EncodeToString(pin[:]), Expires: i.Expires}
	if err := a.keep(n); err != nil {
		return err
	}
	a.admit(n, pin)
	return nil
}

// keep makes an invitation durable. The caller holds mu.
func (a *admission) keep(i *invited) error {
	b, err := json.MarshalIndent(i, "", "  ")
	if err != nil {
		return fmt.Errorf("keep invitation of %s: %w", i.Member, err)
	}
	return a.dir.Write(filepath.Join(admissionFolder, i.Name+".json"), append(b, '\n'))
}

// forget withdraws an invitation; a node that is connected with it is cut off. The caller holds mu.
func (a *admission) forget(name string) error {
	if err := os.Remove(a.dir.Path(admissionFolder, name+".json")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("withdraw invitation: %w", err)
	}
	delete(a.book, name)
	a.directory.Remove(name)
	return nil
}

// request is what an invited node sends: its public keys, and its signature over possession.
type request struct {
	Public    identity.Public `json:"public"`
	Signature []byte          `json:"signature"`
}

// joinContext separates the proof of possession from everything else a member signs.
const joinContext = "tacet/join-request/v1"

// possession is what an invited node signs with its fresh keys: bound to ledger and invitation, so that it serves nowhere else.
func possession(genesis [32]byte, name string, p identity.Public) ([]byte, error) {
	return entry.Canonical(struct {
		Genesis    string          `json:"genesis"`
		Invitation string          `json:"invitation"`
		Public     identity.Public `json:"public"`
	}{hex.EncodeToString(genesis[:]), name, p})
}

// submit takes the keys that come with an invitation. The same keys may come again, after a lost answer; others may not.
func (a *admission) submit(name string, genesis [32]byte, r request, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := a.book[name]
	switch {
	case i == nil:
		return errors.New("this invitation was withdrawn; ask the convener's operator for a new one")
	case r.Public.Name != i.Member:
		return fmt.Errorf("this invitation is for %s, not for %s", i.Member, r.Public.Name)
	case i.Public != nil && !i.Public.Equal(r.Public):
		return errors.New("this invitation has been used, with other keys; if that was not you, tell the convener's operator, and ask for a new one")
	case i.Public == nil && now.After(i.Expires):
		return fmt.Errorf("this invitation expired at %s, and it is %s at the convener; ask its operator for a new one",
			i.Expires.Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	statement, err := possession(genesis, name, r.Public)
	if err != nil {
		return err
	}
	if err := r.Public.Verify(joinContext, statement, r.Signature); err != nil {
		return errors.New("the request is not signed with the keys it brings")
	}
	if i.Public != nil {
		return nil
	}
	n := *i
	n.Public = &r.Public
	if err := a.keep(&n); err != nil {
		return errors.New("the convener could not keep the request; try again")
	}
	a.book[name] = &n
	return nil
}

// approve marks a candidate whose fingerprint the operator has compared.
func (a *admission) approve(member, fingerprint string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for name, i := range a.book {
		if i.Member != member {
			continue
		}
		switch {
		case i.Public == nil:
			return fmt.Errorf("%s has not answered its invitation yet", member)
		case !isFingerprint(*i.Public, fingerprint):
			return fmt.Errorf("the keys that came with the invitation of %s have another fingerprint than the one given: compare it with that member's operator again; nothing was approved", member)
		case i.Approved:
			return nil
		}
		n := *i
		n.Approved = true
		if err := a.keep(&n); err != nil {
			return err
		}
		a.book[name] = &n
		return nil
	}
	return fmt.Errorf("no invitation of %s is open: invite it first (tacet coordinator invite %s)", member, member)
}

// list is every invitation, by member.
func (a *admission) list() []invited {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []invited
	for _, i := range a.book {
		out = append(out, *i)
	}
	slices.SortFunc(out, func(x, y invited) int { return strings.Compare(x.Member+" "+x.Name, y.Member+" "+y.Name) })
	return out
}
