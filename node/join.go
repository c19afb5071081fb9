package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node/invitation"
	"github.com/tacet-health/tacet/node/vault"
	"github.com/tacet-health/tacet/protocol/link"
)

// Joined is what a node knows after it has asked to join.
type Joined struct {
	Member      string `json:"member"`
	Fingerprint string `json:"fingerprint"` // of this node's keys: its operator tells it to the convener's over another channel
	Convener    string `json:"convener"`
	ConvenerIs  string `json:"convener_fingerprint"`
	Ledger      string `json:"ledger"`
	State       string `json:"state"` // submitted: waits for approval; approved: for endorsements; member
}

// Join asks the convener of an invitation to take in the node in dir, which must not be running: it connects by the invitation's pin, submits
// the node's public keys with a proof of possession, and keeps the ledger's genesis and the convener's name and address. A
// crash, or a lost answer, costs nothing: the same node asks again.
func Join(ctx context.Context, dir string, inv invitation.Invitation) (Joined, error) {
	j, err := join(ctx, dir, inv)
	if err != nil {
		return j, fmt.Errorf("join %s: %w", inv.Ledger, err)
	}
	return j, nil
}

func join(ctx context.Context, dir string, inv invitation.Invitation) (j Joined, err error) {
	cfg, err := readConfig(dir)
	if err != nil {
		return j, err
	}
	switch {
	case !cfg.Role.dials():
		return j, fmt.Errorf("%s is a %s, which has a ledger of its own", cfg.Name, cfg.Role)
	case inv.Role != string(cfg.Role):
		return j, fmt.Errorf("the invitation is for the role %q, and this node is a %s: ask for one for that role, or make a node of the other (tacet node init --role %s)", inv.Role, cfg.Role, inv.Role)
	case cfg.Name != inv.Member:
		return j, fmt.Errorf("the invitation is for %s, and this node is %s: ask for one in its name, or make a new node of that name", inv.Member, cfg.Name)
	}
	d, err := vault.Open(dir)
	if err != nil {
		return j, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	keys, err := identity.Load(d.Path(keysFolder))
	if err != nil {
		return j, err
	}
	have, err := os.ReadFile(d.Path(genesisFile))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return j, err
	}
	if have != nil && rules.Hash(have) != inv.Genesis {
		return j, fmt.Errorf("%s belongs to another ledger already: a node is a member of one; make a new folder with tacet node init", dir)
	}
	a, err := submit(ctx, keys, inv, cfg.Transport)
	if err != nil {
		return j, err
	}
	if rules.Hash(a.Genesis) != inv.Genesis {
		return j, errors.New("the convener sent another ledger's genesis than the invitation names: ask its operator")
	}
	g, err := rules.ParseGenesis(a.Genesis)
	if err != nil {
		return j, err
	}
	if g.Ledger != inv.Ledger || g.Convener.Name != inv.Convener || g.Convener.TLSPin != inv.Pin {
		return j, errors.New("the ledger's genesis contradicts the invitation: ask the convener's operator")
	}
	if err := d.Write(genesisFile, a.Genesis); err != nil {
		return j, err
	}
	text, err := os.ReadFile(d.Path(configFile))
	if err != nil {
		return j, err
	}
	if set := setKeys(string(text), [][2]string{{"convener", inv.Convener}, {"address", inv.Address}}); set != string(text) {
		if err := d.Write(configFile, []byte(set)); err != nil {
			return j, err
		}
	}
	return Joined{
		Member: cfg.Name, Fingerprint: keys.Public().Fingerprint(), Convener: g.Convener.Name, ConvenerIs: g.Convener.Fingerprint(), Ledger: g.Ledger, State: a.State,
	}, nil
}

// submit connects with the invitation's key and brings the request.
func submit(ctx context.Context, keys *identity.Keys, inv invitation.Invitation, transport string) (a joinAnswer, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*smallTalk)
	defer cancel()
	cert, _, err := inv.Certificate()
	if err != nil {
		return a, err
	}
	var why reasons
	p, err := link.NewPayer(inv.Convener, inv.Address, link.Options{
		Name: inv.Name(), Certificate: cert, Directory: link.NewDirectory(link.Member{Name: inv.Convener, Pin: inv.Pin}), Log: slog.New(&why), Transport: transport,
	})
	if err != nil {
		return a, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if err := connected(ctx, p, &why, inv); err != nil {
		return a, err
	}
	conn, err := p.Dial(ctx, inv.Convener, serviceJoin)
	if err != nil {
		return a, err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(smallTalk))
	statement, err := possession(inv.Genesis, inv.Name(), keys.Public())
	if err != nil {
		return a, err
	}
	if err := writeMessage(conn, request{keys.Public(), keys.Sign(joinContext, statement)}); err != nil {
		return a, fmt.Errorf("bring the request: %w", err)
	}
	if err := readMessage(conn, maxJoinAnswer, &a); err != nil {
		return a, fmt.Errorf("read the convener's answer: %w", err)
	}
	if a.Error != "" {
		return a, fmt.Errorf("the convener refuses: %.500s", a.Error)
	}
	return a, nil
}

// connected waits for the connection, and gives up at the first refusal: a key that is not the pinned one, or an invitation that the convener
// does not know, will not become right by waiting.
func connected(ctx context.Context, p *link.Payer, why *reasons, inv invitation.Invitation) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	why.tell(func(reason string) {
		switch {
		case strings.Contains(reason, link.ErrUnknownMember.Error()):
			cancel(fmt.Errorf("the key at %s is not the one that the invitation pins: the address is wrong, or somebody stands between; ask the convener's operator", inv.Address))
		case strings.Contains(reason, "bad certificate"), strings.Contains(reason, "hello"):
			cancel(fmt.Errorf("the convener at %s does not know this invitation: it was withdrawn, replaced by a newer one, or has expired; ask for a new one", inv.Address))
		}
	})
	err := p.WaitConnected(ctx)
	if cause := context.Cause(ctx); err != nil && cause != nil && !errors.Is(cause, context.DeadlineExceeded) && !errors.Is(cause, context.Canceled) {
		return cause
	}
	if err != nil {
		return fmt.Errorf("no connection to the convener at %s: %s; is its service running, and does UDP or TCP get there? (tacet doctor)", inv.Address, why.latest())
	}
	return nil
}
