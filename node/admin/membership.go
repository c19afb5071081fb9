package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Membership is how members come in.
type Membership interface {
	// Invite makes a one-time invitation; the convener's.
	Invite(Invite) (Invitation, error)
	// Approve approves a candidate by fingerprint and brings it into the log if enough payers endorse it now; the convener's.
	Approve(context.Context, Approval) (Candidate, error)
	// Endorse lets this payer endorse a candidate that the convener has asked about.
	Endorse(Approval) error
	// Rotate begins to replace this member's keys; not the convener's. The service begins again by itself when the new ones count.
	Rotate() (Rotation, error)
	// About asks the convener what it runs and what time it is.
	About(context.Context) (About, error)
}

// Invite asks for an invitation.
type Invite struct {
	Member  string `json:"member"`
	Role    string `json:"role"`
	Seconds int64  `json:"seconds"` // that it is good for
}

// Invitation is an invitation's text: a secret until it is used.
type Invitation struct {
	Text    string    `json:"text"`
	Expires time.Time `json:"expires"`
}

// Approval names a candidate and the fingerprint that its operator has told.
type Approval struct {
	Member      string `json:"member"`
	Fingerprint string `json:"fingerprint"`
}

// Candidate is somebody on the way into the ledger.
type Candidate struct {
	Member      string    `json:"member"`
	Role        string    `json:"role,omitempty"`
	State       string    `json:"state"` // invited | expired | submitted | approved | member; at a payer: asked
	Fingerprint string    `json:"fingerprint,omitempty"`
	Expires     time.Time `json:"expires,omitzero"`
	Waiting     []string  `json:"waiting,omitempty"` // who does not endorse an approved candidate, and why
}

// Rotation answers a request for new keys.
type Rotation struct {
	Fingerprint string `json:"fingerprint"` // of the new ones
}

// About is what the convener says of itself.
type About struct {
	Version string    `json:"version"`
	Time    time.Time `json:"time"`
	Entries uint64    `json:"entries"`
	RoundMS int64     `json:"round_ms"` // of the question, as measured by who asked
}

// read decodes a request's body and answers itself when it cannot.
func read(w http.ResponseWriter, r *http.Request, v any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		answer(w, nil, fmt.Errorf("read request: %w", err))
		return false
	}
	return true
}

func membershipRoutes(mux *http.ServeMux, m Membership) {
	mux.HandleFunc("POST /v1/invite", func(w http.ResponseWriter, r *http.Request) {
		var i Invite
		if read(w, r, &i) {
			a, err := m.Invite(i)
			answer(w, a, err)
		}
	})
	mux.HandleFunc("POST /v1/approve", func(w http.ResponseWriter, r *http.Request) {
		var a Approval
		if read(w, r, &a) {
			c, err := m.Approve(r.Context(), a)
			answer(w, c, err)
		}
	})
	mux.HandleFunc("POST /v1/endorse", func(w http.ResponseWriter, r *http.Request) {
		var a Approval
		if read(w, r, &a) {
			answer(w, struct{}{}, m.Endorse(a))
		}
	})
	mux.HandleFunc("POST /v1/rotate", func(w http.ResponseWriter, _ *http.Request) {
		a, err := m.Rotate()
		answer(w, a, err)
	})
	mux.HandleFunc("GET /v1/about", func(w http.ResponseWriter, r *http.Request) {
		a, err := m.About(r.Context())
		answer(w, a, err)
	})
}

// Invite asks the convener for an invitation.
func (c *Client) Invite(ctx context.Context, i Invite) (Invitation, error) {
	var a Invitation
	err := c.do(ctx, http.MethodPost, "/v1/invite", i, &a)
	return a, err
}

// Approve approves a candidate.
func (c *Client) Approve(ctx context.Context, a Approval) (Candidate, error) {
	var out Candidate
	err := c.do(ctx, http.MethodPost, "/v1/approve", a, &out)
	return out, err
}

// Endorse endorses a candidate.
func (c *Client) Endorse(ctx context.Context, a Approval) error {
	return c.do(ctx, http.MethodPost, "/v1/endorse", a, &struct{}{})
}

// Rotate begins to replace the member's keys.
func (c *Client) Rotate(ctx context.Context) (Rotation, error) {
	var a Rotation
	err := c.do(ctx, http.MethodPost, "/v1/rotate", struct{}{}, &a)
	return a, err
}

// About asks the convener, through the running member, what it says of itself.
func (c *Client) About(ctx context.Context) (About, error) {
	var a About
	err := c.do(ctx, http.MethodGet, "/v1/about", nil, &a)
	return a, err
}
