package link

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"time"
)

// Handler serves one stream of a service. from is the member whose key the
// stream is authenticated with. ctx ends when the connection is lost, when the
// endpoint is closed, and when conn.Close is called; the link closes conn when
// the handler returns. A handler that passes conn on waits for ctx.
type Handler = func(ctx context.Context, from string, conn Conn)

// Endpoint is what Hub and Payer have in common.
type Endpoint interface {
	// Name is this member's name.
	Name() string
	// Dial opens a stream for a service of another member. It waits as long as
	// ctx lets it for the other side to accept, but not for a member to connect:
	// it fails at once with ErrNotConnected. ctx is not used after Dial returned.
	Dial(ctx context.Context, member, service string) (Conn, error)
	// Handle offers a service; a second call replaces the handler, nil withdraws
	// it. It panics if the name is not 1 to 64 of a-z, 0-9, ".", "/" and "-".
	Handle(service string, h Handler)
	// Stats may be called at any time.
	Stats() Stats
}

var (
	_ Endpoint = (*Hub)(nil)
	_ Endpoint = (*Payer)(nil)
)

// endpoint is the part of Hub and Payer that knows members and services.
type endpoint struct {
	opt      Options
	log      *slog.Logger
	counters counters
	limiter  limiter
	ctx      context.Context // ends with Close
	cancel   context.CancelFunc
	wg       sync.WaitGroup // every goroutine of the endpoint

	mu       sync.Mutex // guards the rest
	closed   bool
	handlers map[string]Handler
	live     map[*conn]struct{}
}

func (e *endpoint) init(o Options) {
	e.opt, e.log = o, o.Log.With("member", o.Name)
	e.counters.services = map[string]*tally{}
	e.limiter = limiter{max: o.StreamsPerMember, used: map[string]int{}}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	e.handlers, e.live = map[string]Handler{}, map[*conn]struct{}{}
}

func (e *endpoint) Name() string { return e.opt.Name }
func (e *endpoint) Stats() Stats { return e.counters.stats() }

func (e *endpoint) Handle(service string, h Handler) {
	if !validService(service) {
		panic(fmt.Sprintf("link: service name %q", service))
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.handlers[service] = h; h == nil {
		delete(e.handlers, service)
	}
}

func (e *endpoint) handler(service string) Handler {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.handlers[service]
}

// spawn runs f as part of the endpoint, or not at all once it is closed.
func (e *endpoint) spawn(f func()) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return false
	}
	e.wg.Go(f)
	return true
}

// shut marks the endpoint closed; the first caller gets true.
func (e *endpoint) shut() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	first := !e.closed
	e.closed = true
	e.cancel()
	return first
}

// follow closes what belongs to keys that left the directory, after each change.
func (e *endpoint) follow(more func()) {
	for {
		change := e.opt.Directory.change()
		e.mu.Lock()
		var gone []*conn
		for c := range e.live {
			if !e.opt.Directory.is(c.peer, c.pin) {
				gone = append(gone, c)
			}
		}
		e.mu.Unlock()
		for _, c := range gone {
			c.abort()
		}
		more()
		select {
		case <-change:
		case <-e.ctx.Done():
			return
		}
	}
}

// offer answers an authenticated stream's header and, if the service exists and
// the member is within its limit, runs the handler to its end.
func (e *endpoint) offer(ctx context.Context, t endToEnd, from string, pin [32]byte, service string) {
	h := e.handler(service)
	if h == nil {
		e.refuse(t, from, ErrUnknownService)
		return
	}
	if !e.limiter.acquire(from) {
		e.refuse(t, from, ErrBusy)
		return
	}
	defer e.limiter.release(from)
	if err := writeAnswer(t, nil); err != nil {
		t.abort()
		return
	}
	t.SetDeadline(time.Time{})
	c, ctx := e.track(ctx, t, from, pin, service)
	c.tally.accepted.Add(1)
	defer c.Close()
	e.guard(t, from, func() { h(ctx, from, c) })
}

// refuse tells the opener why and ends the stream.
func (e *endpoint) refuse(t endToEnd, from string, verdict error) {
	e.counters.refused.Add(1)
	e.log.Warn("stream refused", "from", from, "reason", verdict)
	if err := writeAnswer(t, verdict); err != nil {
		t.abort()
		return
	}
	t.Close()
}

// guard runs f and ends a panic in it here, together with the stream. A
// panic's text and arguments may hold a member's data: only its type and place
// are logged.
func (e *endpoint) guard(t endToEnd, from string, f func()) {
	defer func() {
		if p := recover(); p != nil {
			e.counters.panics.Add(1)
			e.log.Error("panic while serving a stream", "from", from, "type", fmt.Sprintf("%T", p), "at", panicPlace())
			t.abort()
		}
	}()
	f()
}

// panicPlace is the function and line that panicked: the first frame below
// the runtime's own, seen from a deferred function.
func panicPlace() string {
	pc := make([]uintptr, 32)
	frames := runtime.CallersFrames(pc[:runtime.Callers(3, pc)])
	for {
		f, more := frames.Next()
		if !strings.HasPrefix(f.Function, "runtime.") {
			return fmt.Sprintf("%s:%d", f.Function, f.Line)
		}
		if !more {
			return "unknown"
		}
	}
}

// dialable is what Dial can say without asking anybody.
func (e *endpoint) dialable(service string) error {
	if e.ctx.Err() != nil {
		return ErrClosed
	}
	if !validService(service) {
		return fmt.Errorf("%w: service name", errHeader)
	}
	return nil
}

// open starts a stream on a connection, sends its header and waits for the
// answer. It gives up when ctx ends.
func (e *endpoint) open(ctx context.Context, c carrier, peer string, h header) (stream, error) {
	q, err := c.open(ctx)
	if err != nil {
		if ctx.Err() != nil && c.Context().Err() == nil {
			return nil, fmt.Errorf("waiting for a free stream: %w: %w", ErrBusy, ctx.Err())
		}
		return nil, lostError(err)
	}
	q.meet(e.opt.Name, peer)
	q.urgency(h.urgency)
	if err := within(ctx, q, func() error {
		if err := writeHeader(q, h); err != nil {
			return err
		}
		return readAnswer(q)
	}); err != nil {
		q.abort()
		return nil, err
	}
	return q, nil
}

// within runs f on a stream that is aborted when ctx ends first.
func within(ctx context.Context, t endToEnd, f func() error) error {
	stop := context.AfterFunc(ctx, t.abort)
	err := f()
	if !stop() && ctx.Err() != nil {
		return errors.Join(ctx.Err(), err)
	}
	return err
}
