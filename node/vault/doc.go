// Package vault is a member's data directory: one owner at a time, and writes that survive a crash.
//
// Layout of a member's directory (everything below it belongs to that member alone; no other member reads it):
//
//	tacet.toml       the service's configuration
//	genesis.json     the ledger's canonical genesis, identical at every member
//	keys/            the member's signing, link and sealing keys (crypto/identity), mode 0600
//	keys.next/       new keys while they are rotated (package node); keys.old/ the replaced ones until the log has the rotation here
//	keys/sealing.age a payer's age identity (X25519), made at its first start: seals what a run must keep over a restart
//	ledger/          the replicated governance log (governance/replica)
//	ledger.begun     there was such a log: if it is gone, it was lost
//	store/           a payer's member data (node/store)
//	runs/RUN/        journal and result of one run (protocol/party, protocol/coordinator); a payer's salt of its commitment.
//	                 While the run lasts: the key share, sealed (secrets.sealed)
//	admission/       the convener's invitations and candidates; endorsed/ whom a payer's operator endorsed (package node)
//	node.log         the service's log; carries no member data
//	admin.sock       the local admin interface
//
// A directory is locked (flock) for as long as a process uses it: a second process on the same directory would give two
// key shares for one run, which reveals the key share, so it is refused rather than queued. The lock is released by the
// kernel when the process dies, so a crash needs no clean-up.
//
// Never put a backup of runs/ back while a run is open: the member would be asked a second time for what it has given. It is
// recognised and refused (protocol/run/driver), the run is void, and a new one takes a few seconds. Losing keys/sealing.age costs
// the open run and nothing else.
//
// Write is the one way to replace a file: a temporary file beside it, fsync, rename, fsync of the folder. A crash before the
// rename leaves the old content, a crash after it the new; there is no third state.
package vault
