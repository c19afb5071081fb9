package link

import "sync"

// Member is one line of the directory: a name and the SHA-256 of the SPKI of
// its link key (identity.Public.TLSPin).
type Member struct {
	Name string
	Pin  [32]byte
}

// Directory says which key belongs to which member. It may change while
// endpoints use it: connections and streams of a member whose key left the
// directory are closed at once. Safe for concurrent use.
type Directory struct {
	mu      sync.RWMutex
	pins    map[string][32]byte
	names   map[[32]byte][]string
	changed chan struct{} // closed and replaced at every change
}

// NewDirectory makes a directory of the given members.
func NewDirectory(members ...Member) *Directory {
	d := &Directory{pins: map[string][32]byte{}, names: map[[32]byte][]string{}, changed: make(chan struct{})}
	for _, m := range members {
		d.Set(m)
	}
	return d
}

// Set adds a member or replaces its key. A key that two members claim
// identifies neither of them.
func (d *Directory) Set(m Member) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if old, ok := d.pins[m.Name]; ok && old == m.Pin {
		return
	}
	d.drop(m.Name)
	d.pins[m.Name] = m.Pin
	d.names[m.Pin] = append(d.names[m.Pin], m.Name)
	d.announce()
}

// Remove takes a member out; a name that is not there is no error.
func (d *Directory) Remove(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.pins[name]; ok {
		d.drop(name)
		d.announce()
	}
}

// Pin is the key of a member, and whether that key identifies it.
func (d *Directory) Pin(name string) ([32]byte, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	pin, ok := d.pins[name]
	return pin, ok && len(d.names[pin]) == 1
}

// Name is the member that a key identifies.
func (d *Directory) Name(pin [32]byte) (string, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if n := d.names[pin]; len(n) == 1 {
		return n[0], true
	}
	return "", false
}

// is reports whether pin is the key of the named member.
func (d *Directory) is(name string, pin [32]byte) bool {
	n, ok := d.Name(pin)
	return ok && n == name
}

// change is closed at the next change.
func (d *Directory) change() <-chan struct{} {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.changed
}

// drop forgets a name. The caller holds mu.
func (d *Directory) drop(name string) {
	pin, ok := d.pins[name]
	if !ok {
		return
	}
	delete(d.pins, name)
	var rest []string
	for _, n := range d.names[pin] {
		if n != name {
			rest = append(rest, n)
		}
	}
	if d.names[pin] = rest; len(rest) == 0 {
		delete(d.names, pin)
	}
}

// announce wakes everybody who waits for a change. The caller holds mu.
func (d *Directory) announce() {
	close(d.changed)
	d.changed = make(chan struct{})
}
