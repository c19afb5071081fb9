// Package wire is what the members of one run say to each other: frames,
// messages, limits, and decoders that accept one form only.
//
// # Frame
//
//	kind (1 byte) | length (4 bytes, big endian) | payload (length bytes)
//
// Every kind has its own largest length (see [Limit]); a longer length, a
// length of zero or an unknown kind is refused before anything is allocated.
// Large objects never travel inside a frame: a Posted or Proceed frame
// announces their exact size and the bytes follow it on the same stream.
//
// # Payload
//
// Canonical JSON: the fields of the Go struct in their order, no white space,
// hashes as 64 lower-case hex digits, signatures in standard base64, integers
// without exponent, strings of printable ASCII. A decoder reads strictly (no
// unknown field, nothing behind the value), then encodes what it understood
// and compares: bytes that differ in any way (a repeated field, other spelling
// of a number, another case of a key) are refused. So two members that decode
// the same message hold the same bytes, and parse∘print is the identity.
//
// # Signed messages
//
// Commit and Void are the two statements a member can be held to. Their
// payload is {"body":…,"signature":…}; the signature is over the canonical
// bytes of body under the context "tacet/commit/v1" or "tacet/void/v1", and
// body carries the run and the manifest's hash, so that no statement can be
// moved to another run. The convener relays both verbatim: what a payer
// receives is what the other payer signed.
//
// Two commits are the same statement when their bodies are the same bytes; the
// signature is not compared, because a signer may randomise it.
//
// # Services
//
//	run/commit  payer → convener, one long stream: Hello both ways, then the
//	            payer sends its Commit, Void and Ended frames, and the convener
//	            pushes everybody's Commit and Void frames and Posted notices,
//	            always from the run's first; a payer that reconnects therefore
//	            sees the whole run again and drops what it knows. Behind what
//	            there is when the stream begins the convener repeats its Hello:
//	            a payer that was away has now heard of everything it did itself.
//	run/put     Put → Proceed, chunk hashes, then for each Want of the board those
//	            chunks, until Posted; or Put → Posted at once when the board holds
//	            the object already.
//	run/get     Get → Posted, chunk hashes (waits until the object is there), then
//	            for each Want those chunks, until the payer's end.
//
// # Objects
//
// An object of a run is named by the hash of its list of chunk hashes and its
// size (package objects): SHA-256 of "tacet/object/v1", the size (8 bytes, big
// endian) and the SHA-256 of every chunk of [Chunk] bytes in order. The receiver
// reads the list first, which its size bounds, and holds it against the name; so
// each chunk is checked as it arrives, in any order, and a transfer that was
// interrupted goes on with the chunks that are missing.
//
// Any request may be answered with a Refusal instead.
package wire
