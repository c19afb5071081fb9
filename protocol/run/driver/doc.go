// Package driver carries out what a run's machine asks for: it computes in
// lockstep, keeps the journal, fetches and reveals objects, keeps deadlines,
// and reports. A payer and the convener use the same driver; they differ in
// their Board – streams to the convener, or the convener's own disk.
//
// # Threads
//
// The machine lives in the goroutine of Run and is told one event at a time.
// Heavy work (lockstep) runs in one goroutine, in the order asked for, so that a
// member is deterministic; transfers run beside it, a few at a time.
//
// # Journal
//
// In Dir/<run>:
//
//	<step>.object            the member's own object, durable before the record names it
//	secrets.sealed           the record: see below; durable before the step's commit exists
//	<step>.commit            the member's signed commit, durable before it is sent
//	<step>.<member>.fetched  a downloaded object: checked, used, deleted; with the
//	                         suffix .part its chunks so far
//	spill/…                  ciphertexts and sums that memory has no room for: public to the members, of no use to a later life
//	commits.jsonl            at the end: every signed commit seen, one a line
//	outcome.json             at the end: the outcome, for a node that dies before it has acted on it
//	evidence/…               of a void run: the signed messages that show why
//	ended                    last: how the run ended; then secrets and objects are erased
//
// The record holds the key share (mhe.Party.State), the salt and the vector, and
// for every step done what the member commits to: the state, the object's hash
// and size. It is sealed by Config.Sealing and replaced as a whole at every step,
// so that the key share's list of what it has answered and the answers stand or
// fall together.
//
// # A second life
//
// A crash before the record names a step: nothing of the step has left, not even
// the commit. The object, if there is one, is deleted, and the step is computed as
// ever; mhe draws a share's randomness from the key share, the label and the
// question, so that the same share comes out (in the release step in fresh sealed
// boxes). A crash behind it: the object is never made again; the commit that is
// in the journal goes out again to the byte, or is signed now, and the object is
// revealed again from its file.
//
// For this the machine is told Resumed with the commits of the journal and goes
// through the run from its first step: the others' statements come from the relay,
// their objects from the board, the states are computed again and compared with
// the record. No share is made in a step that the record has. No step beyond it is
// begun before the convener has passed on everything it knows (Told).
//
// While the process lives, a broken connection is repaired by sending the same
// file again. Without Sealing the secrets are in memory only: a process that finds
// a journal without "ended" says so to everyone (void, restarted) and does nothing
// else. The convener has no secret and needs no record: it goes on from its commits,
// and from what its board tells it of the others.
//
// # An older journal
//
// The number of steps in the record is a counter. A member refuses (void,
// restored, ErrRestored with the way out) and gives no share when its own commits
// on disk are beyond the record, or differ from it, or an object is missing or not
// the one recorded, or when the relay shows a commit signed by itself that the
// journal does not hold, a journal that is not there at all included. A convener
// that keeps such a commit back gains nothing while one other payer is honest:
// that payer's statements fix the transcript, and with it every question, and the
// same question gives the same bytes. Against the convener together with all other
// payers the relay is no witness. The log is, through Config.Bind: before a payer
// has keys it puts its commitment on record there, before it answers on the sum of
// the first key shares the transcript that fixes them, and before it makes a share
// on any ciphertext the transcript that fixes all inputs; each of them once. A
// payer whose folder is older draws another salt, or is shown another history,
// finds its own earlier word on record, and refuses as above. What it is shown
// again unchanged gives the same bytes again. The log's limit: a payer whose copy
// of the log was put back too, while all other copies lie, has no witness left.
//
// # Erasure
//
// At the end the key share is wiped in memory, the sealed file is overwritten and
// removed, the objects are deleted, those that were never revealed included, and
// the folder is fsynced. "ended" stands before that: a crash between leads to the
// same erasure at the next opening (or Close). Every replacement of the record
// overwrites the one before. What a copying file system, a snapshot or flash
// memory keeps of overwritten blocks is sealed to the member's key. The salt stays,
// in outcome.json: it opens the member's commitment in an appeal.
package driver
