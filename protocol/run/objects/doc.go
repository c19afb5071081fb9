// Package objects keeps the files of a run: objects that become visible under
// their name only when every byte is there and hashed – and durable, except for
// those that are used once and deleted –, and the member's own small records.
//
// An object is named by the hash of its chunks' hashes (package wire says how), so
// that a Partial can check each chunk as it arrives, from one stream or several,
// in any order, and go on after a disconnect or in a later life with those that
// are missing. Its file has the suffix ".part" and is trusted for nothing: what is
// in it is hashed again.
//
// A crash before the rename leaves a file with the suffix ".tmp", which nobody
// reads and the next life removes; a crash after it leaves the complete file.
package objects
