// Package admin is a member's local administration interface: JSON over HTTP on a unix socket in the data directory.
//
// Whoever may open the socket acts as the member's operator, so the socket has mode 0600 and lives in the member's own
// directory; there is no network listener and no password. It is how `tacet` commands and the test network drive a member,
// whether the member runs in the same process or in another: nothing else passes between them.
//
//	GET  /v1/status            Status
//	POST /v1/propose           {kind, body} → {index}; the member signs the entry; a refusal by a rule is 409 {code, error}
//	GET  /v1/runs/{run}        Run; with ?wait=1 answers once the run has ended (released or void)
//	GET  /v1/runs/{run}/preview  the payer's own counts for a run
//	GET  /v1/evidence          the evidence bundle of the log so far (package governance/audit), a zip
//	GET  /v1/snapshot          a snapshot of the ledger, from which any member can begin again
//	GET  /v1/events            newline-delimited Event stream, from the first event of this process on
//	POST /v1/invite            Invite → Invitation (convener)
//	POST /v1/approve           Approval → Candidate (convener)
//	POST /v1/endorse           Approval → {} (payer)
//	POST /v1/rotate            {} → Rotation: new keys for this member (not the convener)
//	GET  /v1/about             About: what the convener says of itself now
//	GET  /v1/governance        State: members, measures, profiles, rosters and runs of the log
//	GET  /v1/log?from=N        the log's entries from index N on, at most 1000
//	GET  /v1/docket            Docket: what is open, and what waits for this member
//	POST /v1/draft             Act → Draft: an entry as text and as a difference to what is in force; nothing is signed
//	GET  /v1/rooms             silent rooms on record, and how far this member's own statement is
//	POST /v1/say               Words → Said: a statement for the next sitting of a room
//	POST /v1/ballot            Ballot → {}: this member's sealed ballot, until it is counted
//	POST /v1/count             {matter} → Tally (convener)
//	POST /v1/authorise         RunRequest → Authorised (convener)
//
// A socket's path is limited to about 100 bytes by the kernel. Where the data directory's path is longer, the socket is made
// in a fresh private folder of the system's temporary directory and `admin.sock` is a text file with its path.
package admin
