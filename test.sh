#!/usr/bin/env bash
# Everything that must hold, in one command: formatting, lints, all tests, doctests, examples.
# Installs what is missing on Debian/Ubuntu (apt) and macOS (brew). Needs Rust (https://rustup.rs).
set -euo pipefail
cd "$(dirname "$0")"

say() { printf '\n== %s\n' "$*"; }

# Installs a package unless it is there: what proves that it is, its names for apt and for brew.
install() {
    local proof=$1 apt=$2 brew=$3
    eval "$proof" >/dev/null 2>&1 && return
    say "installing $apt"
    if command -v apt-get >/dev/null 2>&1; then
        local root=""
        [ "$(id -u)" -eq 0 ] || root=sudo
        $root apt-get update -qq
        # The tests start databases of their own: none is wanted as a service.
        if [ "$apt" = postgresql ] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
            $root mkdir -p /etc/postgresql-common
            echo 'create_main_cluster = false' | $root tee /etc/postgresql-common/createcluster.conf >/dev/null
        fi
        DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq "$apt" >/dev/null
    elif command -v brew >/dev/null 2>&1; then
        brew install "$brew"
    else
        echo "test.sh: please install $apt" >&2
        exit 1
    fi
}

command -v cargo >/dev/null 2>&1 || { echo "test.sh: please install Rust: https://rustup.rs" >&2; exit 1; }
install 'command -v cc && command -v make' build-essential gcc
install 'command -v cmake' cmake cmake
install 'command -v curl' curl curl
install 'command -v jq' jq jq
[ -n "${EVENTLY_TEST_POSTGRES:-}" ] ||
    install 'command -v postgres || ls /usr/lib/postgresql/*/bin/postgres' postgresql postgresql@15
[ -n "${EVENTLY_TEST_REDIS:-}" ] || install 'command -v redis-server || command -v valkey-server' redis-server redis
install 'python3 -c "import venv, ensurepip"' python3-venv python3

say "formatting"
cargo fmt --all --check

say "lints"
cargo clippy --workspace --all-features --locked -- -D warnings
# Tests and benchmarks may end where their own set-up fails.
cargo clippy --workspace --all-targets --all-features --locked -- -D warnings -A clippy::expect-used -A clippy::unwrap-used -A unfulfilled-lint-expectations
if cargo deny --version >/dev/null 2>&1; then
    cargo deny --offline check bans licenses sources
fi

say "tests"
if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --workspace --all-features --locked --no-fail-fast
else
    cargo test --workspace --all-features --locked --no-fail-fast --lib --bins --tests --examples
fi

say "doctests"
cargo test --workspace --all-features --locked --doc

say "the servers against openapi.json"
cargo build --locked --workspace --all-features --bins
for binary in evently-axum evently-warp; do
    tests/schemathesis.sh "target/debug/$binary"
done

say "examples"
for example in examples/*.rs; do
    name=$(basename "$example" .rs)
    [ "$name" = lib ] && continue
    echo "-- $name"
    cargo run --quiet --locked -p evently-examples --example "$name"
done

say "all of it passed"
