package run

import (
	"fmt"

	"github.com/tacet-health/tacet/protocol/wire"
)

// Event is what a machine is told. The set is closed.
type Event interface {
	fmt.Stringer
	event()
}

type (
	// Authorised starts the run: the manifest is in the log and this member
	// acts on it.
	Authorised struct{}

	// Resumed starts the run in place of Authorised for a member that keeps a
	// journal. Commits are its own ones of all steps so far, from step 0 on
	// without a gap, their signatures verified; none in its first life. Everything
	// up to the last of them is replayed, and nothing beyond is computed before
	// Told.
	Resumed struct{ Commits []*wire.SignedCommit }

	// Told: the convener has passed on everything that it knew of the run when
	// this member's stream to it began, the member's own commits included.
	Told struct{}

	// Computed: the member has computed the step's state and written its own
	// object, if it reveals one, durably to its journal.
	Computed struct {
		Step   int
		State  wire.Hash
		Object wire.Hash
		Size   int64
	}

	// Signed: the commit asked for by a Sign is signed and durably in the
	// journal.
	Signed struct{ Commit *wire.SignedCommit }

	// Received: a commit came from the network; its signature is verified.
	Received struct{ Commit *wire.SignedCommit }

	// Uploaded: the board holds the member's own object.
	Uploaded struct{ Step int }

	// Fetched: another member's object is in a local file and has the hash and
	// size of its commit.
	Fetched struct {
		Step   int
		Member string
	}

	// Absorbed: the object is added into the member's own aggregates.
	Absorbed struct {
		Step   int
		Member string
	}

	// Failed: the member cannot go on. Member is set when another member's
	// object is the reason (codes object and share).
	Failed struct {
		Step   int
		Code   wire.Code
		Member string
	}

	// Voided: a member ended the run; its signature is verified.
	Voided struct{ Void *wire.SignedVoid }

	// TimedOut: the deadline armed for a step has passed.
	TimedOut struct{ Step int }
)

func (Authorised) event() {}
func (Resumed) event()    {}
func (Told) event()       {}
func (Computed) event()   {}
func (Signed) event()     {}
func (Received) event()   {}
func (Uploaded) event()   {}
func (Fetched) event()    {}
func (Absorbed) event()   {}
func (Failed) event()     {}
func (Voided) event()     {}
func (TimedOut) event()   {}

func (Authorised) String() string { return "authorised" }
func (e Resumed) String() string  { return fmt.Sprintf("resumed commits=%d", len(e.Commits)) }
func (Told) String() string       { return "told" }
func (e Computed) String() string {
	return fmt.Sprintf("computed step=%d state=%s object=%s size=%d", e.Step, e.State.Short(), e.Object.Short(), e.Size)
}
func (e Signed) String() string   { return "signed " + describe(e.Commit.Body()) }
func (e Received) String() string { return "received " + describe(e.Commit.Body()) }
func (e Uploaded) String() string { return fmt.Sprintf("uploaded step=%d", e.Step) }
func (e Fetched) String() string  { return fmt.Sprintf("fetched step=%d member=%s", e.Step, e.Member) }
func (e Absorbed) String() string { return fmt.Sprintf("absorbed step=%d member=%s", e.Step, e.Member) }
func (e Failed) String() string {
	return fmt.Sprintf("failed step=%d code=%s member=%s", e.Step, e.Code, e.Member)
}
func (e Voided) String() string {
	b := e.Void.Body()
	return fmt.Sprintf("voided member=%s step=%d code=%s", b.Member, b.Step, b.Code)
}
func (e TimedOut) String() string { return fmt.Sprintf("timed-out step=%d", e.Step) }

func describe(c wire.Commit) string {
	return fmt.Sprintf("step=%d member=%s transcript=%s state=%s object=%s size=%d", c.Step, c.Member, c.Transcript.Short(), c.State.Short(), c.Object.Short(), c.Size)
}
