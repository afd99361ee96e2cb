#!/usr/bin/env bash
# Foreign clients against a network that this script starts: the unmodified
# upstream Go SDK, an unmodified @polkadot/api and an unmodified polkadot-api.
# CESS_BIN is the cess binary, CESS_HEADS how many final heads to count (100;
# 1,000 for acceptance). With CESS_COMPAT_LONG=1 the network has blocks of half a
# second and is given the minutes that it needs until every query of the Go SDK
# finds something: a miner may leave after a day of 600 blocks. Both JavaScript
# clients then also stay connected across a runtime upgrade.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=$(realpath "${CESS_BIN:?CESS_BIN names no binary: run make build first}")
work=$(mktemp -d)
port=${CESS_PORT_BASE:-21944}
network=
others=()

finish() {
  local status=$? pid
  for pid in $network "${others[@]}"; do
    kill -INT "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  if [ $status -ne 0 ] && [ -s "$work/devnet.log" ]; then
    echo "--- the network's log:" >&2
    tail -n 40 "$work/devnet.log" >&2
  fi
  rm -rf "$work"
  exit $status
}
trap finish EXIT

"$bin" devnet ${CESS_COMPAT_LONG:+--block-time 500ms} --data "$work/net" --port-base "$port" --ready-file "$work/ready.json" >"$work/devnet.log" 2>&1 &
network=$!
for _ in $(seq 2400); do
  [ -s "$work/ready.json" ] && break
  kill -0 "$network" 2>/dev/null || { echo "the network did not start" >&2; exit 1; }
  sleep 0.2
done
[ -s "$work/ready.json" ] || { echo "the network is not ready after eight minutes" >&2; exit 1; }

export CESS_READY=$work/ready.json CESS_NODE=ws://127.0.0.1:$port CESS_GATEWAY=http://127.0.0.1:$((port + 2)) CESS_FROM=//Alice
"$bin" territory mint compat --gib 1 --json >/dev/null
"$bin" gateway authorize --json >/dev/null
head -c 1000000 /dev/urandom >"$work/file.bin"
CESS_FID=$("$bin" file put "$work/file.bin" --territory compat --wait active --json | sed -n 's/.*"fid": *"\([0-9a-f]*\)".*/\1/p')
export CESS_FID
[ ${#CESS_FID} -eq 64 ] || { echo "storing a file gave no fid: '$CESS_FID'" >&2; exit 1; }

echo "== upstream Go SDK: same fids"
(cd "$here/segment" && go test -count=1 -short ./...)
echo "== upstream Go SDK: chain"
(cd "$here/../.." && go build -o "$work/ours" ./test/compat/ours)
(cd "$here/gosdk" && CESS_OURS=$work/ours CESS_BIN=$bin go test -count=1 -timeout 15m ./...)
echo "== gossamer: trie"
(cd "$here/trie" && go test -count=1 ./...)
if command -v npm >/dev/null; then
  "$bin" chain dev --block-time 100 >"$work/fast.json"
  # solo runs a chain of its own with the given program; $url is its address.
  solo() {
    local rpc=127.0.0.1:$((port + 500 + 2 * ${#others[@]})) p2p=127.0.0.1:$((port + 501 + 2 * ${#others[@]}))
    "$1" node --spec "$work/fast.json" --home "$work/solo-${#others[@]}" --keys //Alice --rpc "$rpc" --p2p "$p2p" >"$work/solo.log" 2>&1 &
    others+=($!)
    url=ws://$rpc
  }
  solo "$bin"
  export CESS_FAST=$url
  echo "== @polkadot/api"
  (cd "$here/polkadot" && npm ci --no-audit --no-fund --silent && node --test --test-concurrency=1)
  echo "== polkadot-api"
  (cd "$here/papi" && npm ci --no-audit --no-fund --silent && node --test --test-concurrency=1)
  if [ -n "${CESS_COMPAT_LONG:-}" ]; then
    echo "== both across a runtime upgrade"
    (cd "$here/../.." && go build -tags nextruntime -o "$work/next" ./cmd/cess)
    for client in polkadot papi; do
      solo "$work/next"
      (cd "$here/$client" && CESS_UPGRADE=$url node --test upgrade.test.js)
    done
  fi
else
  echo "== @polkadot/api and polkadot-api: skipped, Node.js is not installed"
fi
