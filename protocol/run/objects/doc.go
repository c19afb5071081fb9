// Package objects keeps the files of a run: objects that become visible under
// their name only when every byte is there and hashed – and durable, except for
// those that are used once and deleted –, and the member's own small records.
//
// A crash before the rename leaves a file with the suffix ".tmp", which nobody
// reads and the next life removes; a crash after it leaves the complete file.
package objects
