// Package version names the build.
package version

import "runtime/debug"

// Number is the release this tree leads to.
const Number = "0.1.0"

// Text is the number and, where the build knows it, the commit.
func Text() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return Number
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return Number + "-" + s.Value[:12]
		}
	}
	return Number
}
