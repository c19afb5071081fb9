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
//	<step>.object            the member's own object, durable before its commit exists
//	<step>.commit            the member's signed commit, durable before it is sent
//	<step>.<member>.fetched  a downloaded object: checked, used, deleted
//	commits.jsonl            at the end: every signed commit seen, one a line
//	evidence/…               of a void run: the signed messages that show why
//	ended                    the last write; how the run ended
//
// The key share is in memory only. A process that finds a journal without
// "ended" is a second life: the share is gone, and making another for the same
// run would be the second attempt that gives key shares away. It says so to
// everyone (void, restarted) and does nothing else. While the process lives, a
// broken connection is repaired by sending the same file again.
//
// At the end the key share is wiped and the objects are deleted, those that
// were never revealed included.
package driver
