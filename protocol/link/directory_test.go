package link

import "testing"

func TestDirectory(t *testing.T) {
	one, two := [32]byte{1}, [32]byte{2}
	type query struct {
		name string
		pin  [32]byte
		is   bool
	}
	tests := []struct {
		name   string
		change func(d *Directory)
		want   []query
	}{
		{"set", func(d *Directory) { d.Set(Member{"a", one}) }, []query{{"a", one, true}, {"a", two, false}, {"b", one, false}}},
		{"rotate", func(d *Directory) { d.Set(Member{"a", one}); d.Set(Member{"a", two}) }, []query{{"a", one, false}, {"a", two, true}}},
		{"remove", func(d *Directory) { d.Set(Member{"a", one}); d.Remove("a") }, []query{{"a", one, false}}},
		{"remove nobody", func(d *Directory) { d.Set(Member{"a", one}); d.Remove("b") }, []query{{"a", one, true}}},
		{"one key, two members", func(d *Directory) { d.Set(Member{"a", one}); d.Set(Member{"b", one}) }, []query{{"a", one, false}, {"b", one, false}}},
		{"the second gives it up", func(d *Directory) { d.Set(Member{"a", one}); d.Set(Member{"b", one}); d.Set(Member{"b", two}) },
			[]query{{"a", one, true}, {"b", two, true}}},
		{"the first is removed", func(d *Directory) { d.Set(Member{"a", one}); d.Set(Member{"b", one}); d.Remove("a") },
			[]query{{"a", one, false}, {"b", one, true}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := NewDirectory()
			woken := d.change()
			tt.change(d)
			select {
			case <-woken:
			default:
				t.Error("the change was not announced")
			}
			for _, q := range tt.want {
				if d.is(q.name, q.pin) != q.is {
					t.Errorf("%s has key %d: %v", q.name, q.pin[0], !q.is)
				}
				if pin, ok := d.Pin(q.name); q.is && (!ok || pin != q.pin) {
					t.Errorf("pin of %s: %d, %v", q.name, pin[0], ok)
				}
			}
		})
	}
}
