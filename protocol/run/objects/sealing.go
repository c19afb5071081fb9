package objects

// Sealing protects what a member must keep on disk to survive a restart: Open gives back what Seal was given, to this member alone, or fails. The caller
// wipes plaintexts.
type Sealing struct {
	Seal func(plain []byte) ([]byte, error)
	Open func(sealed []byte) ([]byte, error)
}
