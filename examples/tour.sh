#!/usr/bin/env bash
# Every route of the API, one after the other, as a client would come by them. Each answer must have the status that
# stands beside its request; the first that has not ends the tour.
#
#   EVENTLY_ADMIN_EMAIL=admin@example.com EVENTLY_ADMIN_PASSWORD='correct horse battery' cargo run &
#   EVENTLY_ADMIN_EMAIL=admin@example.com EVENTLY_ADMIN_PASSWORD='correct horse battery' examples/tour.sh
#
# Another server than http://127.0.0.1:8080 is the first argument. Needs curl.
set -euo pipefail

base=${1:-http://127.0.0.1:8080}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

token=
answer=

# ask STATUS METHOD PATH [BODY [HEADER…]]: asks, prints, keeps the answer in $answer.
ask() {
    local expected=$1 method=$2 path=$3 body=${4:-}
    shift $(($# < 4 ? 3 : 4))
    local options=(--silent --show-error --max-time 30 --request "$method")
    [ -z "$token" ] || options+=(--header "authorization: Bearer $token")
    [ -z "$body" ] || options+=(--header 'content-type: application/json' --data "$body")
    local header
    for header in "$@"; do options+=(--header "$header"); done
    local status
    status=$(curl "${options[@]}" --output "$scratch/answer" --dump-header "$scratch/head" \
        --write-out '%{http_code}' "$base$path")
    answer=$(tr -d '\0' <"$scratch/answer")
    printf '%-6s %s %s\n' "$method" "$path" "$status"
    if [ "$status" != "$expected" ]; then
        printf 'expected %s: %s\n' "$expected" "$answer" >&2
        exit 1
    fi
}

# The first text member of this name in the answer.
text() { printf '%s' "$answer" | grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }
# The first number.
number() { printf '%s' "$answer" | grep -o "\"$1\":[0-9]*" | head -n 1 | cut -d : -f 2; }

say() { printf '\n# %s\n' "$*"; }

say 'How is the service?'
ask 200 GET /health
ask 200 GET /health/live
ask 200 GET /health/ready
ask 200 GET /metrics

say 'What can it do? The document, and the page that shows it.'
ask 200 GET /openapi.json
ask 200 GET /docs
ask 200 GET "/docs/$(printf '%s' "$answer" | grep -o 'docs/[a-z.-]*\.js' | head -n 1 | cut -d / -f 2)"

say 'The admin signs in and makes an event with seats and a floor, another to be changed, and a draft.'
ask 200 POST /api/auth/login \
    "{\"email\": \"$EVENTLY_ADMIN_EMAIL\", \"password\": \"$EVENTLY_ADMIN_PASSWORD\"}"
admin=$(text access_token)
token=$admin
when='"starts_at": "2100-06-01T19:00:00Z", "ends_at": "2100-06-01T22:00:00Z"'
ask 201 POST /api/admin/events "{\"name\": \"Lighthouse\", \"venue\": \"Harbour hall\", $when,
    \"sections\": [
        {\"name\": \"Stalls\", \"rows\": [{\"label\": \"A\", \"seats\": 4}, {\"label\": \"B\", \"seats\": 4}]},
        {\"name\": \"Floor\", \"capacity\": 2}],
    \"ticket_types\": [
        {\"name\": \"Seat\", \"section\": \"Stalls\", \"price_minor\": 4500},
        {\"name\": \"Standing\", \"section\": \"Floor\", \"price_minor\": 2500}]}"
event=$(text id)
ask 201 POST /api/admin/events "{\"name\": \"Ferry\", \"venue\": \"Pier 4\", $when, \"capacity\": 1,
    \"policy\": {\"waitlist\": \"offer\"}}"
ferry=$(text id)
ask 200 GET "/api/events/$ferry"
version="if-match: \"$(number version)\""
ask 200 PATCH "/api/admin/events/$ferry" '{"name": "Night ferry"}' "$version"
ask 201 POST /api/admin/events "{\"name\": \"Dunes\", \"venue\": \"Beach\", $when, \"capacity\": 9, \"status\": \"draft\"}"
draft=$(text id)
ask 204 DELETE "/api/admin/events/$draft"
ask 201 POST /api/admin/events "{\"name\": \"Kites\", \"venue\": \"Beach\", $when, \"capacity\": 9, \"status\": \"draft\"}"
kites=$(text id)
ask 200 POST "/api/admin/events/$kites/publish"

say 'Ada signs up, looks around and books.'
token=
ask 201 POST /api/auth/signup "{\"email\": \"ada-$$@example.com\", \"password\": \"correct horse battery\"}"
token=$(text access_token)
ada=$token
ask 200 POST /api/auth/refresh "{\"refresh_token\": \"$(text refresh_token)\"}"
refresh=$(text refresh_token)
ask 200 GET /api/auth/me
ask 200 GET '/api/events?q=light&phase=on_sale&available=true&sort=name&limit=5'
ask 200 GET "/api/events/$event/availability"
ask 200 GET "/api/events/$event/seats"
ask 201 POST "/api/events/$event/book" '{"seats": ["A-2", "A-3"]}' 'idempotency-key: first'
booking=$(text id)
ask 201 POST "/api/events/$event/book" '{"seats": ["A-2", "A-3"]}' 'idempotency-key: first'
ask 409 POST "/api/events/$event/book" '{"seats": ["A-3"]}'
ask 201 POST "/api/events/$event/book" '{"best_available": {"quantity": 2}}'
ask 200 GET "/api/bookings?event_id=$event&limit=1"
ask 200 GET "/api/bookings/$booking"
ask 200 POST "/api/bookings/$booking/cancel"

say 'She holds a place, takes more time, and pays.'
ask 201 POST "/api/events/$ferry/holds" '{"quantity": 1}'
hold=$(text id)
ask 200 POST "/api/bookings/$hold/extend"
ask 200 POST "/api/bookings/$hold/confirm" '{"payment_reference": "pay-1"}'

say 'Bob and Eve wait for it.'
token=
ask 201 POST /api/auth/signup "{\"email\": \"bob-$$@example.com\", \"password\": \"correct horse battery\"}"
bob=$(text access_token)
ask 201 POST /api/auth/signup "{\"email\": \"eve-$$@example.com\", \"password\": \"correct horse battery\"}"
eve=$(text access_token)
token=$bob
ask 201 POST "/api/events/$ferry/waitlist" '{"quantity": 1}'
bobs=$(text id)
ask 200 GET /api/waitlist
token=$eve
ask 202 POST "/api/events/$ferry/book" '{"quantity": 1, "on_full": "waitlist"}'
eves=$(text id)
ask 200 GET "/api/waitlist/$eves"

say 'Ada cancels. Bob is offered the place and declines; Eve is next, and accepts.'
token=$ada
ask 200 POST "/api/bookings/$hold/cancel"
token=$bob
ask 200 POST "/api/waitlist/$bobs/decline"
token=$eve
ask 200 POST "/api/waitlist/$eves/accept"
token=$bob
ask 201 POST "/api/events/$ferry/waitlist" '{"quantity": 1}'
ask 204 DELETE "/api/waitlist/$(text id)"

say 'What the admin sees.'
token=$admin
ask 200 GET "/api/admin/events/$event/bookings?status=confirmed"
ask 200 GET "/api/admin/events/$event/bookings" '' 'accept: text/csv'
ask 200 GET "/api/admin/events/$ferry/waitlist"
ask 200 GET /api/admin/analytics/overview
ask 200 GET '/api/admin/analytics/popular?by=revenue&limit=3'
ask 200 GET "/api/admin/analytics/events/$event"
ask 200 GET "/api/admin/analytics/events/$event/sales?bucket=day"
ask 200 GET /api/admin/queue
ask 200 POST "/api/admin/events/$kites/cancel"

say 'What is left, as it changes. The stream has no end: one look is enough.'
printf 'GET    /api/events/%s/stream 200\n' "$event"
curl --silent --no-buffer --max-time 10 "$base/api/events/$event/stream" >"$scratch/stream" &
stream=$!
for _ in $(seq 100); do
    grep -q '^data:' "$scratch/stream" && break
    sleep 0.1
done
kill "$stream" 2>/dev/null || true
grep -m 1 '^data:' "$scratch/stream"

say 'Ada signs out.'
token=
ask 204 POST /api/auth/logout "{\"refresh_token\": \"$refresh\"}"
say 'That was everything.'
