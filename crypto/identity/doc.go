// Package identity holds a member's keys: what it signs with, what it is
// recognised by on the network, and what others seal secrets to.
//
// # Keys of a member
//
//	Ed25519 + ML-DSA-65   hybrid signatures (FIPS 186-5, FIPS 204)
//	Ed25519 + ML-DSA-44   checkpoint signatures (C2SP); the same Ed25519 key
//	Ed25519               the TLS leaf, a key of its own; peers pin the SHA-256 of its SPKI
//	X-Wing                HPKE sealing: ML-KEM-768 + X25519, HKDF-SHA256, AES-256-GCM (RFC 9180, draft-ietf-hpke-pq)
//
// Each is generated from its own 32-byte seed. There is no certificate
// authority: a [Public] in the governance log is what makes a key a member's.
//
// # Hybrid signatures
//
// A signature is the 64 bytes of an Ed25519 signature followed by the 3309
// bytes of an ML-DSA-65 signature, always [SignatureSize] bytes. Both are made
// over the same input
//
//	0xff ‖ "tacet/signature/v1" ‖ len(context) as one byte ‖ context ‖ signer ‖ message
//
// where signer is the SHA-256 over both of the signer's public verification
// keys; ML-DSA-65 is called with the FIPS 204 context "tacet/signature/v1".
// Both halves must verify. What each part is for:
//
//   - the context separates the uses (an entry, a certificate, a commit); its
//     length prefix makes (context, message) unambiguous;
//   - the signer binds each half to the other half's key, so halves of two key
//     pairs cannot be combined into a signature of a third;
//   - the FIPS 204 context keeps the ML-DSA half from passing as a plain
//     ML-DSA signature elsewhere, and the leading 0xff, which no UTF-8 text
//     contains, keeps the Ed25519 half from passing as a signed checkpoint (see
//     below), for which the same Ed25519 key is used.
//
// Signing is deterministic (both algorithms): a member that signs the same
// statement again after a crash sends the same bytes again.
//
// # Checkpoint signatures
//
// Under a checkpoint of the log everybody signs twice, in two lines of the note
// under one key name, in formats that foreign tools read: the log (key name =
// origin) with [Keys.LogSigners], every other member with [Keys.Cosigners].
//
//	type 1   Ed25519    log          c2sp.org/signed-note
//	type 4   Ed25519    cosigner     c2sp.org/tlog-cosignature, "cosignature/v1"
//	type 6   ML-DSA-44  log, cosigner  c2sp.org/tlog-cosignature, "subtree/v1"
//
// Whoever counts a signature needs both lines: a checkpoint stays what it is
// when one of the two algorithms is broken. ML-DSA-44 and not -65, because it
// is the one that the format has. It is a key of its own that signs checkpoints
// and nothing else. What it signs names the cosigner, so that a member's
// cosignature never passes for the log's; nor does the Ed25519 one, whose text
// begins with "cosignature/v1" and so is no checkpoint. Note text that is
// signed is valid UTF-8 without control characters except newline, ending in
// a newline.
//
// # Sealing
//
// [Public.Seal] is single-shot HPKE in base mode: the 1120-byte encapsulated
// key followed by the ciphertext, [SealOverhead] bytes more than the
// plaintext. The HPKE info is
//
//	"tacet/seal/v1" ‖ len(info) as eight bytes, big endian ‖ info
//
// Base mode does not authenticate the sender: sealed boxes travel inside
// signed messages.
//
// # Public, and its one encoding
//
// [Public] encodes as JSON with the fields in declaration order, no white
// space, keys in padded standard base64 and the pin in lower-case hex.
// [ParsePublic] accepts exactly that and nothing else. A Public inside another
// document may be surrounded and filled by white space (an indented file);
// apart from that it too has one form. The fingerprint is the SHA-256 of the
// encoding.
//
// # On disk
//
// One folder a member, mode 0700, with two files of mode 0600: keys.json, the
// seeds, and public.json, to be handed to the convener. Both are written
// temp file, fsync, link, fsync folder. keys.json is put in place last and
// never replaces another: a crash before that leaves no identity, and the next
// Save starts again; a crash after it leaves a whole one. [Load] refuses files
// and folders that anybody but their owner may read or enter, and a public.json
// that does not belong to the seeds.
//
// Keys print as their name and fingerprint under every fmt verb and in slog.
package identity
