package quality

import "testing"

func TestTenth(t *testing.T) {
	for _, c := range []struct {
		num, den int64
		want     int
	}{{0, 7, 0}, {9, 100, 0}, {10, 100, 1}, {89, 100, 8}, {90, 100, 9}, {100, 100, 9}} {
		if got := tenth(c.num, c.den); got != c.want {
			t.Errorf("%d of %d: bucket %d, want %d", c.num, c.den, got, c.want)
		}
	}
	for _, name := range []string{"", "month", "duplicate"} {
		if _, err := Tenth(t.Context(), nil, 2020, name); err == nil {
			t.Errorf("%q has tenths", name)
		}
	}
}
