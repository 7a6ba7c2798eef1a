#!/usr/bin/env bash
# How long /health takes to answer while 200 people sign in at the same time: hashing passwords must not starve the rest
# (p99 is to stay under 50 ms).
#
#   cargo build --release -p evently-axum && benches/health.sh
#
# EVENTLY_BIN names another binary than target/release/evently-axum. Needs curl.
set -euo pipefail

bin=${EVENTLY_BIN:-target/release/evently-axum}
people=200
scratch=$(mktemp -d)
"$bin" serve --store memory: --listen 127.0.0.1:0 --rate-limit off >"$scratch/out" 2>"$scratch/err" &
server=$!
trap 'kill "$server"; wait; rm -rf "$scratch"' EXIT

base=
for _ in $(seq 300); do
    base=$(grep -o 'http://[0-9.:]*' "$scratch/out" | head -n 1) && [ -n "$base" ] && break
    sleep 0.1
done

account='{"email":"ada@example.com","password":"correct horse battery"}'
# post PATH: the status of the answer.
post() {
    curl -s -o /dev/null -w '%{http_code}\n' -H 'content-type: application/json' -d "$account" "$base$1"
}
# ask TIMES: how long each answer of /health took, in seconds.
ask() {
    curl -s -o /dev/null -w '%{time_total}\n' "$base/health?[1-$1]"
}
# show NAME FILE: percentiles.
show() {
    sort -n "$2" | awk -v name="$1" '{ took[NR] = $1 * 1000 }
        END { printf "%s: %d answers, p50 %.2f ms, p99 %.2f ms, longest %.2f ms\n", name, NR,
              took[int((NR + 1) / 2)], took[int((NR * 99 + 99) / 100)], took[NR] }'
}

[ "$(post /api/auth/signup)" = 201 ]
ask 2000 >"$scratch/idle"
: >"$scratch/statuses"
sign_ins=()
for _ in $(seq "$people"); do
    post /api/auth/login >>"$scratch/statuses" &
    sign_ins+=($!)
done
while [ "$(wc -l <"$scratch/statuses")" -lt "$people" ]; do
    ask 20 >>"$scratch/busy"
done
wait "${sign_ins[@]}"

show "nobody signs in" "$scratch/idle"
show "while $people sign in" "$scratch/busy"
echo "sign-ins by status: $(sort "$scratch/statuses" | uniq -c | xargs)"
