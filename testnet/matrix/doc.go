// Package matrix kills and disturbs members of a real network – one operating-system process each, real sockets, real disks – at every step
// of a run, brings them back, and says how each run ended.
//
// # Cells
//
// A cell is a member, a step of the protocol and a point in it (run.Point):
//
//	before-write  the step is computed, the journal does not know it                       (made)
//	before-send   the journal has the statement, nobody else has                           (bound)
//	after-send    the object is on the board, or, in a step without one, the statement is (revealed, sent)
//
// At the point the process kills itself with SIGKILL; the program starts it again and waits for every member's verdict. One network serves
// all cells, a run each, on measures approved in a version of their own, since a figure is released once.
//
// # Verdicts
//
//	C  certified, and every recipient's table is the one of the undisturbed run, which is the pooled plain data's
//	V  void, with the same verdict at every member and a reason
//	W  wrong: two verdicts, another table, or a member showed two different objects or statements for a step
//	H  hung: somebody had no verdict in time
//	-  the member has nothing to do there
//
// W and H are failures. A member without its table (it was killed before it had signed it, and the others went on) is not W when it holds
// the certificate.
//
// # Disturbances beside kill
//
// Stop (SIGSTOP, later SIGCONT) and a full disk (RLIMIT_FSIZE 0: no write succeeds, until the process is started again) at the same points;
// a wall clock that jumps three years ahead, seen by that process, to the end of its life. Delay and loss on the network the processes share: a
// network namespace with tc netem where root and the kernel have it, else a relay of UDP packets between the payers and the convener
// (package lossy), and no TCP.
//
// # In the process
//
// Hooks is what a member's process does at a point, when the environment says that it is in a matrix: it reads the file disturb in the
// member's directory. Whoever can set that can send the signal as well.
package matrix
