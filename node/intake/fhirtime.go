package intake

import (
	"errors"
	"math/big"
	"strings"
	"time"
)

var (
	errInstant = errors.New("is not a FHIR date or date and time")
	errPartial = errors.New("says the year or month only; the day is needed")
)

// clock reads FHIR dates in one time zone.
type clock struct{ zone *time.Location }

// instant reads a dateTime or instant: NULL when empty, otherwise to the
// second in the clock's zone, as a wall-clock time. A bare date is its midnight.
func (c clock) instant(s string) (any, error) {
	if s == "" {
		return nil, nil
	}
	if len(s) == 4 || len(s) == 7 {
		return nil, errPartial
	}
	if len(s) == 10 {
		t, err := time.Parse(time.DateOnly, s)
		if err != nil {
			return nil, errInstant
		}
		return t, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return nil, errInstant
	}
	t = t.In(c.zone)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC), nil
}

// day is instant without the time of day.
func (c clock) day(s string) (any, error) {
	v, err := c.instant(s)
	if t, ok := v.(time.Time); ok {
		return t.Truncate(24 * time.Hour), err
	}
	return v, err
}

// lastDay is day; a year or month becomes its last day.
func (c clock) lastDay(s string) (any, error) {
	switch len(s) {
	case 4:
		t, err := time.Parse("2006", s)
		if err != nil {
			return nil, errInstant
		}
		return t.AddDate(1, 0, -1), nil
	case 7:
		t, err := time.Parse("2006-01", s)
		if err != nil {
			return nil, errInstant
		}
		return t.AddDate(0, 1, -1), nil
	}
	return c.day(s)
}

// taken is the time in which an ordered drug is taken, by day (see the package
// comment). Whatever is not known is nil.
func (c clock) taken(r *resource) (start, end any, err error) {
	var d dosage
	if len(r.Dosage) == 1 {
		d = r.Dosage[0]
	}
	var bounds, validity period
	if d.Timing.Repeat.Bounds != nil {
		bounds = *d.Timing.Repeat.Bounds
	}
	if r.Dispense.Validity != nil {
		validity = *r.Dispense.Validity
	}
	for _, s := range []string{bounds.Start, r.Authored, validity.Start} {
		if start, err = c.day(s); err != nil || start != nil {
			break
		}
	}
	if err != nil || start == nil {
		return nil, nil, err
	}
	if days := supplied(r, d); days != nil {
		days.Sub(days, big.NewRat(1, 1))
		whole := new(big.Int).Div(days.Num(), days.Denom()) // floor
		if whole.IsInt64() && whole.Int64() >= 0 && whole.Int64() < 36600 {
			return start, start.(time.Time).AddDate(0, 0, int(whole.Int64())), nil
		}
		return start, nil, nil
	}
	end, err = c.day(bounds.End)
	return start, end, err
}

// supplied is the number of days for which the order supplies the drug, or nil.
func supplied(r *resource, d dosage) *big.Rat {
	refills := big.NewRat(1, 1)
	if n := rational(r.Dispense.Refills); n != nil {
		refills.Add(refills, n)
	}
	if q := r.Dispense.Supply; q != nil {
		if days := rational(&q.Value); days != nil {
			unit := q.Code
			if unit == "" {
				unit = q.Unit
			}
			if f := perUnit(unit); f != nil {
				return days.Mul(days, f).Mul(days, refills)
			}
		}
	}
	if r.Dispense.Quantity == nil || len(d.DoseAndRate) != 1 {
		return nil
	}
	amount, dose := rational(&r.Dispense.Quantity.Value), (*big.Rat)(nil)
	if one := d.DoseAndRate[0]; one.Quantity != nil {
		dose = rational(&one.Quantity.Value)
	} else if one.Range != nil && one.Range.High != nil {
		dose = rational(&one.Range.High.Value)
	}
	if amount == nil || dose == nil || dose.Sign() <= 0 {
		return nil
	}
	daily := dosesPerDay(d)
	if daily == nil || daily.Sign() <= 0 {
		return nil
	}
	return amount.Quo(amount, dose.Mul(dose, daily)).Mul(amount, refills)
}

func dosesPerDay(d dosage) *big.Rat {
	r := d.Timing.Repeat
	times := rational(r.FrequencyMax)
	if times == nil {
		times = rational(r.Frequency)
	}
	if span, f := rational(r.Period), perUnit(r.PeriodUnit); times != nil && span != nil && f != nil && span.Sign() > 0 {
		return times.Quo(times, span.Mul(span, f))
	}
	if len(r.TimeOfDay) > 0 {
		return big.NewRat(int64(len(r.TimeOfDay)), 1)
	}
	return big.NewRat(1, 1)
}

// perUnit is the length of a unit of time in days; months and years have none.
func perUnit(unit string) *big.Rat {
	switch strings.ToLower(unit) {
	case "d", "day", "days":
		return big.NewRat(1, 1)
	case "wk", "week", "weeks":
		return big.NewRat(7, 1)
	case "h", "hour", "hours":
		return big.NewRat(1, 24)
	case "min", "minute", "minutes":
		return big.NewRat(1, 1440)
	}
	return nil
}

// rational reads a JSON number exactly; a monstrous exponent is no number here.
func rational[T ~string](n *T) *big.Rat {
	if n == nil || *n == "" || len(*n) > 32 || strings.ContainsAny(string(*n), "eE") {
		return nil
	}
	r, ok := new(big.Rat).SetString(string(*n))
	if !ok || r.Sign() < 0 {
		return nil
	}
	return r
}
