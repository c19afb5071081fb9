package node

import (
	"context"
	"errors"

	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/risk"
)

// observations are what a payer's data has for a risk model, wherever the data is: the engine makes them by one query, without what is withheld.
func observations(ctx context.Context, st data, year engine.Period, d risk.Definition) ([]risk.Person, error) {
	out, err := st.Observe(ctx, d.Outcome, year)
	if err == nil && int64(len(out)) > d.MaxPeople {
		err = errors.New("this payer has more observations than the model's definition allows for")
	}
	return out, err
}
