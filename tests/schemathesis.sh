#!/usr/bin/env bash
# Holds a server binary against openapi.json: requests made from the document, good and bad ones, and every answer
# checked against what the document says (statuses, headers, content types, schemas).
#
#   tests/schemathesis.sh target/debug/evently-axum [SECONDS]
#
# Installs schemathesis (from PyPI) into target/schemathesis when it is missing. Fails when it cannot run.
set -euo pipefail
binary=$(realpath "${1:?usage: tests/schemathesis.sh BINARY [SECONDS]}")
cd "$(dirname "$0")/.."
seconds=${2:-45}
version=4.32.5

tools=$PWD/target/schemathesis
config=$PWD/tests/schemathesis.toml
if [ "$("$tools/bin/schemathesis" --version 2>/dev/null)" != "schemathesis, version $version" ]; then
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version"
fi

folder=$(mktemp -d)
server=""
cleanup() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$folder"
}
trap cleanup EXIT

email=admin@example.org
password="correct horse battery"
env -u DATABASE_URL -u PORT EVENTLY_ADMIN_EMAIL=$email EVENTLY_ADMIN_PASSWORD="$password" \
    "$binary" serve --store memory: --listen 127.0.0.1:0 --rate-limit off >"$folder/out" 2>"$folder/log" &
server=$!
# The server says where it listens; it is given ten seconds for that.
url=$(grep -m 1 -o 'http://127.0.0.1:[0-9]*' < <(timeout 10 tail --pid=$server -n +1 -F "$folder/out" 2>/dev/null)) || {
    echo "schemathesis.sh: $binary does not serve" >&2
    cat "$folder/log" >&2
    exit 1
}
token=$(curl -sS --fail "$url/api/auth/login" -H 'content-type: application/json' \
    -d "{\"email\":\"$email\",\"password\":\"$password\"}" | jq -er .access_token)

# It writes what it remembers of a run where it is started.
(cd "$folder" && "$tools/bin/schemathesis" --config-file "$config" run "$url/openapi.json" \
    --header "Authorization: Bearer $token" --max-time "$seconds")

# Whatever it was sent, the server never had a bug to tell of.
if grep -E '"level":"ERROR"|panicked' "$folder/log"; then
    echo "schemathesis.sh: $binary logged errors" >&2
    exit 1
fi
