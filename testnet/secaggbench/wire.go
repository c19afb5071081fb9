package secaggbench

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"io"
	"math/big"
	"time"

	"github.com/tacet-health/tacet/protocol/link"
)

// A frame is length 4 (big endian), bytes. Steps of a round are one frame up from each payer and one frame down to each.

func writeFrame(c io.Writer, parts ...[]byte) (int, error) {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	if _, err := c.Write(binary.BigEndian.AppendUint32(nil, uint32(n))); err != nil {
		return 0, err
	}
	for _, p := range parts {
		if _, err := c.Write(p); err != nil {
			return 0, err
		}
	}
	return n + 4, nil
}

func readFrame(c io.Reader) ([]byte, error) {
	var h [4]byte
	if _, err := io.ReadFull(c, h[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(h[:])
	if n > 1<<30 {
		return nil, errors.New("a frame beyond 1 GiB")
	}
	b := make([]byte, n)
	_, err := io.ReadFull(c, b)
	return b, err
}

// pack makes one byte string of the messages of a roster; absent members have an empty one.
func pack(names []string, m map[string][]byte) []byte {
	var b []byte
	for _, n := range names {
		b = binary.BigEndian.AppendUint32(b, uint32(len(m[n])))
		b = append(b, m[n]...)
	}
	return b
}

func unpack(names []string, b []byte) (map[string][]byte, error) {
	m := map[string][]byte{}
	for _, n := range names {
		if len(b) < 4 || len(b)-4 < int(binary.BigEndian.Uint32(b)) {
			return nil, errors.New("a set that is cut short")
		}
		size := int(binary.BigEndian.Uint32(b))
		m[n], b = b[4:4+size], b[4+size:]
	}
	return m, nil
}

// scene is the hub and the connected payers with one stream each.
type scene struct {
	hub    *link.Hub
	payers []*link.Payer
	up     []link.Conn          // a payer's end
	down   map[string]link.Conn // the convener's end
	stop   chan struct{}
}

func (s *scene) close() {
	close(s.stop)
	for _, c := range s.up {
		c.Close()
	}
	for _, p := range s.payers {
		p.Close()
	}
	s.hub.Close()
}

func connect(ctx context.Context, names []string) (*scene, error) {
	s := &scene{down: map[string]link.Conn{}, stop: make(chan struct{})}
	dir, options := link.NewDirectory(), map[string]link.Options{}
	for _, n := range append([]string{"convener"}, names...) {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		t := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(24 * time.Hour)}
		der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
		if err != nil {
			return nil, err
		}
		leaf, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		dir.Set(link.Member{Name: n, Pin: sha256.Sum256(leaf.RawSubjectPublicKeyInfo)})
		options[n] = link.Options{Name: n, Directory: dir, Certificate: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}}
	}
	hub, err := link.Listen("127.0.0.1:0", options["convener"])
	if err != nil {
		return nil, err
	}
	s.hub = hub
	type arrival struct {
		name string
		conn link.Conn
	}
	arrived := make(chan arrival)
	hub.Handle("sum", func(_ context.Context, from string, c link.Conn) {
		select {
		case arrived <- arrival{from, c}:
			<-s.stop // the stream lives as long as its handler
		case <-s.stop:
		}
	})
	for _, n := range names {
		p, err := link.NewPayer("convener", hub.Addr(), options[n])
		if err == nil {
			s.payers = append(s.payers, p)
			err = p.WaitConnected(ctx)
		}
		var c link.Conn
		if err == nil {
			c, err = p.Dial(ctx, "convener", "sum")
		}
		if err != nil {
			s.close()
			return nil, err
		}
		s.up = append(s.up, c)
		a := <-arrived
		s.down[a.name] = a.conn
	}
	return s, nil
}
