package link

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"sync"
)

// records is what the inner TLS session runs on: the spliced stream, with the
// 16 KiB records of one Write gathered into large writes, and reads ahead.
type records struct {
	*quicStream
	r *bufio.Reader

	mu   sync.Mutex // guards w and hold
	w    *bufio.Writer
	hold bool // inside innerConn.Write: gather
}

func newRecords(s *quicStream) *records {
	return &records{quicStream: s, r: bufio.NewReaderSize(s, 64<<10), w: bufio.NewWriterSize(s, bufferSize)}
}

func (b *records) Read(p []byte) (int, error) { return b.r.Read(p) }

// Write gathers while hold is set. Everything else, handshake, alerts and key
// updates, leaves at once.
func (b *records) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, err := b.w.Write(p)
	if err == nil && !b.hold {
		err = b.w.Flush()
	}
	return n, err
}

func (b *records) gather() {
	b.mu.Lock()
	b.hold = true
	b.mu.Unlock()
}

func (b *records) flush() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hold = false
	return b.w.Flush()
}

// innerConn is the end-to-end session of two payers.
type innerConn struct {
	*tls.Conn
	records *records
	wmu     sync.Mutex
}

// dialInner makes the session with the named payer over a spliced stream.
func (e *endpoint) dialInner(ctx context.Context, s *quicStream, member string) (*innerConn, [32]byte, error) {
	b := newRecords(s)
	return e.handshake(ctx, tls.Client(b, e.config(protocolInner, member)), b, member)
}

// acceptInner makes it on the other side; origin is what the convener said.
func (e *endpoint) acceptInner(ctx context.Context, s *quicStream, origin string) (*innerConn, [32]byte, error) {
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

func (c *innerConn) Write(p []byte) (int, error) {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	c.records.gather()
	n, err := c.Conn.Write(p)
	if ferr := c.records.flush(); err == nil && ferr != nil {
		return 0, ferr
	}
	return n, err
}

// CloseWrite sends close_notify, so that the peer can tell the end from a cut,
// and ends the stream's sending side.
func (c *innerConn) CloseWrite() error {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	if err := c.Conn.CloseWrite(); err != nil {
		return err
	}
	return c.records.quicStream.CloseWrite()
}

// Close interrupts a Write in progress; without one it says close_notify.
func (c *innerConn) Close() error {
	if c.wmu.TryLock() {
		defer c.wmu.Unlock()
		c.Conn.Close()
	}
	return c.records.quicStream.Close()
}

func (c *innerConn) abort() { c.records.abort() }
