package admin

import (
	"context"
	"net/http"
)

// Rooms is what an operator does in silent rooms and sealed votes.
type Rooms interface {
	Rooms() ([]Room, error)
	// Say keeps a statement for the next sitting.
	Say(Words) (Said, error)
	// Ballot keeps this member's ballot until votes are counted.
	Ballot(Ballot) error
	// Count has sealed ballots counted; the convener's.
	Count(ctx context.Context, matter string) (Tally, error)
}

// Room is a silent room on record.
type Room struct {
	Room     string    `json:"room"`
	Topic    string    `json:"topic"`
	Members  []string  `json:"members"`
	Least    int64     `json:"least"` // who must be present
	MaxText  int64     `json:"max_text"`
	Sittings int64     `json:"sittings"`
	Sat      int64     `json:"sat"`
	Open     bool      `json:"open"`
	Reason   string    `json:"reason,omitempty"` // why it was closed
	Next     int64     `json:"next,omitempty"`   // time of the next sitting, seconds since 1970
	Due      bool      `json:"due,omitempty"`    // that time has come: it is held as soon as enough are connected
	Said     []Sitting `json:"said"`
	Seat     bool      `json:"seat"` // this member has a place in it
	// Own is how far this member's statement is: waiting, opening, said, unclear, or there is none. Nobody else learns it.
	Own        string `json:"own,omitempty"`
	OwnText    string `json:"own_text,omitempty"`
	OwnSitting int64  `json:"own_sitting,omitempty"`
}

// Sitting is a sitting on record.
type Sitting struct {
	Number     int64    `json:"number"`
	Present    []string `json:"present"` // the anonymity set
	Statements []string `json:"statements"`
	Withheld   int64    `json:"withheld,omitempty"`
	Entry      uint64   `json:"entry"`
}

// Words is what a person wants to say.
type Words struct {
	Room     string `json:"room"`
	Text     string `json:"text"`
	Anyway   bool   `json:"anyway,omitempty"`   // also with a percentage
	Withdraw bool   `json:"withdraw,omitempty"` // take back what waits
}

// Said is when and among whom it will be said.
type Said struct {
	State   string   `json:"state"`
	Next    int64    `json:"next"`
	Due     bool     `json:"due,omitempty"` // as of a room
	Members []string `json:"members"`
	Least   int64    `json:"least"`
}

// Ballot is a sealed ballot.
type Ballot struct {
	Matter string `json:"matter"`
	Choice string `json:"choice"` // yes, no or abstain
}

// Tally is a counted sealed vote.
type Tally struct {
	Yes     int64    `json:"yes"`
	No      int64    `json:"no"`
	Abstain int64    `json:"abstain"`
	Invalid int64    `json:"invalid"`
	Present []string `json:"present"`
	Entry   uint64   `json:"entry"`
}

// matterName is the matter that a count is asked for.
type matterName struct {
	Matter string `json:"matter"`
}

func roomRoutes(mux *http.ServeMux, m Rooms) {
	mux.HandleFunc("GET /v1/rooms", func(w http.ResponseWriter, r *http.Request) {
		l, err := m.Rooms()
		answer(w, l, err)
	})
	mux.HandleFunc("POST /v1/say", func(w http.ResponseWriter, r *http.Request) {
		var x Words
		if read(w, r, &x) {
			said, err := m.Say(x)
			answer(w, said, err)
		}
	})
	mux.HandleFunc("POST /v1/ballot", func(w http.ResponseWriter, r *http.Request) {
		var x Ballot
		if read(w, r, &x) {
			answer(w, struct{}{}, m.Ballot(x))
		}
	})
	mux.HandleFunc("POST /v1/count", func(w http.ResponseWriter, r *http.Request) {
		var x matterName
		if read(w, r, &x) {
			t, err := m.Count(r.Context(), x.Matter)
			answer(w, t, err)
		}
	})
}

// Rooms asks for the rooms on record.
func (c *Client) Rooms(ctx context.Context) ([]Room, error) {
	var l []Room
	err := c.do(ctx, http.MethodGet, "/v1/rooms", nil, &l)
	return l, err
}

// Say asks a member to say something in the next sitting.
func (c *Client) Say(ctx context.Context, w Words) (Said, error) {
	var s Said
	err := c.do(ctx, http.MethodPost, "/v1/say", w, &s)
	return s, err
}

// Ballot gives a member its operator's ballot.
func (c *Client) Ballot(ctx context.Context, b Ballot) error {
	return c.do(ctx, http.MethodPost, "/v1/ballot", b, &struct{}{})
}

// Count asks the convener to count sealed ballots.
func (c *Client) Count(ctx context.Context, matter string) (Tally, error) {
	var t Tally
	err := c.do(ctx, http.MethodPost, "/v1/count", matterName{matter}, &t)
	return t, err
}
