// Package link connects the members of a federation. Payers open connections,
// nobody can connect to a payer; the convener ([Hub]) accepts them and passes
// streams from payer to payer without being able to read or change them.
//
// # Connections
//
// Each [Payer] keeps a connection to the [Hub]: QUIC or, where UDP is blocked,
// TLS over TCP on the same port number (see Transports). TLS 1.3 and the key
// exchange X25519MLKEM768 are the only ones offered or accepted; there are no
// session tickets, no resumption and no 0-RTT. Both sides present a self-signed
// leaf whose SHA-256 SPKI hash must be in the [Directory]; the payer pins the
// convener's. After the handshake the payer sends a hello and counts as
// connected, on both sides, once the hub answered it: a QUIC client's handshake
// ends before the server has seen the client's certificate.
//
// A lost connection is replaced after a jittered, growing pause. A second
// connection of the same member supersedes the first.
//
// # Transports
//
// A payer tries QUIC, and when that has not connected after HeadStart (or has
// failed) TCP beside it; the first finished handshake wins and only the winner
// says hello. When TCP won, the next connections try both at once until RetryQUIC
// has passed. A payer on TCP looks for QUIC every RetryQUIC or so and moves over
// when no stream is open that would not come back by itself, so never during a
// run. Over TCP the same TLS configuration (with its pins) is spoken on the
// connection and yamux inside it; through a CONNECT proxy when HTTPS_PROXY names
// one (NO_PROXY excepts; Basic authentication), which sees TLS records. A stream
// has the same semantics on both: half-close, a reset that is an error at the
// reader, a reader that left stops the writer.
//
// # Lossy paths
//
// QUIC's congestion control takes every loss for congestion: at 5 % and 80 ms a
// connection carries a tenth of a megabyte a second. Before it connects a payer
// sends 100 small probes, which the hub sends back; when two or more are lost, the
// connection is made through a layer below QUIC that adds Reed-Solomon packets to
// groups of up to 32 and hands packets up in order, repaired (fec.go has the
// format). Measured in virtual time on 100 Mbit/s: 16 MiB at 80 ms take 1.4 times
// as long with 5 % loss as without. It costs 44 % more packets, and does not slow
// down for a loss it repairs. The layer keeps state for 128 addresses at most.
//
// # Strangers
//
// Until the hello a connection is nobody's. A gate bounds how many there are, in
// all and of one prefix, and how many handshakes a second are begun: 20 of all
// strangers together, half of them from one prefix, 50 at once, which is one
// hundredth of a processor. Addresses from which a member has authenticated have a
// share of their own that a flood from elsewhere cannot use up. On TCP who is beyond
// the rate gets a reset instead of TLS, and the oldest makes room for the newest: who
// is slow on purpose leaves first. On QUIC, while more than 16 a second come, every
// address must show that it receives (Retry). Either way a stranger has HandshakeTimeout for the handshake
// and HeaderTimeout for the hello, and nothing it does touches connections behind
// theirs.
//
// # Streams
//
// A stream is a [Conn], a net.Conn with half-close, opened by
// [Hub.Dial] or [Payer.Dial] for a named service and given to the [Handler] the
// other member registered with Handle.
//
//	payer → convener   one stream of the payer's connection
//	convener → payer   one stream the convener opens over that connection
//	payer → payer      two streams, spliced by the convener, and through them a
//	                   second, mutually authenticated TLS 1.3 session, pinned at
//	                   both ends to the payer meant (same rules as outside)
//
// Names in headers are hints, keys decide: the from that a handler receives is
// the owner of the key that the stream's innermost TLS session was made with.
// A convener that delivers to another payer, or announces another origin, ends
// the stream's handshake with an error. It sees who talks to whom, when, and how
// much; of a relayed stream it does not see the service, which is named inside.
// It cannot end one unnoticed either: io.EOF is the other payer's end, anything
// else is an error.
//
// # Stream header
//
// The opener starts every stream with
//
//	1 byte   version, 1
//	1 byte   kind: 1 hello, 2 direct, 3 relay, 4 inner
//	1 byte   urgency 0 to 7 (RFC 9218), 0 most urgent
//	1 byte   length of the service name
//	…        service, [a-z0-9./-], 1 to 64 bytes for direct and inner, else empty
//	1 byte   length of the member name
//	…        member, [a-z0-9-], 1 to 32 bytes
//
// member is the destination, except on the convener's leg of a relay where it
// is the origin. inner is the header inside the second TLS session. The
// acceptor answers hello, direct, the first leg of relay, and inner with two
// bytes: version 1 and a code (0 accepted; see [ErrUnknownService],
// [ErrUnknownMember], [ErrNotConnected], [ErrBusy], [ErrRefused]). Payload
// follows. Any other byte ends the stream.
//
// # Limits
//
// A peer has HeaderTimeout to send a header and HandshakeTimeout for an inner
// handshake. A member has at most StreamsPerMember streams being served by
// another at a time; a stream counts until its handler has returned, whatever
// the peer does to it, so opening and resetting buys nothing. Beyond the limit
// opening blocks (QUIC stream credit) or is answered busy. Data is bounded by
// flow control: 16 MiB a stream and 64 MiB a connection unread. How long a
// stream may stay silent is its handler's business (deadlines). A handler's
// panic is logged with its place, without its text, and ends that stream alone.
//
// Services named in Options.Urgent (Raft, proposals) are sent before the rest.
//
// # Traps of quic-go that this package takes care of
//
// Stream.Close ends the sending side only, so Close also cancels reading; a
// peer learns of a stream by its first byte, which is the header; Close must not
// run beside Write; an idle timeout is a net.Error of the kind on which callers
// retry, so lost connections are reported as [ErrNotConnected] instead; the
// complaint about small UDP buffers is silenced and available as UDPBuffers.
//
// [Conn] and [Handler] are aliases of unnamed types, so that packages which must
// not import this one can declare an interface that Hub and Payer satisfy.
package link
