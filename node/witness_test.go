package node

import (
	"context"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/invitation"
	"github.com/tacet-health/tacet/protocol/link"
)

// member brings a node of a role into s's ledger and starts it; edit changes its configuration before that.
func member(t *testing.T, s *Service, name string, role Role, edit func(*Config)) *Service {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dir := filepath.Join(t.TempDir(), name)
	if _, err := Init(Config{Name: name, Role: role, Dir: dir, Database: Database{MemoryMB: 64, Threads: 1}}); err != nil {
		t.Fatal(err)
	}
	text, err := operator{s}.Invite(admin.Invite{Member: name, Role: string(role), Seconds: 3600})
	if err != nil {
		t.Fatal(err)
	}
	inv, err := invitation.Parse([]byte(text.Text))
	if err != nil {
		t.Fatal(err)
	}
	j, err := Join(ctx, dir, inv)
	if err != nil {
		t.Fatal(err)
	}
	c, err := readConfig(dir)
	if err != nil {
		t.Fatal(err)
	}
	if edit != nil {
		edit(&c)
	}
	if err := WriteConfig(c); err != nil {
		t.Fatal(err)
	}
	if _, err := (operator{s}).Approve(ctx, admin.Approval{Member: name, Fingerprint: j.Fingerprint}); err != nil {
		t.Fatal(err)
	}
	return started(t, dir)
}

func started(t *testing.T, dir string) *Service {
	t.Helper()
	m, err := Start(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// payerOf is a payer that contributes to nothing and endorses a seat called auditor-1.
func payerOf(t *testing.T, s *Service, name string) *Service {
	return member(t, s, name, Payer, func(c *Config) {
		c.Policy = Policy{Consent: "never", Peers: []string{"any"}, Seats: []string{"auditor-1"}}
	})
}

// until waits for a condition of a member's status.
func until(t *testing.T, s *Service, what string, ok func(admin.Status) bool) admin.Status {
	t.Helper()
	end := time.Now().Add(time.Minute)
	for {
		st := operator{s}.Status()
		if ok(st) {
			return st
		}
		if time.Now().After(end) {
			t.Fatalf("%s: not in a minute: %s; %+v", s.cfg.Name, what, st)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// write puts n rosters on record.
func write(t *testing.T, s *Service, n int) uint64 {
	t.Helper()
	var index uint64
	for range n {
		var err error
		name := "practice-" + time.Now().Format("150405.000000000")
		if index, err = s.replica.Propose(t.Context(), rules.KindRosterSet, rules.NewRosterSet([]string{name})); err != nil {
			t.Fatal(err)
		}
	}
	return index
}

// TestAuditor runs an auditor's node beside a payer's and a convener's: it comes in by invitation and endorsement, has the log, cosigns, witnesses roots by
// itself, and when a payer shows it what the convener has signed for that payer alone, it stops with a proof that others can check.
func TestAuditor(t *testing.T) {
	t.Parallel()
	s := convening(t)
	p := payerOf(t, s, "payer-1")
	until(t, p, "in the log", func(st admin.Status) bool { return st.Member && st.Connected })
	a := member(t, s, "auditor-1", Auditor, func(c *Config) { c.Witness.Every = 3 })
	st := until(t, a, "first witness", func(st admin.Status) bool { return st.Member && st.Witnessed != nil })
	if st.Role != "auditor" || st.Cosigned == nil || st.Cosigned.Size < st.Witnessed.Size {
		t.Fatalf("%+v", st)
	}
	last := write(t, s, 3)
	if st = until(t, a, "second witness", func(st admin.Status) bool { return st.Witnessed.Size > last }); len(st.Alarms) > 0 || st.Stopped != "" {
		t.Fatalf("%+v", st)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := p.replica.WaitCosigned(ctx, last, []string{"convener", "payer-1", "auditor-1"}); err != nil {
		t.Fatal(err)
	}
	if there, err := a.replica.Gossip(ctx); err != nil || len(there) != 2 {
		t.Fatalf("%v %v", there, err)
	}

	fork := forked(t, s)
	p.payer.Handle("head", func(_ context.Context, _ string, conn link.Conn) {
		io.ReadFull(conn, make([]byte, 4)) // the question, an empty frame
		conn.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(fork))), fork...))
	})
	write(t, s, 3) // enough for the next witness, which compares first
	st = until(t, a, "alarm", func(st admin.Status) bool { return len(st.Alarms) > 0 && st.Stopped != "" })
	if !st.Alarms[0].Stops || st.Alarms[0].Index != 2 || !strings.Contains(st.Alarms[0].What, "the convener signed another root") {
		t.Fatalf("%+v", st.Alarms)
	}
	proof, err := os.ReadFile(st.Alarms[0].File)
	if err != nil {
		t.Fatal(err)
	}
	x, err := audit.CheckFork(proof, nil, audit.Options{})
	if err != nil || !x.Proven || len(x.Signers) != 1 || x.Signers[0] != "convener" {
		t.Fatalf("%+v %v", x, err)
	}
	if b, err := os.ReadFile(a.dir.Path("node.log")); err != nil || !strings.Contains(string(b), "GOVERNANCE FORK") {
		t.Fatalf("no line in the log: %v", err)
	}
	// It does not forget by a restart, and the others go on without it.
	dir := a.cfg.Dir
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if st := (operator{started(t, dir)}).Status(); len(st.Alarms) != 1 || st.Stopped == "" {
		t.Fatalf("%+v", st)
	}
	last = write(t, s, 1)
	if _, err := p.replica.WaitCosigned(ctx, last, []string{"convener", "payer-1"}); err != nil {
		t.Fatal(err)
	}
}

// forked is a checkpoint of size 2 of a history that s's ledger does not have, signed by s as the log.
func forked(t *testing.T, s *Service) []byte {
	t.Helper()
	genesis, err := s.genesis.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	other, err := ledger.Open(t.TempDir(), genesis)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := other.Append([]ledger.Record{{Position: 5, Data: []byte("{}")}}); err != nil {
		t.Fatal(err)
	}
	c, err := other.Checkpoint(s.genesis.Ledger)
	if err != nil {
		t.Fatal(err)
	}
	note, err := other.Cosign(c, s.keys.LogSigners(s.genesis.Ledger, time.Unix(1_700_000_000, 0))...)
	if err != nil {
		t.Fatal(err)
	}
	return note
}

// TestSeatsConfiguration: what a seat's node may not have is refused, and roles do not mix.
func TestSeatsConfiguration(t *testing.T) {
	for want, edit := range map[string]func(*Config){
		"[policy] is a payer's":       func(c *Config) { c.Policy.Consent = "never" },
		"database.dsn is a payer's":   func(c *Config) { c.Database.DSN = "postgres://x/y" },
		"at most 1048576 entries":     func(c *Config) { c.Witness.Every = 1 << 21 },
		"is not its own convener":     func(c *Config) { c.Convener = c.Name },
		`role is "king"`:              func(c *Config) { c.Role = "king" },
		"[witness] is a seat's":       func(c *Config) { c.Role, c.Witness.Every = Payer, 1 },
		"advertise is the convener's": func(c *Config) { c.Advertise = "a:1" },
	} {
		c := Config{Name: "a", Role: Counsel, Database: Database{MemoryMB: 64, Threads: 1}}
		edit(&c)
		refuses(t, c.validate(), want)
	}
	s := convening(t)
	inv := invite(t, s, "payer-1")
	dir := filepath.Join(t.TempDir(), "payer-1")
	if _, err := Init(Config{Name: "payer-1", Role: Auditor, Dir: dir, Database: Database{MemoryMB: 64, Threads: 1}}); err != nil {
		t.Fatal(err)
	}
	_, err := Join(t.Context(), dir, inv)
	refuses(t, err, `the invitation is for the role "payer", and this node is a auditor`)
	c, err := readConfig(dir)
	if err != nil || c.Witness.Every != defaultWitnessEvery {
		t.Fatalf("%+v %v", c, err)
	}
}
