package replica

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"

	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

// liar sends raft RPCs to a victim over a genuine stream of one member.
type liar struct {
	t      testing.TB
	as     string
	victim raft.ServerAddress
	tr     *raft.NetworkTransport
}

func (c *cluster) liar(as, victim string) *liar {
	c.t.Helper()
	layer := &streamLayer{endpoint: c.net.node(as), peer: victim, in: make(chan net.Conn), closed: make(chan struct{})}
	tr := raft.NewNetworkTransportWithConfig(&raft.NetworkTransportConfig{Stream: layer, MaxPool: 1, MaxRPCsInFlight: 1, Timeout: 2 * time.Second, Logger: hclog.NewNullLogger()})
	c.t.Cleanup(func() { tr.Close(); tr.CloseStreams() })
	return &liar{c.t, as, raft.ServerAddress(victim), tr}
}

func header(name string) raft.RPCHeader {
	return raft.RPCHeader{ProtocolVersion: 3, ID: []byte(name), Addr: []byte(name)}
}

func (l *liar) append(q raft.AppendEntriesRequest) (raft.AppendEntriesResponse, error) {
	var resp raft.AppendEntriesResponse
	if q.RPCHeader.ID == nil {
		q.RPCHeader = header(l.as)
	}
	err := l.tr.AppendEntries(raft.ServerID(l.victim), l.victim, &q, &resp)
	return resp, err
}

func TestGuardRefuses(t *testing.T) {
	c := newCluster(t, 3)
	c.start(c.names...)
	last := c.propose("convener", rules.KindRosterSet, roster(0))
	c.settle(last + 1)
	l := c.liar("payer-c", "payer-a")
	term := uint64(1000)
	one := func(e raft.Log) raft.AppendEntriesRequest {
		e.Index, e.Term = 100, term
		return raft.AppendEntriesRequest{Term: term, PrevLogEntry: 99, PrevLogTerm: 1, Entries: []*raft.Log{&e}}
	}
	configuration := func(s ...raft.Server) raft.Log {
		return raft.Log{Type: raft.LogConfiguration, Data: raft.EncodeConfiguration(raft.Configuration{Servers: s})}
	}
	spoofed := one(raft.Log{Data: []byte("x")})
	spoofed.RPCHeader = header("convener")
	gap := one(raft.Log{Data: []byte("x")})
	gap.PrevLogEntry = 90
	many := raft.AppendEntriesRequest{Term: term}
	for i := range uint64(maxAppend + 1) {
		many.Entries = append(many.Entries, &raft.Log{Index: i + 1, Term: 1, Data: []byte("x")})
	}
	future := one(raft.Log{Data: []byte("x")})
	future.Term--
	last64 := one(raft.Log{Data: []byte("x")})
	last64.Term = 1<<64 - 1
	for want, q := range map[string]raft.AppendEntriesRequest{
		"too far ahead":               last64,
		"in the name of":              spoofed,
		"configuration does not":      one(raft.Log{Type: raft.LogConfiguration, Data: []byte("garbage")}),
		"configuration of 0 bytes":    one(raft.Log{Type: raft.LogConfiguration}),
		"configuration of 0 servers":  one(configuration()),
		"configuration with server":   one(configuration(raft.Server{ID: "payer-c", Address: "10.0.0.1:80"})),
		"configuration without":       one(configuration(raft.Server{Suffrage: raft.Nonvoter, ID: "payer-c", Address: "payer-c"})),
		"configuration with suffrage": one(configuration(raft.Server{Suffrage: 7, ID: "payer-c", Address: "payer-c"})),
		"entry type":                  one(raft.Log{Type: raft.LogAddPeerDeprecated, Data: []byte("x")}),
		"entry of 0 bytes":            one(raft.Log{}),
		"entry of 1048577 bytes":      one(raft.Log{Data: make([]byte, 1<<20+1)}),
		"with extensions":             one(raft.Log{Data: []byte("x"), Extensions: []byte("x")}),
		"not in line":                 gap,
		"entries in one append":       many,
		"entry of term":               future,
	} {
		if _, err := l.append(q); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
	// Nobody else notices.
	last = c.propose("payer-a", rules.KindMeasurePropose, proposal(t, "sp-a"))
	c.settle(last + 1)
}

func TestStrangerIsNotHeard(t *testing.T) {
	c := newCluster(t, 3)
	c.start(c.names...)
	l := c.liar("payer-x", "payer-a")
	if _, err := l.append(raft.AppendEntriesRequest{Term: 1000}); err == nil {
		t.Fatal("a stranger leads")
	}
	conn, err := c.net.node("payer-x").Dial(context.Background(), "convener", servicePropose)
	if err != nil {
		t.Fatal(err)
	}
	writeFrame(conn, []byte("{}"))
	b, err := readFrame(conn, maxAnswer)
	if err != nil || !strings.Contains(string(b), `"form"`) {
		t.Fatalf("%s %v", b, err)
	}
	conn.Close()
}

// TestLyingLeader has a member with a genuine connection lead payer-a in a high term and try what raft v1.8.0 alone would
// obey: rewrite an applied entry, and roll the state back with a snapshot.
func TestLyingLeader(t *testing.T) {
	c := newCluster(t, 3)
	c.start(c.names...)
	last := c.propose("convener", rules.KindRosterSet, roster(0))
	last = c.propose("convener", rules.KindRosterSet, roster(1))
	c.settle(last + 1)
	victim := c.r["payer-a"]
	pos, err := victim.ledger.Position(last)
	if err != nil {
		t.Fatal(err)
	}
	var before raft.Log
	if err := victim.store.GetLog(pos-1, &before); err != nil {
		t.Fatal(err)
	}
	l := c.liar("payer-c", "payer-a")
	resp, err := l.append(raft.AppendEntriesRequest{Term: 1000, PrevLogEntry: pos - 1, PrevLogTerm: before.Term, LeaderCommitIndex: pos,
		Entries: []*raft.Log{{Index: pos, Term: 1000, Data: []byte("another history")}}})
	if err == nil || !strings.Contains(err.Error(), ledger.ErrFork.Error()) || resp.Success {
		t.Fatalf("rewriting an applied entry: %v, success %v", err, resp.Success)
	}
	proof := fmt.Sprintf("%s/fork-%d.json", c.dirs["payer-a"], last)
	if b, err := os.ReadFile(proof); err != nil || !strings.Contains(string(b), "payer-c, leading") || len(victim.Alarms()) != 1 || victim.Alarms()[0].Stops {
		t.Fatalf("no proof of the rewriting: %v, %v", err, victim.Alarms())
	}
	// Raft's own log would not have given the entry up either.
	if err := victim.store.DeleteRange(pos, pos); !errors.Is(err, errApplied) {
		t.Fatalf("an applied entry was deleted: %v", err)
	}
	var kept raft.Log
	if err := victim.store.GetLog(pos, &kept); err != nil || string(kept.Data) == "another history" {
		t.Fatalf("the entry in raft's log is changed: %v", err)
	}
	// Snapshots: a shorter history, another one, one that does not replay, one with another root.
	conf := raft.EncodeConfiguration(raft.Configuration{Servers: []raft.Server{{ID: "payer-c", Address: "payer-c"}}})
	root := func(n uint64) ledger.Hash {
		h, err := victim.ledger.RootAt(n)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	whole := new(bytes.Buffer)
	whole.ReadFrom(newExportReader(victim.ledger, last+1, root(last+1)))
	shorter := new(bytes.Buffer)
	shorter.ReadFrom(newExportReader(victim.ledger, last, root(last)))
	changed := bytes.Replace(whole.Bytes(), []byte("practice-1"), []byte("practice-9"), 1)
	badRoot := bytes.Clone(whole.Bytes())
	badRoot[len(exportMagic)+8] ^= 1
	for want, snap := range map[string][]byte{
		"would take entries away": shorter.Bytes(),
		"another history":         changed,
		"do not have the root":    badRoot,
		"no header":               []byte("an older history"),
		"after its end":           append(bytes.Clone(whole.Bytes()), 0),
		"ends":                    whole.Bytes()[:whole.Len()-1],
	} {
		var is raft.InstallSnapshotResponse
		var err error
		for lie := uint64(1001); ; lie = is.Term + 1 { // the honest members' elections may have overtaken the lie
			is = raft.InstallSnapshotResponse{}
			err = l.tr.InstallSnapshot("payer-a", "payer-a", &raft.InstallSnapshotRequest{RPCHeader: header("payer-c"), SnapshotVersion: 1, Term: lie, Leader: []byte("payer-c"),
				LastLogIndex: pos, LastLogTerm: 1, Configuration: conf, ConfigurationIndex: 1, Size: int64(len(snap))}, &is, bytes.NewReader(snap))
			if err != nil || is.Success || is.Term <= lie {
				break
			}
		}
		if err == nil || !strings.Contains(err.Error(), want) || is.Success {
			t.Errorf("snapshot, want %q: %v", want, err)
		}
	}
	if victim.Applied() != last+1 {
		t.Fatalf("size %d", victim.Applied())
	}
	if _, err := os.Stat(c.dirs["payer-a"] + "/snapshot.json"); err == nil {
		t.Fatal("a lying snapshot was accepted")
	}
	// With honest leaders in charge again, the victim goes on, and cosigns what all others do.
	last = c.propose("convener", rules.KindRosterSet, roster(2))
	c.settle(last + 1)
	c.cosigned(last)
}

// TestRewrittenRaftLog changes an entry in raft's own file while the replica is down: the ledger notices at the next start.
func TestRewrittenRaftLog(t *testing.T) {
	c := newCluster(t, 3)
	c.start(c.names...)
	last := c.propose("convener", rules.KindRosterSet, roster(0))
	c.settle(last + 1)
	pos, err := c.r["payer-a"].ledger.Position(last)
	if err != nil {
		t.Fatal(err)
	}
	c.stop("payer-a")
	s, err := openLogStore(c.dirs["payer-a"]+"/raft.db", time.Minute, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	var l raft.Log
	if err := s.GetLog(pos, &l); err != nil {
		t.Fatal(err)
	}
	l.Data = append(l.Data, ' ')
	if err := s.StoreLog(&l); err != nil {
		t.Fatal(err)
	}
	s.close()
	c.start("payer-a")
	r := c.r["payer-a"]
	eventually(t, "payer-a stops", func() bool { return errors.Is(r.Err(), ledger.ErrFork) })
	if _, err := os.Stat(c.dirs["payer-a"] + "/fork-1.json"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.WaitCosigned(c.ctx(), 5, nil); !errors.Is(err, ErrStopped) {
		t.Fatalf("the gate of a stopped replica: %v", err)
	}
	// The others do not need it.
	last = c.propose("payer-b", rules.KindMeasurePropose, proposal(t, "sp-a"))
	c.stop("payer-a")
	c.settle(last + 1)
}

// TestNewerTermIsAdopted: a follower's newer term is taken over at once; the leader does not step down once for each term between.
func TestNewerTermIsAdopted(t *testing.T) {
	c := newCluster(t, 3)
	c.start("convener", "payer-a")
	last := c.propose("convener", rules.KindRosterSet, roster(0))
	r := c.r["convener"]
	if _, err := r.WaitCosigned(c.ctx(), last, []string{"payer-a"}); err != nil { // so it is in the configuration
		t.Fatal(err)
	}
	r.transport.adopt("payer-a", 500)
	eventually(t, "the convener leads beyond the term", func() bool { return r.store.term.Load() > 500 && r.Leader() == "convener" })
	c.propose("convener", rules.KindRosterSet, roster(1))
	if n := r.store.term.Load(); n > 510 {
		t.Fatalf("term %d", n)
	}
}
