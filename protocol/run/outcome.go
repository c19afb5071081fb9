package run

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/protocol/wire"
)

// ContextCertificate separates signatures of certificates from all others.
const ContextCertificate = "tacet/certificate/v1"

// Outcome is how a run ended for one member.
type Outcome struct {
	Run             string
	Manifest        [32]byte
	Set             string        // parameter set
	StatisticalBits int           // of the flooding, for all result ciphertexts together
	Evaluation      time.Duration // processor time this member's evaluation took, refreshes excluded; 0 where unknown

	// Of a certified run. Values and Table are nil for a member that is no
	// recipient; Signatures are verified and complete for everyone.
	Values     []predicate.Value
	Table      []byte
	TableHash  [32]byte
	Transcript [32]byte
	Signatures map[string][]byte // by recipient, over Statement
	Model      *wire.Hash        // of an aggregate run: of what was made of its sum; nil: nothing was

	// Salt opens the commitment to this member's vector; nil for the convener.
	Salt []byte

	// Of a void run: a sentence, its code, who said it and in which step, and the
	// signed messages that show it. Void is empty when the run is certified.
	Void     string
	Code     wire.Code
	By       string
	Step     string
	Evidence []Evidence
	Files    []string // where the evidence is kept

	Steps []Total // what each step took
}

// Total is what one step took at one member: seconds, and bytes of objects and
// signed messages (for the convener: what its board took in and gave out).
type Total struct {
	Step           string
	Seconds        float64
	Sent, Received int64
}

// Certified says whether the run ended with a certificate.
func (o *Outcome) Certified() bool { return o.Void == "" }

// Statement returns what the recipients signed.
func (o *Outcome) Statement() Statement {
	return Statement{
		Run: o.Run, Manifest: o.Manifest, Transcript: o.Transcript, Table: o.TableHash,
		Set: o.Set, StatisticalBits: o.StatisticalBits, Model: o.Model,
	}
}

// Statement is the certificate's statement.
type Statement struct {
	Run             string     `json:"run"`
	Manifest        wire.Hash  `json:"manifest"`
	Transcript      wire.Hash  `json:"transcript"` // of all steps before Certify
	Table           wire.Hash  `json:"table"`      // SHA-256 of the release table's canonical bytes
	Set             string     `json:"set"`
	StatisticalBits int        `json:"statistical_bits"`
	Model           *wire.Hash `json:"model,omitempty"` // of an aggregate run
}

// Canonical returns the bytes that are signed under ContextCertificate: JSON
// without white space, fields in the order of the struct.
func (s Statement) Canonical() []byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic("run: encoding a certificate statement: " + err.Error()) // strings, hashes and a number always encode
	}
	return b
}

// Sign signs the statement.
func (s Statement) Sign(k *identity.Keys) []byte { return k.Sign(ContextCertificate, s.Canonical()) }

// Verify checks a recipient's signature over the statement.
func (s Statement) Verify(p identity.Public, sig []byte) error {
	if err := p.Verify(ContextCertificate, s.Canonical(), sig); err != nil {
		return fmt.Errorf("certificate of run %s, signature of %s: %w", s.Run, p.Name, err)
	}
	return nil
}

// Progress is an event for the operator's screen.
type Progress struct {
	Run     string
	Member  string // whose view this is
	Step    Step
	Steps   int // of the run
	Phase   Phase
	Waiting []string      // whom the member waits for
	Done    bool          // the step is complete; Seconds, Sent and Received are its totals
	Seconds float64       // since the member entered the step
	Limit   time.Duration // how long it may take
	// Bytes of objects and signed messages of this step; for the convener what
	// its board took in and gave out.
	Sent, Received int64
}

// Hooks let tests disturb a member at the two places that matter. Nil functions
// do nothing; production leaves them nil.
type Hooks struct {
	// Stage sees what the member computed before its hash is taken; it may
	// replace ciphertexts, or fail.
	Stage func(Step, *predicate.Stage) error
	// Reveal is called before the member's object of a step leaves it.
	Reveal func(Step)
	// Crash is called at every point of a step at which a member may die; with
	// true it dies there: nothing more is written, nothing more is sent.
	Crash func(Point, Step) bool
}

// Point is where a member that keeps a journal can be stopped.
type Point string

// The points of a step, in order, and those of the end.
const (
	Entered  Point = "entered"  // nothing of the step is done
	Made     Point = "made"     // the object is durable, the sealed journal does not know it
	Recorded Point = "recorded" // object, state and secrets are in the journal
	Bound    Point = "bound"    // the commit is in the journal, nobody has seen it
	Sent     Point = "sent"     // the commit is on its way
	Agreed   Point = "agreed"   // all commits are there, the object has not left
	Revealed Point = "revealed" // the board holds the object
	Finished Point = "finished" // the outcome is on disk, secrets are not erased
)

// Points are all of them.
var Points = []Point{Entered, Made, Recorded, Bound, Sent, Agreed, Revealed, Finished}
