package intake

import (
	"errors"
	"strings"
)

// modified takes modifier extensions into account, which change what a resource says. QI-Core's notDone is known; a resource with any other
// must not be taken for what it says without it, as FHIR has it.
func (r *resource) modified() error {
	for _, e := range r.Modifiers {
		if !strings.HasSuffix(e.URL, "/qicore-notDone") || e.Boolean == nil {
			return errors.New("has a modifier extension that is not known, so it cannot be taken as it stands")
		}
		if !*e.Boolean {
			continue
		}
		switch r.Type {
		case "ServiceRequest", "MedicationRequest":
			r.DoNotPerform = true
		case "Observation":
			r.Status = "cancelled"
		case "Procedure", "Immunization":
			r.Status = "not-done"
		default:
			return errors.New("has a modifier extension that says it was not done, which such a resource cannot")
		}
	}
	return nil
}
