package node

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes, written like 1.5GiB, 900MiB or 2GB.
type Size int64

var units = []struct {
	name  string
	bytes float64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"B", 1}}

// UnmarshalText reads a number with its unit; a number alone is refused, because everybody means another unit.
func (s *Size) UnmarshalText(text []byte) error {
	in := strings.TrimSpace(string(text))
	for _, u := range units {
		number, ok := strings.CutSuffix(in, u.name)
		if !ok {
			continue
		}
		f, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if n := f * u.bytes; err == nil && n >= 0 && n < math.MaxInt64/2 {
			*s = Size(n)
			return nil
		}
		break
	}
	return fmt.Errorf("%q is not a size: write a number and its unit, like 1.5GiB or 900MiB", in)
}

// MarshalText is the size in the largest binary unit that leaves it exact, else in bytes.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// String is the same.
func (s Size) String() string {
	for _, u := range units[:3] {
		if n := float64(s) / u.bytes; n >= 1 && n*1024 == math.Trunc(n*1024) {
			return strconv.FormatFloat(n, 'f', -1, 64) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10) + "B"
}

// Set and Type make a Size a flag of the command line.
func (s *Size) Set(text string) error { return s.UnmarshalText([]byte(text)) }

// Type names the value in the usage text.
func (s *Size) Type() string { return "size" }
