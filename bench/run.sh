#!/bin/sh
# Measures everything that has a budget, each figure beside its baseline from
# the same run, and writes bench/results/<date>.md. Needs Go; takes about a
# quarter of an hour and 6 GB of disk. Run it on an idle machine.
#
#   BENCH_SECONDS  time to measure the chain, default 60
#   BENCH_SIZE     size of the file to process, default 1GiB
set -u
cd "$(dirname "$0")/.." || exit 1

seconds=${BENCH_SECONDS:-60}
size=${BENCH_SIZE:-1GiB}
mkdir -p bin bench/results
out=bench/results/$(date -u +%Y-%m-%d).md
failed=0

go build -trimpath -o bin/cess ./cmd/cess || exit 1

# section <limit in seconds> <command…>: the command prints a section.
section() {
	limit=$1
	shift
	echo "$*" >&2
	if ! timeout "$limit" "$@" >>"$out"; then
		echo "failed or took more than $limit s: $*" >&2
		printf '`%s` failed or took more than %s s.\n\n' "$*" "$limit" >>"$out"
		failed=1
	fi
}

# The reference SDK and this one over the same file, from file to fragment
# files, in turn; in memory if there is room, so that the disk does not decide.
compare() (
	where='on disk'
	if [ -w /dev/shm ] && [ "$(df -Pk /dev/shm | awk 'NR == 2 { print $4 }')" -gt 3000000 ]; then
		TMPDIR=/dev/shm
		export TMPDIR
		where='on a RAM disk'
	fi
	echo '## File processing beside the upstream SDK'
	echo
	echo "256 MiB from file to fragment files $where, both pipelines in turn. Upstream syncs"
	echo 'only its temporary segments, gocess every fragment.'
	echo
	echo '| what | upstream SDK | gocess | upstream per CPU second | gocess per CPU second |'
	echo '|---|---|---|---|---|'
	(cd test/compat/segment && go test -run '^$' -bench '^BenchmarkProcess$' -benchtime 2x -timeout 9m) |
		awk '
			/^BenchmarkProcess\// {
				split($1, part, "/")
				for (i = 2; i <= NF; i++) {
					if ($i == "MB/s") rate = $(i - 1)
					if ($i == "MB/CPU-s") cpu = $(i - 1)
				}
				if (part[4] ~ /^upstream/) { u = rate; uc = cpu; next }
				printf "| %s, %s | %.0f MB/s | %.0f MB/s | %.0f MB | %.0f MB |\n", part[2], part[3], u, rate, uc, cpu
				lines++
			}
			END { print ""; exit lines == 0 }'
)

# Every operation of the proofs of idle space on both sides, over the same set.
proofs() (
	echo '## Proof of idle space beside upstream'
	echo
	echo 'Processor time, all threads together; K=8, N=16384, D=64; in turn, on the same files.'
	echo
	cd test/compat/pois && POIS_FIGURES=1 go test -run '^TestFigures$' -count=1 -timeout 14m -v . |
		awk '/^\|/ { print; lines++ } END { print ""; exit lines < 10 }'
)

{
	echo "# Benchmarks of $(date -u +%Y-%m-%d)"
	echo
	echo "Version $(bin/cess --version | sed 's/^cess version //'), commit $(git rev-parse --short HEAD 2>/dev/null || echo unknown), $(go version | cut -d' ' -f3,4)."
	echo 'Figures are of one machine in one run; its load is given with each section.'
	echo
} >"$out"

section 600 bin/cess bench file --size "$size" --cipher --markdown
echo 'upstream SDK beside ours' >&2
if ! compare >>"$out"; then
	printf 'The comparison with the upstream SDK failed.\n\n' >>"$out"
	failed=1
fi
section 300 bin/cess bench restore --markdown
section 300 bin/cess bench pois --markdown
section 300 bin/cess bench pois --n 1048576 --files 40 --markdown
echo 'upstream proofs of idle space beside ours' >&2
if ! proofs >>"$out"; then
	printf 'The comparison with upstream'"'"'s proofs of idle space failed.\n\n' >>"$out"
	failed=1
fi
section 300 bin/cess bench podr2 --markdown
section 600 bin/cess bench audit --markdown
section $((seconds + 240)) bin/cess bench chain --seconds "$seconds" --markdown
section $((seconds + 240)) bin/cess bench chain --validators 4 --block-time 1s --seconds "$seconds" --markdown
section 120 bin/cess bench rpc --markdown
section 700 bin/cess bench sync --markdown
section 900 bin/cess bench devnet --markdown

echo "wrote $out" >&2
exit $failed
