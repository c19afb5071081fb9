package testnet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/vault"
	"github.com/tacet-health/tacet/testnet/lossy"
)

// With Options.Processes the members are set up by the commands that their operators would give and by nothing else: what follows is the README's
// "Run it for real", in Go.

// CommandError is a command of the network that failed; Code is its exit code.
type CommandError struct {
	Command string
	Text    string // what it said
	Code    int
}

// Error is the command and what it said.
func (e *CommandError) Error() string { return fmt.Sprintf("%s: %s", e.Command, e.Text) }

// tacet runs one command to its end and returns what it printed.
func (n *network) tacet(ctx context.Context, args ...string) (string, error) {
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, n.o.Executable, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.SysProcAttr = attributes()
	err := cmd.Run()
	if err == nil {
		return strings.TrimSpace(out.String()), nil
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	code := 1
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		code = e.ExitCode()
	}
	text := strings.TrimPrefix(strings.TrimSpace(errs.String()), "tacet: ")
	if text == "" {
		text = err.Error()
	}
	return "", &CommandError{"tacet " + strings.Join(args[:min(len(args), 2)], " "), text, code}
}

// initialiseByCommand makes the members' directories. Every payer's operator writes its policy.
func (n *network) initialiseByCommand(ctx context.Context) error {
	c := n.members[0]
	address, err := freeAddress()
	if err != nil {
		return err
	}
	args := []string{"coordinator", "init", "--dir", c.cfg.Dir, "--name", c.cfg.Name, "--ledger", "testnet.tacet/governance", "--address", address}
	if n.o.Path != nil {
		if n.relay, err = lossy.New(*n.o.Path, address); err != nil {
			return err
		}
		args = append(args, "--advertise", n.relay.Addr())
	}
	if n.o.Toy {
		args = append(args, "--insecure-toy-parameters")
	}
	if _, err := n.tacet(ctx, args...); err != nil {
		return err
	}
	for _, m := range n.payers() {
		if _, err := n.tacet(ctx, "node", "init", "--dir", m.cfg.Dir, "--name", m.cfg.Name); err != nil {
			return err
		}
		if err := n.writePolicy(m); err != nil {
			return err
		}
	}
	return nil
}

// writePolicy is what an operator does with an editor.
func (n *network) writePolicy(m *member) error {
	path := filepath.Join(m.cfg.Dir, "tacet.toml")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if t := n.o.Transport; t != "" {
		text = bytes.Replace(text, []byte(`transport = "auto"`), fmt.Appendf(nil, "transport = %q", t), 1)
	}
	if n.o.public() {
		text = fmt.Append(text, "\n[withhold]\npart2 = \"keep\"\n")
	}
	text = fmt.Appendf(text, "\n[policy]\nconsent = %q\nmeasures = [\"any\"]\nprofiles = [\"any\"]\npeers = [\"%s\"]\n", m.cfg.Policy.Consent, strings.Join(n.o.payerNames(), `", "`))
	return vault.Write(path, text)
}

// startByCommand starts the convener, and lets one payer after the other join and start.
func (n *network) startByCommand(ctx context.Context) error {
	c := n.members[0]
	if err := n.startMember(ctx, c); err != nil {
		return err
	}
	folder := filepath.Join(n.o.Out, "invitations")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	for _, m := range n.payers() {
		inv := filepath.Join(folder, m.cfg.Name)
		if _, err := n.tacet(ctx, "coordinator", "invite", m.cfg.Name, "--out", inv, "--dir", c.cfg.Dir); err != nil {
			return err
		}
		if _, err := n.tacet(ctx, "node", "join", inv, "--dir", m.cfg.Dir); err != nil {
			return err
		}
		fingerprint, err := n.tacet(ctx, "node", "fingerprint", "--dir", m.cfg.Dir) // as its operator tells it on the telephone
		if err != nil {
			return err
		}
		if _, err := n.tacet(ctx, "coordinator", "approve", m.cfg.Name, fingerprint, "--dir", c.cfg.Dir); err != nil {
			return err
		}
		if err := n.startMember(ctx, m); err != nil {
			return err
		}
		if _, err := n.tacet(ctx, "node", "status", "--wait", "60s", "--dir", m.cfg.Dir); err != nil {
			return err
		}
	}
	return nil
}

// governByCommand plays the people: profiles, roster, measures, votes. It returns the number of entries written.
func (n *network) governByCommand(ctx context.Context, d node.Draft) (entries int, err error) {
	folder := filepath.Join(n.o.Out, "govern")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return 0, err
	}
	govern := func(m *member, args ...string) {
		if err == nil {
			if _, err = n.tacet(ctx, append(append([]string{"govern"}, args...), "--yes", "--dir", m.cfg.Dir)...); err == nil {
				entries++
			}
		}
	}
	file := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		if err == nil {
			err = vault.Write(path, content)
		}
		return path
	}
	c := n.members[0]
	for _, name := range n.profileOrder(d) {
		govern(c, "propose", "profile", file(name+".json", d.Profiles[name].Canonical()))
	}
	if err := writeRoster(n.roster(), d.Measures, d.Practices, d.Regions); err != nil {
		return entries, err
	}
	govern(c, "propose", "roster", n.roster())
	for _, s := range d.Measures {
		govern(c, "propose", "measure", file(s.ID+".json", s.Canonical()))
		for _, p := range n.payers() {
			govern(p, "vote", s.ID+"@"+s.Version, "yes")
		}
		govern(c, "approve", s.ID+"@"+s.Version)
	}
	return entries, err
}

func (n *network) roster() string { return filepath.Join(n.o.Out, "govern", "roster.csv") }

// authoriseByCommand has the convener authorise the run.
func (n *network) authoriseByCommand(ctx context.Context, d node.Draft) error {
	var measures []string
	for _, s := range d.Measures {
		measures = append(measures, s.ID+"@"+s.Version)
	}
	args := []string{"govern", "propose", "run", d.Run, "--measures", strings.Join(measures, ","), "--period", d.Period, "--roster", n.roster(),
		"--purpose", d.Purpose, "--agreement", d.Agreement, "--yes", "--dir", n.members[0].cfg.Dir}
	if n.o.Strata != "" {
		args = append(args, "--strata", n.o.Strata)
	}
	if d.Reliability != nil {
		args = append(args, "--reliability")
	}
	_, err := n.tacet(ctx, args...)
	return err
}

// freeAddress is an address of loopback whose port is free over UDP and TCP: the convener of processes keeps it over restarts.
func freeAddress() (string, error) {
	for range 20 {
		u, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			return "", fmt.Errorf("find a free port: %w", err)
		}
		address := u.LocalAddr().String()
		t, err := net.Listen("tcp", address)
		u.Close()
		if err == nil {
			t.Close()
			return address, nil
		}
	}
	return "", errors.New("find a free port: none is free over UDP and TCP")
}
