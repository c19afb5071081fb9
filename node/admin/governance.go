package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// Governance is what an operator reads of the log, and how the convener's authorises a run.
type Governance interface {
	State() State
	// Log returns entries from an index on, at most MaxLog.
	Log(from uint64) ([]Entry, error)
	// Authorise plans a run from what the log holds and writes its manifest; the convener's. A refusal by a rule is a *Problem.
	Authorise(context.Context, RunRequest) (Authorised, error)
	// Draft makes an entry of what a person wants to do and says what it is, as text and as a difference to what is in force. It signs nothing.
	Draft(Act) (Draft, error)
	// Docket is what is open in the log, and what waits for this member.
	Docket() Docket
}

// MaxLog is the most entries that one answer carries.
const MaxLog = 1000

// State is what the log amounts to.
type State struct {
	Ledger   string        `json:"ledger"`
	Entries  uint64        `json:"entries"`
	Insecure bool          `json:"insecure,omitempty"`
	Members  []MemberState `json:"members"`
	Measures []Measure     `json:"measures"`
	Profiles []Profile     `json:"profiles"`
	Rosters  []Roster      `json:"rosters"`
	Runs     []RunState    `json:"runs"`
}

// MemberState is a member on record.
type MemberState struct {
	Name        string `json:"name"`
	Role        string `json:"role"`
	Fingerprint string `json:"fingerprint"`
	Joined      uint64 `json:"joined"` // index of the entry
	Left        bool   `json:"left,omitempty"`
}

// Measure is a measure on record.
type Measure struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	Hash    string `json:"hash"`
	Status  string `json:"status"`
	Profile string `json:"profile"`
	Votes   []Vote `json:"votes"`
}

// Vote is one member's vote.
type Vote struct {
	Member string `json:"member"`
	Choice string `json:"choice"`
}

// Profile is a disclosure profile in force.
type Profile struct {
	Name    string `json:"name"`
	Version int64  `json:"version"`
	Hash    string `json:"hash"`
}

// Roster is a roster on record.
type Roster struct {
	Hash      string `json:"hash"`
	Practices int    `json:"practices"`
}

// RunState is a run on record.
type RunState struct {
	Run          string   `json:"run"`
	Status       string   `json:"status"`
	Period       string   `json:"period"`
	Contributors []string `json:"contributors"`
	Reason       string   `json:"reason,omitempty"`
}

// Entry is a line of the log.
type Entry struct {
	Index  uint64          `json:"index"`
	Author string          `json:"author,omitempty"` // empty: the genesis
	Kind   string          `json:"kind"`
	Hash   string          `json:"hash"`           // of the signed bytes, SHA-256
	Text   string          `json:"text,omitempty"` // what it says, for people
	Body   json.RawMessage `json:"body"`
}

// RunRequest says what run to authorise.
type RunRequest struct {
	Run      string   `json:"run"`
	Measures []string `json:"measures"` // ID or ID@VERSION, approved; the latest approved version otherwise
	// Stratify takes the measures in their form by that kind (dual, deprivation, race, ethnicity, language), which is a definition of its own;
	// Strata are those that are released, by default all of a kind with a fixed list.
	Stratify   string     `json:"stratify,omitempty"`
	Strata     []string   `json:"strata,omitempty"`
	Period     string     `json:"period"`
	Practices  []Practice `json:"practices"`            // in the order of a roster on record
	Payers     []string   `json:"payers,omitempty"`     // default: all
	Recipients []string   `json:"recipients,omitempty"` // default: the convener and the payers
	Seconds    int64      `json:"seconds"`              // deadline of each phase; 0: by the plan's prediction
	Purpose    string     `json:"purpose"`
	Agreement  string     `json:"agreement"`
	// Of a run of kind aggregate instead of measures and practices: an approved sum, ID or ID@VERSION, its stage, and the certified runs it follows from.
	Sum   string   `json:"sum,omitempty"`
	Stage string   `json:"stage,omitempty"`
	After []string `json:"after,omitempty"`
	// Of a sum of kind total: the certified release whose shown practices are added up, which fixes stage, period and payers, and the groups (regions, all); none named: all
	// that may be opened together.
	Totals    string   `json:"totals,omitempty"`
	Groups    []string `json:"groups,omitempty"`
	Threshold int64    `json:"threshold,omitempty"` // payers that must be present; default: more than half, and the profile's minimum
	Grace     int64    `json:"grace,omitempty"`     // seconds that enough payers wait for the rest; default: the deadline, two minutes at most

	// Reliability has the cells of every proportion asked for the line of its variance components of that period and those payers, where they are on record.
	Reliability bool `json:"reliability,omitempty"`

	Plan bool `json:"plan,omitempty"` // answer with the plan and write nothing
	// Restates is the certified run whose figures this one releases again, because of an upheld appeal or for the reason given; empty: a run of its own.
	Restates string `json:"restates,omitempty"`
	Appeal   string `json:"appeal,omitempty"`
	Reason   string `json:"reason,omitempty"`
}

// Practice is a practice of a roster and the kind of practice it is (a measure's grain).
type Practice struct {
	Grain  string `json:"grain"`
	ID     string `json:"id"`
	Region string `json:"region,omitempty"`
}

// Authorised is a run's manifest in the log, and the plan that people can read.
type Authorised struct {
	Run   string `json:"run"`
	Index uint64 `json:"index,omitempty"`
	Cells int    `json:"cells"`
	Set   string `json:"set"`
	Text  string `json:"plan"`
}

func governanceRoutes(mux *http.ServeMux, m Governance) {
	mux.HandleFunc("GET /v1/governance", func(w http.ResponseWriter, r *http.Request) { answer(w, m.State(), nil) })
	mux.HandleFunc("GET /v1/log", func(w http.ResponseWriter, r *http.Request) {
		from, err := strconv.ParseUint(r.URL.Query().Get("from"), 10, 63)
		if err != nil {
			answer(w, nil, fmt.Errorf("from is no index of the log"))
			return
		}
		l, err := m.Log(from)
		answer(w, l, err)
	})
	mux.HandleFunc("GET /v1/docket", func(w http.ResponseWriter, r *http.Request) { answer(w, m.Docket(), nil) })
	mux.HandleFunc("POST /v1/draft", func(w http.ResponseWriter, r *http.Request) {
		var a Act
		if read(w, r, &a) {
			d, err := m.Draft(a)
			answer(w, d, err)
		}
	})
	mux.HandleFunc("POST /v1/authorise", func(w http.ResponseWriter, r *http.Request) {
		var q RunRequest
		if read(w, r, &q) {
			a, err := m.Authorise(r.Context(), q)
			answer(w, a, err)
		}
	})
}

// State asks what the log amounts to.
func (c *Client) State(ctx context.Context) (State, error) {
	var s State
	err := c.do(ctx, http.MethodGet, "/v1/governance", nil, &s)
	return s, err
}

// Log asks for entries from an index on, at most MaxLog.
func (c *Client) Log(ctx context.Context, from uint64) ([]Entry, error) {
	var l []Entry
	err := c.do(ctx, http.MethodGet, "/v1/log?from="+strconv.FormatUint(from, 10), nil, &l)
	return l, err
}

// Authorise asks the convener to authorise a run.
func (c *Client) Authorise(ctx context.Context, q RunRequest) (Authorised, error) {
	var a Authorised
	err := c.do(ctx, http.MethodPost, "/v1/authorise", q, &a)
	return a, err
}
