//go:build !linux

package matrix

import (
	"context"
	"errors"
)

func inNamespace(context.Context, Options) (bool, error) {
	return true, errors.New("--netem needs Linux's network namespaces")
}
