// Package party takes a payer through one run.
//
// It opens streams to the convener and nowhere else; see package wire for the
// three services. Statements that could not be sent are sent again, verbatim,
// on the next connection; objects are sent again from the journal's file. What
// the payer computes and what it reveals is decided by package run, computed by
// run/lockstep and carried out by run/driver; nothing that arrives over the
// streams is used before its signature or its hash is checked.
//
// With Config.Sealing a payer that is stopped, or dies at any instruction, goes on
// with the run when it is started again on the same folder before the deadlines
// of the others have passed; see package driver. It says nothing when it is
// stopped: to the others it is slow.
//
// The convener can keep statements and objects from a payer. Then a deadline
// passes and the run is void: denial of service is all it can do. A payer that
// is also a recipient may withhold its own decryption share after seeing the
// others'; it then learns the released table and the others do not. No protocol
// of this kind prevents that without a third party; the withheld share is named
// in the void.
//
// # Hostile acts, and the tests that show what comes of them
//
//	equivocation   void, both signed statements kept: TestConvenerContradictsItself; a payer's: coordinator TestRelayOfEquivocation, run
//	               TestTranscripts (equivocation, other-history); shown by `tacet node evidence --run`
//	replay         nothing: TestHostileRelay, coordinator TestRelay; of another run: run TestTranscripts (refused-messages); of an
//	               older life: TestOlderJournalIsRefused
//	reorder        nothing: TestHostileRelay, run TestAnyOrder
//	drop           the deadline ends the run and names who was waited for: TestDroppedStatements, TestAbsent, run TestTranscripts
//	               (withheld-object); of streams nothing: TestLostStreams
//	delay          nothing within the deadline: TestHostileRelay; behind it: run TestTranscripts (deadline)
//	swap           void before a share: TestAlteredObject, TestAlteredCiphertext, run TestTranscripts (wrong-object, copied), objects
//	               TestTransferOfOtherBytes; of streams: link TestMisroutedStream, TestTamperedRelay
//	slow-loris     the stream or connection ends: link TestSlowLoris, TestSlowHeader; who reads slowly slows itself: link TestSlowPayer
//	oversize       refused before allocation: TestHostileRelay, coordinator TestBoard, wire TestFrames, objects TestReceiveIsBounded
//	wrong manifest refused: coordinator TestHello, run TestTranscripts (refused-messages)
//	forged header  refused: link TestForgedOrigin, TestHeaderRefusals, TestNothingBeforeTheHello; a statement of another's: coordinator
//	               TestRelay; an unsigned one: TestHostileRelay
//	flood          turned away: link TestGate, TestAttempts; of streams: link TestStreamFlood, TestRapidReset; figures: `tacet testnet bench link`
package party
