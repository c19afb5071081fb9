package invitation

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
)

// Prefix begins the link names of invitations; no member's name may.
const Prefix = "invite-"

// MaxSize is the most bytes an invitation's text may have.
const MaxSize = 2 << 10

const first = "tacet invitation 1"

// Invitation is what the text says.
type Invitation struct {
	Member   string
	Role     string
	Ledger   string
	Genesis  [32]byte // hash of the genesis
	Convener string
	Address  string // host:port
	Pin      [32]byte
	Expires  time.Time // whole seconds, UTC
	Secret   [32]byte
}

// ErrForm says that a text is no invitation.
var ErrForm = errors.New("not an invitation as `tacet coordinator invite` writes it: copy the whole text, from its first line to its last")

// New fills in a fresh secret.
func New(i Invitation) Invitation {
	rand.Read(i.Secret[:]) // never fails: the runtime stops the process instead
	i.Expires = i.Expires.UTC().Truncate(time.Second)
	return i
}

// Text is the invitation as it is handed over. It is a secret until it has been used.
func (i Invitation) Text() string {
	return fmt.Sprintf("%s\nmember %s\nrole %s\nledger %s\ngenesis %x\nconvener %s\naddress %s\npin %x\nexpires %s\nsecret %s\n",
		first, i.Member, i.Role, i.Ledger, i.Genesis, i.Convener, i.Address, i.Pin, i.Expires.Format(time.RFC3339), base64.StdEncoding.EncodeToString(i.Secret[:]))
}

// Format keeps the secret out of every printed form.
func (i Invitation) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "invitation of %s to %s", i.Member, i.Ledger)
}

// Parse reads a text, and refuses every form but the one that Text writes.
func Parse(text []byte) (Invitation, error) {
	var i Invitation
	if len(text) > MaxSize {
		return i, fmt.Errorf("%d bytes: %w", len(text), ErrForm)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	names := []string{"member", "role", "ledger", "genesis", "convener", "address", "pin", "expires", "secret"}
	if lines[0] != first || len(lines) != len(names)+1 {
		return i, ErrForm
	}
	value := map[string]string{}
	for n, name := range names {
		v, ok := strings.CutPrefix(lines[n+1], name+" ")
		if !ok {
			return i, fmt.Errorf("line %d is not its %s: %w", n+2, name, ErrForm)
		}
		value[name] = v
	}
	i = Invitation{Member: value["member"], Role: value["role"], Ledger: value["ledger"], Convener: value["convener"], Address: value["address"]}
	var err error
	if i.Expires, err = time.Parse(time.RFC3339, value["expires"]); err != nil {
		return Invitation{}, fmt.Errorf("its expiry is no time: %w", ErrForm)
	}
	for _, f := range []struct {
		name string
		to   []byte
		read func(string) ([]byte, error)
	}{{"genesis", i.Genesis[:], hex.DecodeString}, {"pin", i.Pin[:], hex.DecodeString}, {"secret", i.Secret[:], base64.StdEncoding.DecodeString}} {
		b, err := f.read(value[f.name])
		if err != nil || len(b) != len(f.to) { // the value is not quoted: one of them is a secret
			return Invitation{}, fmt.Errorf("its %s is damaged: %w", f.name, ErrForm)
		}
		copy(f.to, b)
	}
	if _, _, err := net.SplitHostPort(i.Address); err != nil {
		return Invitation{}, fmt.Errorf("its address is not host:port: %w", ErrForm)
	}
	if !bytes.Equal(bytes.TrimSpace(text), []byte(strings.TrimSpace(i.Text()))) {
		return Invitation{}, ErrForm
	}
	return i, nil
}

// Read is Parse of a file.
func Read(path string) (Invitation, error) {
	f, err := os.Open(path)
	if err != nil {
		return Invitation{}, fmt.Errorf("read invitation: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return Invitation{}, fmt.Errorf("read invitation: %w", err)
	}
	i, err := Parse(b)
	if err != nil {
		return i, fmt.Errorf("%s: %w", path, err)
	}
	return i, nil
}

// Name is the invitation's name on the link: a hash of its secret, so that it says nothing about it.
func (i Invitation) Name() string {
	h := sha256.Sum256(append([]byte("tacet/invitation-name/v1"), i.Secret[:]...))
	return Prefix + hex.EncodeToString(h[:8])
}

// Certificate is the link leaf that the secret makes, with its pin.
func (i Invitation) Certificate() (tls.Certificate, [32]byte, error) {
	return identity.OneTimeCertificate(i.Name(), i.Secret)
}
