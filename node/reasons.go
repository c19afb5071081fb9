package node

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"sync"
)

// reasons listens to what a link says about why it cannot connect. Safe for concurrent use.
type reasons struct {
	mu   sync.Mutex // guards the rest
	last string
	each func(string)
}

func (r *reasons) tell(f func(string)) {
	r.mu.Lock()
	r.each = f
	last := r.last
	r.mu.Unlock()
	if last != "" {
		f(last)
	}
}

func (r *reasons) latest() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last == "" {
		return "no answer"
	}
	return r.last
}

// Enabled implements slog.Handler.
func (r *reasons) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements slog.Handler: it keeps the reason of a record.
func (r *reasons) Handle(_ context.Context, rec slog.Record) error {
	var b bytes.Buffer
	rec.Attrs(func(a slog.Attr) bool {
		if a.Key == "reason" {
			fmt.Fprint(&b, a.Value)
		}
		return true
	})
	if b.Len() == 0 {
		return nil
	}
	r.mu.Lock()
	r.last = b.String()
	f := r.each
	r.mu.Unlock()
	if f != nil {
		f(b.String())
	}
	return nil
}

// WithAttrs implements slog.Handler.
func (r *reasons) WithAttrs([]slog.Attr) slog.Handler { return r }

// WithGroup implements slog.Handler.
func (r *reasons) WithGroup(string) slog.Handler { return r }
