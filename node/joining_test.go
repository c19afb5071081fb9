package node

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures/disclosure"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/invitation"
)

// convening is a running convener with a ledger of its own.
func convening(t *testing.T) *Service {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "convener")
	c := Config{Name: "convener", Role: Convener, Convener: "convener", Address: "127.0.0.1:0", Dir: dir, Database: Database{MemoryMB: 64, Threads: 1}}
	if _, err := Found(c, "test.tacet/governance", true); err != nil {
		t.Fatal(err)
	}
	s, err := Start(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// newcomer is a node of that name that has joined nothing.
func newcomer(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if _, err := Init(Config{Name: name, Role: Payer, Dir: dir, Database: Database{MemoryMB: 64, Threads: 1}}); err != nil {
		t.Fatal(err)
	}
	return dir
}

func invite(t *testing.T, s *Service, name string) invitation.Invitation {
	t.Helper()
	text, err := operator{s}.Invite(admin.Invite{Member: name, Role: "payer", Seconds: 3600})
	if err != nil {
		t.Fatal(err)
	}
	inv, err := invitation.Parse([]byte(text.Text))
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

func refuses(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("error %v, want %q in it", err, want)
	}
}

// TestJoin is one invitation's life, and everything that is refused on the way.
func TestJoin(t *testing.T) {
	s := convening(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	inv, dir := invite(t, s, "payer-1"), newcomer(t, "payer-1")

	_, err := Join(ctx, newcomer(t, "payer-2"), inv)
	refuses(t, err, "the invitation is for payer-1, and this node is payer-2")
	forged := inv
	forged.Pin[0] ^= 1
	_, err = Join(ctx, dir, forged)
	refuses(t, err, "is not the one that the invitation pins")
	forged = inv
	forged.Secret[0] ^= 1
	_, err = Join(ctx, dir, forged)
	refuses(t, err, "does not know this invitation")
	forged = inv
	forged.Genesis[0] ^= 1
	_, err = Join(ctx, dir, forged)
	refuses(t, err, "not signed with the keys")

	_, err = operator{s}.Approve(ctx, admin.Approval{Member: "payer-1", Fingerprint: "0000"})
	refuses(t, err, "has not answered its invitation")
	for range 2 { // asking again with the same keys does no harm
		j, err := Join(ctx, dir, inv)
		if err != nil || j.State != "submitted" {
			t.Fatalf("%+v %v", j, err)
		}
	}
	_, err = Join(ctx, newcomer(t, "payer-1"), inv)
	refuses(t, err, "this invitation has been used, with other keys")

	f, err := Fingerprint(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = operator{s}.Approve(ctx, admin.Approval{Member: "payer-1", Fingerprint: strings.Replace(f, f[:1], "x", 1)})
	refuses(t, err, "nothing was approved")
	_, err = operator{s}.Approve(ctx, admin.Approval{Member: "payer-9", Fingerprint: f})
	refuses(t, err, "no invitation of payer-9")
	c, err := operator{s}.Approve(ctx, admin.Approval{Member: "payer-1", Fingerprint: f})
	if err != nil || c.State != "member" {
		t.Fatalf("%+v %v", c, err)
	}
	_, err = operator{s}.Invite(admin.Invite{Member: "payer-1", Role: "payer", Seconds: 60})
	refuses(t, err, "is or was a member")

	// The second payer needs the first, which is not there.
	inv, dir = invite(t, s, "payer-2"), newcomer(t, "payer-2")
	if _, err := Join(ctx, dir, inv); err != nil {
		t.Fatal(err)
	}
	if f, err = Fingerprint(dir); err != nil {
		t.Fatal(err)
	}
	c, err = operator{s}.Approve(ctx, admin.Approval{Member: "payer-2", Fingerprint: f})
	if err != nil || c.State != "approved" || len(c.Waiting) != 1 || !strings.Contains(c.Waiting[0], "payer-1: is not connected") {
		t.Fatalf("%+v %v", c, err)
	}
	_, err = Start(ctx, dir, Options{})
	refuses(t, err, "a node without a policy does not start")
}

func TestExpiredAndWithdrawn(t *testing.T) {
	s := convening(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dir := newcomer(t, "payer-1")
	g, err := s.genesis.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	late := invitation.New(invitation.Invitation{
		Member: "payer-1", Role: "payer", Ledger: s.genesis.Ledger, Genesis: rules.Hash(g), Convener: "convener", Address: s.hub.Addr(),
		Pin: s.keys.Public().TLSPin, Expires: time.Now().Add(-time.Minute),
	})
	if err := s.admission.issue(late, time.Now()); err != nil {
		t.Fatal(err)
	}
	_, err = Join(ctx, dir, late)
	refuses(t, err, "this invitation expired at")
	newer := invite(t, s, "payer-1")
	_, err = Join(ctx, dir, late)
	refuses(t, err, "was withdrawn, replaced")
	if _, err := Join(ctx, dir, newer); err != nil {
		t.Fatal(err)
	}
	// What the convener keeps of an invitation is not enough to use it, and survives a restart.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	d, err := openAdmission(s.dir, s.directory, time.Now())
	if err != nil || len(d.list()) != 1 || d.list()[0].Public == nil {
		t.Fatalf("%v %v", d, err)
	}
	for _, role := range []string{"king", "convener", ""} {
		_, err := operator{s}.Invite(admin.Invite{Member: "x", Role: role, Seconds: 60})
		refuses(t, err, "cannot join")
	}
}

func TestEndorsesItsPeers(t *testing.T) {
	s := convening(t)
	p := s.keys.Public()
	for _, c := range []struct {
		entry string
		want  bool
	}{{"any", true}, {"convener", true}, {"convener " + p.Fingerprint(), true}, {"convener " + strings.Fields(p.Fingerprint())[0], true}, {"convener 0000", false}, {"payer-1", false}} {
		if got := (Policy{Peers: []string{c.entry}}).peer(p); got != c.want {
			t.Errorf("peers = [%q]: %v", c.entry, got)
		}
	}
}

func TestPolicyOfProfiles(t *testing.T) {
	d := disclosure.QualityRate()
	for want, p := range map[string]Policy{
		"not in policy.profiles": {Profiles: []string{"price-like"}},
		"contributors":           {Profiles: []string{"any"}, MinContributors: d.MinContributors + 1},
		"denominator":            {Profiles: []string{"any"}, MinDen: d.MinDen + 1},
		"percent":                {Profiles: []string{"any"}, MaxSharePercent: d.MaxSharePercent - 1},
	} {
		refuses(t, p.profile(d), want)
	}
	if err := (Policy{Profiles: []string{d.Name}, MinContributors: d.MinContributors, MinDen: d.MinDen, MaxSharePercent: d.MaxSharePercent}).profile(d); err != nil {
		t.Error(err)
	}
	m := Policy{Measures: []string{"a", "b@1.0.0"}}
	if !m.measure("a", "2.0.0") || !m.measure("b", "1.0.0") || m.measure("b", "1.0.1") || m.measure("c", "1.0.0") {
		t.Error("policy.measures")
	}
}
