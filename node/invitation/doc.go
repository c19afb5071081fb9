// Package invitation is the one-time text by which a member comes into a ledger.
//
// The convener's service makes one for a member's name and role, with a short life. It goes to that member's operator over any channel that the
// two trust; whoever has it can ask to join once, under that name, and nothing more: the convener's operator still approves the
// keys by their fingerprint. The text is
//
//	tacet invitation 1
//	member payer-1
//	role payer
//	ledger capci.example/governance
//	genesis (hex SHA-256 of the ledger's genesis)
//	convener convener
//	address convener.example:4433
//	pin (hex SHA-256 of the SPKI of the convener's link key)
//	expires 2026-01-31T12:00:00Z
//	secret (32 bytes, base64)
//
// with exactly these lines in this order; every other form is refused. The secret is the seed of a link key of its own
// (identity.OneTimeCertificate), so that an invited node, whose keys nobody knows yet, connects over the same mutually authenticated
// link as a member does. The convener keeps the hash of that key and not the secret.
package invitation
