package replica

import (
	"errors"
	"fmt"

	"github.com/hashicorp/raft"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
)

const (
	maxAppend        = maxBatch                  // entries in one append
	maxConfiguration = 64 << 10                  // bytes of a configuration entry
	maxRPC           = (maxAppend + 4) * 1 << 20 // bytes of one request but a snapshot's stream
	maxSnapshot      = 16 << 30                  // bytes of a snapshot's stream
	maxServers       = rules.MaxMembers + 8      // in a configuration
)

// maxTermJump is how far ahead of ours a peer's term may be. raft adopts any newer term it sees; at the end of the number range there
// would be no next one, for ever.
const maxTermJump = 1 << 20

func guardTerm(theirs, ours uint64) error {
	if theirs > ours && theirs-ours > maxTermJump {
		return fmt.Errorf("term %d is too far ahead of ours, %d", theirs, ours)
	}
	return nil
}

// guard refuses what raft v1.8.0 would obey or panic on: an RPC in the name of another member than the connection's, a term
// out of reach of ours, entry types of old versions, configurations that do not decode, entries out of line or too long.
func guard(peer string, rpc raft.RPC, term uint64) error {
	h, ok := rpc.Command.(raft.WithRPCHeader)
	if !ok {
		return errors.New("rpc without a header")
	}
	if hdr := h.GetRPCHeader(); string(hdr.ID) != peer || string(hdr.Addr) != peer {
		return fmt.Errorf("rpc in the name of %.40q at %.40q on a connection of %q", hdr.ID, hdr.Addr, peer)
	}
	switch c := rpc.Command.(type) {
	case *raft.AppendEntriesRequest:
		if err := guardTerm(c.Term, term); err != nil {
			return err
		}
		return guardAppend(c)
	case *raft.InstallSnapshotRequest:
		if err := guardTerm(c.Term, term); err != nil {
			return err
		}
		if c.SnapshotVersion != raft.SnapshotVersionMax {
			return fmt.Errorf("snapshot version %d", c.SnapshotVersion)
		}
		if c.Size < 0 || c.Size > maxSnapshot {
			return fmt.Errorf("snapshot of %d bytes", c.Size)
		}
		return guardConfiguration(c.Configuration)
	case *raft.RequestVoteRequest:
		return guardTerm(c.Term, term)
	case *raft.RequestPreVoteRequest:
		return guardTerm(c.Term, term)
	case *raft.TimeoutNowRequest:
		return nil
	default:
		return fmt.Errorf("rpc %T", c)
	}
}

func guardAppend(c *raft.AppendEntriesRequest) error {
	if len(c.Entries) > maxAppend {
		return fmt.Errorf("%d entries in one append, at most %d", len(c.Entries), maxAppend)
	}
	for i, e := range c.Entries {
		if e == nil || e.Index != c.PrevLogEntry+1+uint64(i) {
			return errors.New("entries of an append are not in line")
		}
		if e.Term == 0 || e.Term > c.Term {
			return fmt.Errorf("entry of term %d from a leader of term %d", e.Term, c.Term)
		}
		if len(e.Extensions) > 0 {
			return errors.New("entry with extensions")
		}
		switch e.Type {
		case raft.LogCommand:
			if len(e.Data) == 0 || len(e.Data) > entry.MaxSize {
				return fmt.Errorf("entry of %d bytes", len(e.Data))
			}
		case raft.LogNoop, raft.LogBarrier:
			if len(e.Data) > 0 {
				return fmt.Errorf("%v entry with %d bytes", e.Type, len(e.Data))
			}
		case raft.LogConfiguration:
			if err := guardConfiguration(e.Data); err != nil {
				return err
			}
		default:
			return fmt.Errorf("entry type %v", e.Type)
		}
	}
	return nil
}

// guardConfiguration decodes a configuration as raft will, where a panic does no harm, and checks what raft takes for granted.
// Whether the servers are members is not checked here: a configuration may come in one batch with the entry that makes
// somebody a member. Who is no member gets no connection (boundTransport), so its vote does not count.
func guardConfiguration(b []byte) error {
	if len(b) == 0 || len(b) > maxConfiguration {
		return fmt.Errorf("configuration of %d bytes", len(b))
	}
	c, err := decodeConfiguration(b)
	if err != nil {
		return err
	}
	if len(c.Servers) == 0 || len(c.Servers) > maxServers {
		return fmt.Errorf("configuration of %d servers", len(c.Servers))
	}
	seen, voters := map[raft.ServerID]bool{}, 0
	for _, s := range c.Servers {
		if s.ID == "" || len(s.ID) > 32 || string(s.ID) != string(s.Address) || seen[s.ID] {
			return fmt.Errorf("configuration with server %.40q at %.40q", s.ID, s.Address)
		}
		seen[s.ID] = true
		switch s.Suffrage {
		case raft.Voter:
			voters++
		case raft.Nonvoter:
		default:
			return fmt.Errorf("configuration with suffrage %d", s.Suffrage)
		}
	}
	if voters == 0 {
		return errors.New("configuration without a voter")
	}
	return nil
}

func decodeConfiguration(b []byte) (c raft.Configuration, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("configuration does not decode")
		}
	}()
	return raft.DecodeConfiguration(b), nil
}
