package admin

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// Client talks to a running member. Safe for concurrent use.
type Client struct {
	name string
	http *http.Client
}

// Dial returns a client of the member whose data directory is dir. It does not connect yet.
func Dial(dir string) (*Client, error) {
	path := filepath.Join(dir, socketName)
	st, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("the service of %s does not run (tacet node run --dir %s starts it, or tacet coordinator run): %w", dir, dir, err)
	}
	if st.Mode().IsRegular() { // the pointer file of a long path
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("find admin socket: %w", err)
		}
		path = strings.TrimSpace(string(b))
	}
	var d net.Dialer
	return &Client{name: filepath.Base(dir), http: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, "unix", path) },
	}}}, nil
}

// Close drops idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

func (c *Client) do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := plain(in)
		if err != nil {
			return fmt.Errorf("ask %s: %w", c.name, err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://member"+path, body)
	if err != nil {
		return fmt.Errorf("ask %s: %w", c.name, err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("ask %s: %w", c.name, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s refuses: %w", c.name, problem(resp))
	}
	return json.NewDecoder(resp.Body).Decode(out)
}

// problem reads an error answer.
func problem(resp *http.Response) *Problem {
	var p Problem
	if json.NewDecoder(io.LimitReader(resp.Body, maxBody)).Decode(&p) != nil || p.Text == "" {
		p.Text = resp.Status
	}
	return &p
}

// Status asks for the member's status.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var s Status
	err := c.do(ctx, http.MethodGet, "/v1/status", nil, &s)
	return s, err
}

// Propose lets the member sign and propose an entry; a rule's refusal is a *Problem.
func (c *Client) Propose(ctx context.Context, kind string, body any) (index uint64, err error) {
	b, err := plain(body)
	if err != nil {
		return 0, fmt.Errorf("propose %s: %w", kind, err)
	}
	var a Accepted
	if err := c.do(ctx, http.MethodPost, "/v1/propose", Proposal{Kind: kind, Body: b}, &a); err != nil {
		return 0, fmt.Errorf("propose %s: %w", kind, err)
	}
	return a.Index, nil
}

// WaitRun waits until the run has ended at this member.
func (c *Client) WaitRun(ctx context.Context, run string) (Run, error) {
	var r Run
	err := c.do(ctx, http.MethodGet, "/v1/runs/"+run+"?wait=1", nil, &r)
	return r, err
}

// Run asks how a run stands, now.
func (c *Client) Run(ctx context.Context, run string) (Run, error) {
	var r Run
	err := c.do(ctx, http.MethodGet, "/v1/runs/"+run, nil, &r)
	return r, err
}

// Evidence writes the member's evidence bundle to w.
func (c *Client) Evidence(ctx context.Context, w io.Writer) error { return c.file(ctx, w, "evidence") }

// Snapshot writes a snapshot of the member's ledger to w.
func (c *Client) Snapshot(ctx context.Context, w io.Writer) error { return c.file(ctx, w, "snapshot") }

func (c *Client) file(ctx context.Context, w io.Writer, what string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://member/v1/"+what, nil)
	if err != nil {
		return fmt.Errorf("ask %s for %s: %w", c.name, what, err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("ask %s for %s: %w", c.name, what, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("ask %s for %s: %w", c.name, what, problem(resp))
	}
	if _, err := io.Copy(w, resp.Body); err != nil {
		return fmt.Errorf("receive %s of %s: %w", what, c.name, err)
	}
	return nil
}

// Events calls f for every progress event until ctx ends or the member stops.
func (c *Client) Events(ctx context.Context, f func(Event)) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://member/v1/events", nil)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("follow %s: %w", c.name, err)
	}
	defer resp.Body.Close()
	sc := bufio.NewScanner(resp.Body)
	for sc.Scan() {
		var e Event
		if err := json.Unmarshal(sc.Bytes(), &e); err != nil {
			return fmt.Errorf("follow %s: %w", c.name, err)
		}
		f(e)
	}
	return sc.Err()
}
