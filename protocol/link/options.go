package link

import (
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"time"

	"github.com/quic-go/quic-go"
)

// Options of an endpoint. Name, Certificate and Directory are required, for
// the rest zero means the default.
type Options struct {
	Name        string          // this member
	Certificate tls.Certificate // its leaf, identity.Keys.TLSCertificate
	Directory   *Directory
	Log         *slog.Logger // default: nothing is logged

	// ResetKey (identity.Keys.ResetKey), the same over restarts, lets a restarted hub
	// tell payers at their next packet that it no longer knows their
	// connection; without it they find out after IdleTimeout.
	ResetKey [32]byte

	StreamsPerMember int           // streams of one member served at a time; default 128
	Urgent           []string      // services sent before others; default "raft", "propose", "run/commit"
	HeaderTimeout    time.Duration // default 5 s
	HandshakeTimeout time.Duration // for the outer and the inner handshake; default 5 s
	KeepAlive        time.Duration // default 5 s
	IdleTimeout      time.Duration // default 20 s
	ReconnectMin     time.Duration // first pause of a payer; default 200 ms
	ReconnectMax     time.Duration // longest pause; default 5 s

	// Transport is what may be used: TransportAuto (default), TransportQUIC or
	// TransportTCP. A hub listens on what it names.
	Transport string
	HeadStart time.Duration // how long QUIC is tried before TCP is, too; default 1 s
	RetryQUIC time.Duration // how often a payer on TCP looks for QUIC; default 10 min
	// NoRepair leaves packets that are lost to QUIC alone, whatever the path loses.
	NoRepair bool
	// Proxy names the CONNECT proxy for an address, nil for none. Default: as the
	// environment says (HTTPS_PROXY, NO_PROXY), read once.
	Proxy func(addr string) (*url.URL, error)

	// PacketConn replaces the UDP socket (a simulated network). It is not closed;
	// a hub with one listens on TCP only when it has a Listener.
	PacketConn net.PacketConn
	// Listener replaces the hub's TCP socket. It is closed with the hub.
	Listener net.Listener
}

// incomingOfPayer is how many streams the convener may have open towards a
// payer: its own and those of all other payers.
const incomingOfPayer = 2048

const (
	streamWindow     = 16 << 20 // unread bytes of one stream
	connectionWindow = 64 << 20 // unread bytes of all streams of a connection
	bufferSize       = 256 << 10
)

func (o Options) withDefaults() (Options, error) {
	if !validMember(o.Name) {
		return o, fmt.Errorf("link: member name %q: want 1 to 32 of a-z, 0-9 and -", o.Name)
	}
	if o.Directory == nil {
		return o, errors.New("link: no directory")
	}
	if o.Certificate.Leaf == nil || o.Certificate.PrivateKey == nil {
		return o, errors.New("link: no certificate: use identity.Keys.TLSCertificate")
	}
	own := sha256.Sum256(o.Certificate.Leaf.RawSubjectPublicKeyInfo)
	if pin, ok := o.Directory.Pin(o.Name); ok && pin != own {
		return o, fmt.Errorf("link: the directory has another key for %s: this node's keys are not the member's", o.Name)
	}
	switch o.Transport {
	case "":
		o.Transport = TransportAuto
	case TransportAuto, TransportQUIC, TransportTCP:
	default:
		return o, fmt.Errorf("link: transport %q: want auto, quic or tcp", o.Transport)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Urgent == nil {
		o.Urgent = []string{"raft", "propose", "run/commit"}
	}
	if o.StreamsPerMember <= 0 {
		o.StreamsPerMember = 128
	}
	for _, d := range []struct {
		v   *time.Duration
		def time.Duration
	}{
		{&o.HeaderTimeout, 5 * time.Second}, {&o.HandshakeTimeout, 5 * time.Second},
		{&o.KeepAlive, 5 * time.Second}, {&o.IdleTimeout, 20 * time.Second},
		{&o.HeadStart, time.Second}, {&o.RetryQUIC, 10 * time.Minute},
		{&o.ReconnectMin, 200 * time.Millisecond}, {&o.ReconnectMax, 5 * time.Second},
	} {
		if *d.v <= 0 {
			*d.v = d.def
		}
	}
	o.ReconnectMax = max(o.ReconnectMax, o.ReconnectMin)
	return o, nil
}

// quicConfig allows the peer the given number of open streams.
func (o Options) quicConfig(incoming int) *quic.Config {
	return &quic.Config{
		Versions:                       []quic.Version{quic.Version1},
		HandshakeIdleTimeout:           o.HandshakeTimeout,
		MaxIdleTimeout:                 o.IdleTimeout,
		KeepAlivePeriod:                o.KeepAlive,
		InitialStreamReceiveWindow:     4 << 20,
		MaxStreamReceiveWindow:         streamWindow,
		InitialConnectionReceiveWindow: 16 << 20,
		MaxConnectionReceiveWindow:     connectionWindow,
		MaxIncomingStreams:             int64(incoming),
		MaxIncomingUniStreams:          -1,
		RequireStreamCreditRelease:     true, // a stream counts until its handler has returned
	}
}

// urgency of a service's streams (RFC 9218): governance before bulk.
func (o Options) urgency(service string) byte {
	for _, u := range o.Urgent {
		if u == service {
			return 0
		}
	}
	return 5
}
