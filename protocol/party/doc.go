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
package party
