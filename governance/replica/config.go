package replica

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/hashicorp/raft"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/rules"
)

// Config is a replica's configuration. Dir, Keys, Genesis and Endpoint are required.
type Config struct {
	Dir      string // this replica's alone
	Keys     *identity.Keys
	Genesis  rules.Genesis
	Endpoint Endpoint
	// Convener must be true at the member that the genesis names as the convener, and nowhere else.
	Convener bool
	// Rotated says that Keys are not the member's first: the genesis may name others, and the log decides.
	Rotated bool
	// Lost says that this member has taken part before with a ledger that is not in Dir any more (recover.go).
	Lost bool
	Log  *slog.Logger // nil: discards

	Heartbeat  time.Duration // time without a leader's word until an election; default 1 s
	WriteLimit time.Duration // a write to disk that lasts longer is fatal; default 30 s
	RoomEvery  time.Duration // how often a replica that found the disk full looks again; default 15 s
	// SnapshotEvery is the number of Raft entries between snapshots (default 8192), KeepEntries the number kept behind one
	// (default 1024) so that a member who was away briefly needs no snapshot.
	SnapshotEvery, KeepEntries uint64
	// Fatal is called when the disk failed. The process must end; default: log and exit with status 4.
	Fatal func(error)
}

func (c *Config) complete() error {
	if c.Keys == nil || c.Endpoint == nil || c.Dir == "" {
		return errors.New("folder, keys and endpoint are required")
	}
	name := c.Keys.Name()
	if c.Endpoint.Name() != name {
		return fmt.Errorf("keys of %q at the endpoint of %q", name, c.Endpoint.Name())
	}
	if c.Convener != (c.Genesis.Convener.Name == name) {
		return fmt.Errorf("the genesis names %q as convener; this is %q", c.Genesis.Convener.Name, name)
	}
	for _, p := range append([]identity.Public{c.Genesis.Convener}, c.Genesis.Members...) {
		if p.Name == name && !p.Equal(c.Keys.Public()) && !c.Rotated {
			return fmt.Errorf("the genesis has other keys for %q than this member's; is it an old invitation?", name)
		}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Log = c.Log.With("part", "governance", "member", name)
	if c.Heartbeat == 0 {
		c.Heartbeat = time.Second
	}
	if c.Heartbeat < 20*time.Millisecond {
		return fmt.Errorf("heartbeat of %v is too short", c.Heartbeat)
	}
	if c.WriteLimit == 0 {
		c.WriteLimit = 30 * time.Second
	}
	if c.RoomEvery == 0 {
		c.RoomEvery = roomEvery
	}
	if c.SnapshotEvery == 0 {
		c.SnapshotEvery = 8192
	}
	if c.KeepEntries == 0 {
		c.KeepEntries = 1024
	}
	if c.Fatal == nil {
		log := c.Log
		c.Fatal = func(err error) {
			log.Error("governance: the disk failed; the process ends so that the next start reads what is there", "error", err)
			os.Exit(4)
		}
	}
	last, log, dir := c.Fatal, c.Log, c.Dir
	c.Fatal = func(err error) {
		freed := make(chan error, 1)
		go func() { freed <- dropBallast(dir) }()
		select {
		case err := <-freed:
			if err != nil {
				log.Warn("the ballast could not be given away", "error", err)
			}
		case <-time.After(time.Second): // a hung disk must not keep the process from ending
		}
		last(err)
	}
	return nil
}

func (r *Replica) raftConfig() *raft.Config {
	c := raft.DefaultConfig()
	c.LocalID = raft.ServerID(r.cfg.Keys.Name())
	c.HeartbeatTimeout, c.ElectionTimeout, c.LeaderLeaseTimeout = r.cfg.Heartbeat, r.cfg.Heartbeat, r.cfg.Heartbeat/2
	c.CommitTimeout = r.cfg.Heartbeat / 2 // between appends without entries; what is committed is told earlier, see spread
	c.MaxAppendEntries, c.BatchApplyCh = maxAppend, true
	c.SnapshotThreshold, c.TrailingLogs = r.cfg.SnapshotEvery, r.cfg.KeepEntries
	c.NoLegacyTelemetry = true
	return c
}
