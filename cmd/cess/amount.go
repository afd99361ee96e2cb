package main

import (
	"fmt"
	"strings"

	"github.com/gocess/gocess/primitives/scale"
)

// Amounts are counted in planck; people write and read TCESS.
const (
	tokenSymbol   = "TCESS"
	tokenDecimals = 18
)

// parseAmount reads a number of planck, or of TCESS with up to 18 decimals:
// "1500", "1_500", "1.5TCESS", "1.5 TCESS".
func parseAmount(text string) (scale.U128, error) {
	number, isTokens := strings.CutSuffix(text, tokenSymbol)
	number = strings.ReplaceAll(strings.TrimSpace(number), "_", "")
	digits := number
	if isTokens {
		whole, fraction, _ := strings.Cut(number, ".")
		switch {
		case len(fraction) > tokenDecimals:
			return scale.U128{}, fmt.Errorf("amount %q has more than %d decimals", text, tokenDecimals)
		case whole+fraction == "":
			return scale.U128{}, fmt.Errorf("amount %q has no number", text)
		}
		digits = whole + fraction + strings.Repeat("0", tokenDecimals-len(fraction))
	}
	v, err := scale.ParseU128(digits)
	if err != nil {
		return v, fmt.Errorf("amount %q: a number of planck, or of TCESS as in 1.5TCESS, is needed", text)
	}
	return v, nil
}

// tokens writes planck as TCESS, exactly.
func tokens(planck scale.U128) string {
	digits := planck.String()
	if len(digits) <= tokenDecimals {
		digits = strings.Repeat("0", tokenDecimals+1-len(digits)) + digits
	}
	point := len(digits) - tokenDecimals
	text := digits[:point]
	if fraction := strings.TrimRight(digits[point:], "0"); fraction != "" {
		text += "." + fraction
	}
	return text + " " + tokenSymbol
}

// Sizes as people write them.
const (
	kiB = 1 << 10
	miB = 1 << 20
	giB = 1 << 30
)

// bytesText writes a size in the unit that suits it.
func bytesText(n uint64) string {
	for _, u := range []struct {
		size uint64
		name string
	}{{giB, "GiB"}, {miB, "MiB"}, {kiB, "KiB"}} {
		if n >= u.size {
			return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/float64(u.size)), ".0") + " " + u.name
		}
	}
	return fmt.Sprintf("%d B", n)
}

// sizeFlag is a flag that takes bytes with a unit: 64MiB, 1GiB, 1000.
type sizeFlag int64

func (s *sizeFlag) String() string { return strings.ReplaceAll(bytesText(uint64(*s)), " ", "") }
func (s *sizeFlag) Type() string   { return "size" }

func (s *sizeFlag) Set(text string) error {
	number, unit := strings.TrimSpace(text), int64(1)
	for _, u := range []struct {
		suffix string
		size   int64
	}{{"KiB", kiB}, {"MiB", miB}, {"GiB", giB}, {"B", 1}} {
		if rest, ok := strings.CutSuffix(number, u.suffix); ok {
			number, unit = strings.TrimSpace(rest), u.size
			break
		}
	}
	var n int64
	if _, err := fmt.Sscanf(number, "%d", &n); err != nil || fmt.Sprint(n) != number || n < 1 || n > (1<<50)/unit {
		return fmt.Errorf("size %q: a number with KiB, MiB or GiB is needed, such as 64MiB", text)
	}
	*s = sizeFlag(n * unit)
	return nil
}
