package run

import (
	"fmt"

	"github.com/tacet-health/tacet/protocol/wire"
)

// Work is what a machine asks for. The set is closed. Work is carried out in
// the order given; Compute, Fetch, Absorb and Upload answer with an event.
type Work interface {
	fmt.Stringer
	work()
}

type (
	// Arm: start the deadline of a step, replacing the one before.
	Arm struct{ Step Step }

	// Compute: compute the step's state from what has been absorbed, and, when
	// Object is set, write the member's own object to the journal (fsync).
	// Answer Computed or Failed.
	Compute struct {
		Step       Step
		Object     bool
		Transcript wire.Hash // of all steps before
	}

	// Sign: sign the commit and write it to the journal (fsync); answer Signed
	// before anything else is told to the machine.
	Sign struct{ Commit wire.Commit }

	// Publish: send the signed commit to everyone.
	Publish struct{ Commit *wire.SignedCommit }

	// Upload: reveal the member's own object of a step. All commits of the step
	// are there and agree. Answer Uploaded.
	Upload struct {
		Step   Step
		Object wire.Hash
		Size   int64
	}

	// Fetch: bring a member's object into a local file and check hash and size
	// against its commit. Answer Fetched or Failed.
	Fetch struct {
		Step   Step
		Member string
		Object wire.Hash
		Size   int64
	}

	// Absorb: add a checked object (the member's own included) into the
	// aggregates. State is what all members committed to in this step, Transcript
	// covers all steps before. Answer Absorbed or Failed.
	Absorb struct {
		Step       Step
		Member     string
		State      wire.Hash
		Transcript wire.Hash
	}

	// Refuse: a message changes nothing; Text says why.
	Refuse struct{ Text string }

	// End: the run is over for this member. Certified or, when Void is set,
	// void; a Void with this member as author is signed and sent to everyone.
	// Evidence is written to files before anything else.
	End struct {
		Transcript wire.Hash
		Void       *wire.Void
		Announce   bool
		Evidence   []Evidence
	}
)

// Evidence is a signed message that shows why a run is void.
type Evidence struct {
	Kind    wire.Kind // KindCommit or KindVoid
	Member  string    // its author
	Step    int
	Hash    wire.Hash // of Message
	Message []byte    // verbatim, as the author signed it
}

func (Arm) work()     {}
func (Compute) work() {}
func (Sign) work()    {}
func (Publish) work() {}
func (Upload) work()  {}
func (Fetch) work()   {}
func (Absorb) work()  {}
func (Refuse) work()  {}
func (End) work()     {}

func (w Arm) String() string { return "arm " + w.Step.String() }
func (w Compute) String() string {
	return fmt.Sprintf("compute %s object=%t transcript=%s", w.Step, w.Object, w.Transcript.Short())
}
func (w Sign) String() string    { return "sign " + describe(w.Commit) }
func (w Publish) String() string { return "publish " + describe(w.Commit.Body()) }
func (w Upload) String() string {
	return fmt.Sprintf("upload %s object=%s size=%d", w.Step, w.Object.Short(), w.Size)
}
func (w Fetch) String() string {
	return fmt.Sprintf("fetch %s of %s object=%s size=%d", w.Step, w.Member, w.Object.Short(), w.Size)
}
func (w Absorb) String() string { return fmt.Sprintf("absorb %s of %s", w.Step, w.Member) }
func (w Refuse) String() string { return "refuse " + w.Text }
func (w End) String() string {
	if w.Void == nil {
		return "end certified transcript=" + w.Transcript.Short()
	}
	s := fmt.Sprintf("end void by %s code=%s announce=%t text=%q", w.Void.Member, w.Void.Code, w.Announce, w.Void.Text)
	for _, e := range w.Evidence {
		s += fmt.Sprintf(" evidence=%s/%d", e.Member, e.Step)
	}
	return s
}
