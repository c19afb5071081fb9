package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/tacet-health/tacet/node/vault"
)

const (
	socketName = "admin.sock"
	maxSocket  = 100     // bytes of a unix socket's path; the kernel's limit is 108 with the terminator
	maxBody    = 8 << 20 // bytes of a request or an error answer
)

// Member is what the interface drives: the running service. Its methods may be called concurrently.
type Member interface {
	Previewer
	Status() Status
	// Propose signs and proposes an entry and returns once it is applied here; a refusal by a rule is a *Problem with its code.
	Propose(ctx context.Context, kind string, body json.RawMessage) (uint64, error)
	// Run describes a run; with wait it returns when the run has ended here or ctx ends.
	Run(ctx context.Context, run string, wait bool) (Run, error)
	// Events calls f for every event so far and to come until ctx ends or f fails.
	Events(ctx context.Context, f func(Event) error) error
	// Evidence makes the evidence bundle of the log as far as members have cosigned it. The caller closes it.
	Evidence(ctx context.Context) (io.ReadCloser, error)
	// Snapshot makes a file from which any member of the ledger can begin again. The caller closes it.
	Snapshot(ctx context.Context) (io.ReadCloser, error)
	Membership
	Governance
	Rooms
}

// Server serves a member's socket until Close.
type Server struct {
	http   *http.Server
	folder string // private folder of the socket where the data directory's path is too long
	file   string // admin.sock in the data directory
	done   chan struct{}
}

// Serve listens on the socket of the data directory dir. The caller holds the directory's lock, so a socket that is
// already there is left over from a crash and is replaced.
func Serve(dir string, m Member) (*Server, error) {
	s := &Server{file: filepath.Join(dir, socketName), done: make(chan struct{})}
	if err := os.Remove(s.file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("admin socket: %w", err)
	}
	path := s.file
	if len(path) > maxSocket {
		folder, err := os.MkdirTemp("", "tacet-")
		if err != nil {
			return nil, fmt.Errorf("admin socket: %w", err)
		}
		s.folder, path = folder, filepath.Join(folder, socketName)
	}
	l, err := net.Listen("unix", path)
	if err == nil {
		err = os.Chmod(path, 0o600)
	}
	if err == nil && s.folder != "" {
		err = vault.Write(s.file, []byte(path+"\n"))
	}
	if err != nil {
		return nil, fmt.Errorf("admin socket: %w", err)
	}
	s.http = &http.Server{Handler: handler(m), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		defer close(s.done)
		s.http.Serve(l) // returns when Close closes the listener
	}()
	return s, nil
}

// Close ends all requests and removes the socket.
func (s *Server) Close() error {
	err := s.http.Close()
	<-s.done
	os.Remove(s.file)
	if s.folder != "" {
		os.RemoveAll(s.folder)
	}
	return err
}

func handler(m Member) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", func(w http.ResponseWriter, r *http.Request) { answer(w, m.Status(), nil) })
	mux.HandleFunc("POST /v1/propose", func(w http.ResponseWriter, r *http.Request) {
		var p Proposal
		d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
		d.DisallowUnknownFields()
		if err := d.Decode(&p); err != nil {
			answer(w, nil, fmt.Errorf("read proposal: %w", err))
			return
		}
		index, err := m.Propose(r.Context(), p.Kind, p.Body)
		answer(w, Accepted{Index: index}, err)
	})
	mux.HandleFunc("GET /v1/runs/{run}", func(w http.ResponseWriter, r *http.Request) {
		run, err := m.Run(r.Context(), r.PathValue("run"), r.URL.Query().Get("wait") == "1")
		answer(w, run, err)
	})
	mux.HandleFunc("GET /v1/events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-ndjson")
		enc := json.NewEncoder(w)
		flush := http.NewResponseController(w)
		flush.Flush() // the header, so that the client knows it follows
		m.Events(r.Context(), func(e Event) error {
			if err := enc.Encode(e); err != nil {
				return err
			}
			return flush.Flush()
		})
	})
	membershipRoutes(mux, m)
	governanceRoutes(mux, m)
	previewRoutes(mux, m)
	roomRoutes(mux, m)
	mux.HandleFunc("GET /v1/evidence", file("application/zip", m.Evidence))
	mux.HandleFunc("GET /v1/snapshot", file("application/octet-stream", m.Snapshot))
	return mux
}

// file answers with what make makes.
func file(kind string, make func(context.Context) (io.ReadCloser, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		b, err := make(r.Context())
		if err != nil {
			answer(w, nil, err)
			return
		}
		defer b.Close()
		w.Header().Set("Content-Type", kind)
		if _, err := io.Copy(w, b); err != nil {
			panic(http.ErrAbortHandler) // the client sees a cut answer and not a short file
		}
	}
}

// plain prints JSON without HTML's escapes: an entry's body passes through here in the bytes that are signed.
func plain(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

func answer(w http.ResponseWriter, v any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		p, ok := errors.AsType[*Problem](err)
		if !ok {
			p = &Problem{Text: err.Error()}
		}
		w.WriteHeader(http.StatusConflict)
		v = p
	}
	b, merr := plain(v)
	if merr != nil {
		b, _ = plain(Problem{Text: merr.Error()})
	}
	w.Write(b)
}
