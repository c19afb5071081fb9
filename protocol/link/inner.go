package link

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"sync"
)

// records is what the inner TLS session runs on: the spliced stream, read ahead
// and written in large pieces. What TLS writes inside innerConn.Write is only
// kept here; the stream takes it afterwards. So a write deadline interrupts the
// stream, never TLS, which would not recover from it.
type records struct {
	stream
	r *bufio.Reader

	mu      sync.Mutex   // guards the rest; held while the stream takes bytes
	hold    bool         // inside innerConn.Write: keep
	pending bytes.Buffer // records not taken yet
}

func newRecords(s stream) *records {
	return &records{stream: s, r: bufio.NewReaderSize(s, 64<<10)}
}

// Read never reports a plain end. TLS stops reading at close_notify, so an end
// that gets here was made by somebody between; crypto/tls would pass it on as
// io.EOF if it fell between two records.
func (b *records) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err == io.EOF {
		err = errCut
	}
	return n, err
}

// Write keeps p while hold is set. Handshake, alerts and key updates leave at
// once, behind what was kept.
func (b *records) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pending.Write(p)
	if b.hold {
		return len(p), nil
	}
	if err := b.send(); err != nil {
		return 0, err
	}
	return len(p), nil
}

// send gives the stream what is pending; after a deadline the rest stays. With
// nothing pending it still reports a deadline that has passed. The caller holds mu.
func (b *records) send() error {
	n, err := b.stream.Write(b.pending.Bytes())
	b.pending.Next(n)
	return err
}

// keep switches hold; switching it off, or asking again, sends what is pending.
func (b *records) keep(on bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.send(); err != nil {
		b.hold = false
		return err
	}
	b.hold = on
	return nil
}

// errCut is an inner session that ended without its close_notify.
var errCut = fmt.Errorf("%w: cut short between the two payers", ErrReset)

// innerConn is the end-to-end session of two payers.
type innerConn struct {
	*tls.Conn
	records *records
	wmu     sync.Mutex
}

// dialInner makes the session with the named payer over a spliced stream.
func (e *endpoint) dialInner(ctx context.Context, s stream, member string) (*innerConn, [32]byte, error) {
	b := newRecords(s)
	return e.handshake(ctx, tls.Client(b, e.config(protocolInner, member)), b, member)
}

// acceptInner makes it on the other side; origin is what the convener said.
func (e *endpoint) acceptInner(ctx context.Context, s stream, origin string) (*innerConn, [32]byte, error) {
	b := newRecords(s)
	return e.handshake(ctx, tls.Server(b, e.config(protocolInner, origin)), b, origin)
}

func (e *endpoint) handshake(ctx context.Context, t *tls.Conn, b *records, member string) (*innerConn, [32]byte, error) {
	if err := t.HandshakeContext(ctx); err != nil {
		return nil, [32]byte{}, fmt.Errorf("inner handshake with %s: %w", member, err)
	}
	_, pin, err := e.authenticate(t.ConnectionState(), protocolInner, member)
	if err != nil {
		return nil, [32]byte{}, fmt.Errorf("inner handshake with %s: %w", member, err)
	}
	return &innerConn{Conn: t, records: b}, pin, nil
}

// Write encrypts one piece of p after the other. When a deadline passes, the
// piece at hand counts as written: it leaves with the next Write or CloseWrite.
func (c *innerConn) Write(p []byte) (n int, err error) {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	for {
		piece := p[n:min(n+bufferSize, len(p))]
		if err := c.records.keep(len(piece) > 0); err != nil || len(piece) == 0 {
			return n, err
		}
		m, err := c.Conn.Write(piece)
		if n += m; err != nil {
			c.records.keep(false)
			return n, err
		}
	}
}

// CloseWrite sends close_notify, so that the peer can tell the end from a cut,
// and ends the stream's sending side.
func (c *innerConn) CloseWrite() error {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	if err := c.Conn.CloseWrite(); err != nil && !errors.Is(err, ErrReset) {
		return err // a peer that has stopped reading is none, see quicStream
	}
	return c.records.stream.CloseWrite()
}

// Close interrupts a Write in progress; without one it says close_notify.
func (c *innerConn) Close() error {
	if c.wmu.TryLock() {
		defer c.wmu.Unlock()
		c.Conn.Close()
	}
	return c.records.stream.Close()
}

func (c *innerConn) abort() { c.records.abort() }
