package admin

import (
	"context"
	"encoding/json"
	"net/http"
)

// Act is what a person wants to do in the log (package node/govern knows the verbs).
type Act struct {
	Verb    string            `json:"verb"`
	Args    []string          `json:"args,omitempty"`
	Content []byte            `json:"content,omitempty"` // of the file that belongs to it
	Options map[string]string `json:"options,omitempty"`
}

// Draft is an entry that is not signed yet.
type Draft struct {
	Author  string          `json:"author"`
	Kind    string          `json:"kind"`
	Body    json.RawMessage `json:"body"`              // the bytes that would be signed
	Text    string          `json:"text"`              // what it says
	Diff    string          `json:"diff"`              // against what is in force: " " kept, "-" out, "+" in
	Refusal *Problem        `json:"refusal,omitempty"` // what the rules would say of it now
}

// Docket is what is open.
type Docket struct {
	Member string `json:"member"`
	Time   int64  `json:"log_time"` // seconds since 1970; 0 = the log has no time yet
	Items  []Item `json:"items"`
}

// Item is an open matter.
type Item struct {
	Kind  string   `json:"kind"` // motion, measure, run, appeal, adoption, submission, attestation
	ID    string   `json:"id"`
	Text  string   `json:"text"`
	Stage string   `json:"stage"`
	Until int64    `json:"until,omitempty"` // log time at which the stage's window ends
	Waits []string `json:"waits_for"`       // members whose vote, answer or opinion is missing
	Yours []string `json:"yours"`           // what the rules let this member do now, as commands
}

// Draft asks for an entry that is not signed.
func (c *Client) Draft(ctx context.Context, a Act) (Draft, error) {
	var d Draft
	err := c.do(ctx, http.MethodPost, "/v1/draft", a, &d)
	return d, err
}

// Docket asks what is open.
func (c *Client) Docket(ctx context.Context) (Docket, error) {
	var d Docket
	err := c.do(ctx, http.MethodGet, "/v1/docket", nil, &d)
	return d, err
}
