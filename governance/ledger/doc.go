// Package ledger is the durable Merkle log of the governance entries: what Raft ordered is remembered here, and what is
// here is never changed.
//
// # Tree
//
// Hashing is RFC 6962's (SHA-256, 0x00 before a leaf, 0x01 before a node), computed by golang.org/x/mod/sumdb/tlog. Leaf 0 is
// the genesis, so that the first checkpoint already commits to the members' keys.
//
// A leaf is the entry's exact bytes, or, for an entry longer than the 65,535 bytes that a C2SP entry bundle can hold, a
// reference to them: "tacet-blob/v1\n" size "\n" hex(SHA-256) "\n" (Leaf). An entry starts with '{', so the two
// cannot be taken for each other.
//
// # Files
//
//	journal                 entries that do not fill a tile yet (below); the only file that is appended to
//	tile/LEVEL/NNN          full hash tiles of 256 hashes (c2sp.org/tlog-tiles)
//	tile/entries/NNN        full entry bundles: 256 times uint16 length, leaf
//	blob/HEX                an entry that its leaf only refers to
//	position/NNN            256 times uint64: the Raft index that brought each entry
//	cosigned                the last checkpoint this replica put its name to
//
// Export writes the same layout with partial tiles and a checkpoint, for an auditor or a static web server.
//
// The journal starts with "tacet-journal/v1\n" and the index of its first entry; a record is length, index, position, SHA-256
// of all of these and the entry, then the entry. Append writes a batch with one write and one fsync. When 256 entries are
// together, blobs, positions, bundle and hash tiles are written durably and only then is the journal replaced by an
// empty one. So at every instruction the files say one of two things: the batch is there, or it is not.
//
// # Recovery
//
// Open takes the journal's first index as the number of entries in full tiles, checks that the bundles hash to the hash
// tiles, reads the journal, and cuts a torn record at its end off. What was cut was never acknowledged; Raft delivers it again. A
// ledger that is shorter than, or different from, what this replica cosigned is refused: the disk lost something that
// others rely on (ErrLost). After a failed write or fsync the ledger refuses everything (ErrBroken): the page cache may
// lie from then on, and only a fresh process reads the truth.
//
// # Checkpoints
//
// c2sp.org/tlog-checkpoint without extension lines, as a signed note: the convener signs as the log (key name = origin), every
// member cosigns as a witness (key name = origin/member, KeyName). Each does so twice, in two lines: with Ed25519 (c2sp.org/signed-note, key type 1, for the log;
// c2sp.org/tlog-cosignature, key type 4, for members) and with ML-DSA-44 (c2sp.org/tlog-cosignature, key type 6). OpenSigned counts both or refuses the note, so
// that whatever waits for somebody's cosignature – finality, the gate before an action, the auditor – has both, and none of it
// falls with one of the algorithms. The time in them decides nothing. Notes are read with at most 100 lines, hence at most 50 members (MaxSignatures). Commit persists (size, root) with fsync before
// Cosign makes a signature, and refuses to go back or sideways; so a replica never signs two histories, whatever crashes.
package ledger
