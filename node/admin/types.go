package admin

import "encoding/json"

// Status is what a member says about itself. It carries no member data.
type Status struct {
	Name      string `json:"name"`
	Role      string `json:"role"`
	Version   string `json:"version"`
	Address   string `json:"address,omitempty"`   // convener: where it listens
	Connected bool   `json:"connected"`           // to the convener; at the convener: all payers of the ledger
	Transport string `json:"transport,omitempty"` // payer: what its connection runs on, quic or tcp
	// Transports says it of every connected payer, at the convener.
	Transports map[string]string `json:"transports,omitempty"`
	Waiting    string            `json:"waiting,omitempty"`   // who or what is waited for
	WaitsFor   []string          `json:"waits_for,omitempty"` // the members among them, in a run's step
	Phase      string            `json:"phase,omitempty"`     // of the step: computing, agreeing (statements), revealing (objects)
	Since      string            `json:"since,omitempty"`     // when this member entered the step, RFC 3339
	Until      string            `json:"until,omitempty"`     // when it ends the run unless the step is finished
	Entries    uint64            `json:"entries"`             // applied governance entries
	Run        string            `json:"run,omitempty"`       // the run in progress
	Step       string            `json:"step,omitempty"`      // and its step
	BytesSent  uint64            `json:"bytes_sent"`          // over the link, since the start of the process
	PeakRSS    uint64            `json:"peak_rss"`            // bytes, of the process
	PID        int               `json:"pid"`                 // the process
	Withholds  []string          `json:"withholds,omitempty"` // payer: what no measure sees
	Members    int               `json:"members"`             // voting members of the ledger as this replica sees them
	Member     bool              `json:"member"`              // this member is in the log
	// Fingerprint is that of the keys in use; Rotating that of those which shall follow.
	Fingerprint string `json:"fingerprint"`
	Rotating    string `json:"rotating,omitempty"`
	Recovering  string `json:"recovering,omitempty"` // what a member waits for that gets its ledger again and signs nothing until then
	// Candidates are, at the convener, the invitations and what became of them; at a payer, whom it was asked to endorse and does not know.
	Candidates []Candidate `json:"candidates,omitempty"`
	Cosigned   *Root       `json:"cosigned,omitempty"`  // the last checkpoint that this member has put its name to
	Witnessed  *Root       `json:"witnessed,omitempty"` // the last root that it has said in the log to have seen
	Frozen     uint64      `json:"frozen,omitempty"`    // entry with which the log was closed for good
	Alarms     []Alarm     `json:"alarms,omitempty"`    // forks it has proofs of
	Stopped    string      `json:"stopped,omitempty"`   // why its replica of the log has stopped for good
}

// Root is a state of the log.
type Root struct {
	Size  uint64 `json:"size"`
	Root  string `json:"root"`            // hex
	Entry uint64 `json:"entry,omitempty"` // of the log, that says so
}

// Alarm is a proof that somebody showed this member another history.
type Alarm struct {
	What  string `json:"what"`
	Index uint64 `json:"index"`
	File  string `json:"file"`
	Stops bool   `json:"stops"` // this member stopped by it
}

// Proposal asks the member to sign and propose a governance entry.
type Proposal struct {
	Kind string          `json:"kind"`
	Body json.RawMessage `json:"body"`
}

// Accepted answers a Proposal: the entry's index in the log.
type Accepted struct {
	Index uint64 `json:"index"`
}

// Run is one run as this member sees it.
type Run struct {
	Run         string `json:"run"`
	State       string `json:"state"`                 // running | certified | void
	Reason      string `json:"reason,omitempty"`      // of a void run, or why a certified one is not released yet: then it has no certificate here
	Table       []byte `json:"table,omitempty"`       // the release table's canonical bytes (base64: what is signed is bytes)
	Certificate []byte `json:"certificate,omitempty"` // certificate.json
	// Evaluation is the processor time in seconds that this member's evaluation of the circuit took, refreshes excluded; 0 when unknown.
	Evaluation float64     `json:"evaluation_cpu_seconds,omitempty"`
	Evidence   []Statement `json:"evidence,omitempty"` // of a void run
	// Lines are the measures whose cells a certified release asked for reliability.
	Lines []Line `json:"reliability_lines,omitempty"`
}

// Line is from how many people on a measure's rate has a reliability of 0.70, by the variance components that a run has summed. 0: no number of people is enough.
type Line struct {
	Measure string `json:"measure"`
	Version string `json:"version"`
	People  int64  `json:"people"`
	Run     string `json:"run"` // of the variance components
}

// Statement is a signed message that shows why a run is void. Two commits of one step that differ contradict each other.
type Statement struct {
	Kind    string `json:"kind"`   // commit | void
	Member  string `json:"member"` // its author; the signature is verified
	Step    int    `json:"step"`
	Text    string `json:"text"`              // what it says, hashes shortened
	File    string `json:"file"`              // verbatim
	Problem string `json:"problem,omitempty"` // why the file is not a statement; then the rest is empty
}

// Event is a line of progress of a run.
type Event struct {
	Member   string   `json:"member"`
	Run      string   `json:"run"`
	Step     string   `json:"step"`
	Phase    string   `json:"phase"`               // computing | waiting | done
	Waiting  string   `json:"waiting,omitempty"`   // whom the member waits for
	WaitsFor []string `json:"waits_for,omitempty"` // the same, by name
	Since    string   `json:"since,omitempty"`     // when the member entered the step, RFC 3339
	Until    string   `json:"until,omitempty"`     // when its deadline passes
	Seconds  float64  `json:"seconds"`             // since the step began
	Sent     uint64   `json:"sent"`                // bytes in this step
	Received uint64   `json:"received"`
}

// Problem is the body of every error answer.
type Problem struct {
	Code string `json:"code,omitempty"` // a rule's reason code
	Text string `json:"error"`
}

// Error is the problem's text.
func (p *Problem) Error() string { return p.Text }
