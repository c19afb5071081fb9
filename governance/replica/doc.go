// Package replica keeps a member's copy of the governance ledger in step with the others': hashicorp/raft orders the entries,
// package rules judges them, package ledger remembers them.
//
// Raft tolerates crashes, not lies, so it is trusted with the order of entries that have not been applied and with nothing else.
//
//   - The ledger is the memory. What Raft delivers a second time is compared with it; a snapshot is taken in only when it is a superset of
//     it, has been replayed from the genesis through the rules, and has the root it claims; applied entries of
//     Raft's log cannot be deleted. A contradiction writes fork-N.json with both sides, and the replica stops for good.
//   - An RPC comes on a connection of the member it names, from a present member, in the form raft expects (guard). Requests are
//     bounded before they are decoded. There is no pipelining; pre-vote is on.
//   - A payer takes part in Raft because the log says so: non-voter when it connects, voter when its cosignature shows that it
//     has caught up, removed when it has left (keepMembership, at the convener). The convener starts alone from the
//     genesis and is given the leadership back whenever it is there.
//   - A leader that sends another entry at an applied index is refused and leaves a proof; the replica goes on.
//   - A write that fails, or one to Raft's log, the ledger or a cosigned checkpoint that lasts longer than Config.WriteLimit, ends the
//     process (Config.Fatal), with the ballast given back. A replica that starts on a disk without room for more than that can be read
//     and takes no part (ErrFull); when there is room it ends once more, and the next one goes on.
//
// # Services
//
// A frame is a length of four bytes, big endian, and that many bytes.
//
//	raft     raft's own protocol, one peer a transport
//	propose  to the leader: a frame with the signed entry; back: a frame with {"status":"done|refused|unknown","index":…,"refusal":…}
//	propose/batch  to the leader: up to 32 frames with consecutive entries of one author, an empty frame; back: an answer each, in order
//	head     to anybody: an empty frame; back: a frame with the newest signed checkpoint that is known there, empty when none is
//	cosign   payer to convener, one stream for as long as both live: first an empty frame of the payer; then checkpoints (signed
//	         notes, of each what was added since the last form sent) one way, cosignatures (notes of one member) the other
//
// # Checkpoints
//
// The convener signs the log's state as soon as the connected payers have cosigned the last one, or after a second. A
// payer waits until its own ledger has that size, compares the root, binds itself on disk (ledger.Commit), cosigns, with Ed25519 and
// with ML-DSA-44: half a cosignature is refused (package ledger). What was added to the note goes round again, so every replica has it: Checkpoint, Prove. Before anybody acts on an entry, WaitCosigned waits for one
// checkpoint over it that all members named have cosigned; no leader can then have shown two of them different pasts.
//
// A member that asks the others for their heads (Gossip) and compares sees a fork that the convener shows to somebody else. Roots that members
// witness in the log are held against the ledger as they come. Every contradiction leaves a proof (ledger.ForkProof) and an Alarm; one that the convener or Raft
// answers for stops the replica, and it stays stopped when it is opened again.
//
// # Proposals
//
// Propose signs the author's next entry and brings it to the leader until it is applied here. Lost answers and lost
// leaderships mean "unknown", and the same bytes are sent again: the ledger takes an entry once (rules: author sequence).
//
// ProposeAll does so with many entries: they go to the leader and into raft's appends together, so that an fsync serves a batch. The first of a
// batch is judged before it is put to raft; the rest, which the state cannot judge yet, need only verify.
//
// What Propose says is linearizable: acknowledged entries, refusals, and what members read at home could have been said by a log in one place,
// a read at home by one that may lag (TestLinearizable, under leaders that die or are cut off).
//
// A leader that has applied entries and has nothing else to send lets followers know by a barrier in Raft's log (see spread). Raft's own way, an empty
// append to every follower every CommitTimeout for ever, costs a network that is idle more than one that works, so that time is long.
//
// # A ledger that comes again
//
// A replica whose ledger was lost (Config.Lost), wiped (Wipe) or restored from a snapshot (RestoreSnapshot) has forgotten what it has signed, acknowledged and voted. It
// knows from the floor file, or from checkpoints that carry its signature and that others show it (service head), how far it had come. Until its ledger has
// that size again with that root, and more than half of the payers have answered, it signs nothing, and its Raft vote goes to nobody who has not shown as much
// (recover.go). Another root there is a fork, with its proof. A convener never begins Raft anew over a ledger.
//
// # Files in Config.Dir
//
//	log/             the ledger (package ledger)
//	raft.db          Raft's log and votes (bbolt)
//	snapshot.json    what of Raft's log the ledger has taken over; snapshot.spool while a leader's snapshot is taken in
//	checkpoint       the last signed checkpoint seen
//	floor            what this member has signed with a ledger that is gone, until it is reached again
//	ballast          room that is given back to a full disk before the process ends
//	fork-N.json      proof of a fork; never there unless somebody lied or a disk was exchanged; tacet-audit fork checks it
//
// A replica that starts again reads log, replays it through the rules and goes on; nothing else is needed.
package replica
