#!/usr/bin/env bash
# Runs every fuzz target of the module for a while, one after another, and says
# what each did. It ends with a failure if one found something.
#
#   test/fuzz.sh [time for each, default 30s] [packages, default ./...]
set -uo pipefail
cd "$(dirname "$0")/.."

time=${1:-30s}
shift
packages=("${@:-./...}")
go=${GO:-go}
log=$(mktemp) || exit
trap 'rm -f "$log"' EXIT

# `go test -list` prints the targets of a package and then its name.
if ! listing=$("$go" test -list '^Fuzz' "${packages[@]}"); then
	echo "$listing" >&2
	echo "fuzz: the packages do not build" >&2
	exit 1
fi
targets=()
names=()
while read -r first second _; do
	case $first in
	Fuzz*) names+=("$first") ;;
	ok)
		for name in "${names[@]}"; do targets+=("$second $name"); done
		names=()
		;;
	esac
done <<<"$listing"
if ((${#targets[@]} == 0)); then
	echo "fuzz: no targets in ${packages[*]}" >&2
	exit 1
fi
echo "fuzz: ${#targets[@]} targets, $time each"

found=0
summary=()
for target in "${targets[@]}"; do
	read -r package name <<<"$target"
	verdict=ok
	if ! "$go" test -run '^$' -fuzz "^$name\$" -fuzztime "$time" -fuzzminimizetime 10x "$package" >"$log" 2>&1; then
		# The engine sometimes reports the end of its time as a failure
		# (golang/go#75804); a finding names its input.
		if grep -q 'context deadline exceeded' "$log" && ! grep -qE 'Failing input written|seed corpus entry|panic:' "$log"; then
			verdict=ok
		else
			verdict=FOUND
			found=$((found + 1))
			cat "$log"
		fi
	fi
	executions=$(grep -oE 'execs: [0-9]+' "$log" | tail -1)
	inputs=$(grep -oE 'total: [0-9]+' "$log" | tail -1)
	line=$(printf '%-5s  %-34s %-16s %-12s %s' "$verdict" "$name" "${executions:-}" "${inputs:-}" "${package#github.com/gocess/gocess/}")
	echo "$line"
	summary+=("$line")
done

echo
echo "fuzz: summary"
printf '%s\n' "${summary[@]}"
echo "$((${#targets[@]} - found)) passed, $found failed"
((found == 0))
