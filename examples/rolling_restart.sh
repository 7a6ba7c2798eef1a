#!/usr/bin/env bash
# Two servers on one store, restarted one after the other while clients book: not one request fails.
#
#   cargo build --release && examples/rolling_restart.sh [STORE]
#
# The store is a new SQLite file if none is named. EVENTLY_BIN names another binary than target/release/evently-axum.
# A client does what a load balancer does: where nobody listens it asks the other server. Needs curl.
set -euo pipefail

bin=${EVENTLY_BIN:-target/release/evently-axum}
scratch=$(mktemp -d)
store=${1:-sqlite:$scratch/evently.db}
clients=4
share=${EVENTLY_SHARE:-50} # bookings by each client before, between and after the restarts

EVENTLY_JWT_SECRET=$(head -c 33 /dev/urandom | base64)
export EVENTLY_JWT_SECRET
export EVENTLY_ADMIN_EMAIL=admin@example.com EVENTLY_ADMIN_PASSWORD='correct horse battery'

pids=()
finish() {
    touch "$scratch/stop"
    local pid
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait
    rm -rf "$scratch"
}
trap finish EXIT

fail() { echo "rolling_restart: $*" >&2; exit 1; }

# start NAME LISTEN: starts a server and waits until it says where it listens; its place is in $scratch/NAME.url.
start() {
    "$bin" serve --store "$store" --listen "$2" --rate-limit off >"$scratch/$1.out" 2>"$scratch/$1.err" &
    pids+=($!)
    echo $! >"$scratch/$1.pid"
    for _ in $(seq 300); do
        if grep -o 'http://[0-9.:]*' "$scratch/$1.out" | head -n 1 >"$scratch/$1.url" && [ -s "$scratch/$1.url" ]; then
            return
        fi
        kill -0 "$(cat "$scratch/$1.pid")" 2>/dev/null || fail "$(cat "$scratch/$1.err")"
        sleep 0.1
    done
    fail "$1 does not start"
}

# restart NAME: asks a server to stop, waits until it has, starts it again where it was.
restart() {
    local pid url
    pid=$(cat "$scratch/$1.pid")
    url=$(cat "$scratch/$1.url")
    kill -TERM "$pid"
    wait "$pid" || fail "$1 did not end well: $(tail -n 3 "$scratch/$1.err")"
    start "$1" "${url#http://}"
    echo "$1 is restarted"
}

post() { curl --silent --show-error --fail --max-time 30 --header 'content-type: application/json' "$@"; }
text() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }

# client NUMBER TOKEN EVENT: books until told to stop; a line in $scratch/NUMBER.booked for each, failures in .failed.
client() {
    local place=$1 status outcome tries
    touch "$scratch/$1.booked" "$scratch/$1.failed"
    while [ ! -e "$scratch/stop" ]; do
        for tries in 1 2; do
            place=$((1 - place % 2))
            outcome=0
            status=$(curl --silent --max-time 30 --output /dev/null --write-out '%{http_code}' \
                --header "authorization: Bearer $2" --header 'content-type: application/json' \
                --data '{"quantity": 1}' "${urls[$place]}/api/events/$3/book") || outcome=$?
            # 7: nobody listens there, so nothing was sent. The other server is asked.
            [ "$outcome" = 7 ] && [ "$tries" = 1 ] || break
        done
        if [ "$status" = 201 ]; then
            echo >>"$scratch/$1.booked"
        else
            echo "curl $outcome, status $status" >>"$scratch/$1.failed"
        fi
    done
}

# Waits until every client has booked its share once more.
each_books() {
    local number before
    for number in $(seq "$clients"); do
        before=$(wc -l <"$scratch/$number.booked")
        until [ "$(wc -l <"$scratch/$number.booked")" -ge $((before + share)) ]; do
            [ ! -s "$scratch/$number.failed" ] || fail "a request failed: $(head -n 1 "$scratch/$number.failed")"
            sleep 0.1
        done
    done
}

start first 127.0.0.1:0
start second 127.0.0.1:0
urls=("$(cat "$scratch/first.url")" "$(cat "$scratch/second.url")")
admin=$(post "${urls[0]}/api/auth/login" \
    --data "{\"email\": \"$EVENTLY_ADMIN_EMAIL\", \"password\": \"$EVENTLY_ADMIN_PASSWORD\"}" | text access_token)
event=$(post "${urls[1]}/api/admin/events" --header "authorization: Bearer $admin" \
    --data '{"name": "Ferry", "venue": "Pier 4", "capacity": 1000000,
        "starts_at": "2100-01-01T10:00:00Z", "ends_at": "2100-01-01T12:00:00Z"}' | text id)
for number in $(seq "$clients"); do
    touch "$scratch/$number.booked" "$scratch/$number.failed"
    account="{\"email\": \"user-$number-$$@example.com\", \"password\": \"correct horse battery\"}"
    token=$(post "${urls[0]}/api/auth/signup" --data "$account" | text access_token)
    client "$number" "$token" "$event" &
    pids+=($!)
done

each_books
restart first
each_books
restart second
each_books
touch "$scratch/stop"
# The clients are those that were started after the two servers.
wait "${pids[@]:2:$clients}"

failed=$(cat "$scratch"/*.failed | wc -l)
[ "$failed" = 0 ] || fail "$failed requests failed: $(cat "$scratch"/*.failed | sort | uniq -c)"
booked=$(cat "$scratch"/*.booked | wc -l)
sold=$(curl --silent --fail "${urls[0]}/api/events/$event/availability" | grep -o '"sold":[0-9]*' | head -n 1)
[ "$sold" = "\"sold\":$booked" ] || fail "$booked were acknowledged, but $sold"
echo "$booked bookings, 0 failed"
