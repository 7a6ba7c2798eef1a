#!/usr/bin/env bash
# Everything that must hold, in one command: formatting, lints, all tests, doctests, examples.
# Installs what is missing on Debian/Ubuntu (apt) and macOS (brew). Needs Rust (https://rustup.rs).
set -euo pipefail
cd "$(dirname "$0")"

say() { printf '\n== %s\n' "$*"; }

install() { # command, apt package, brew formula
    command -v "$1" >/dev/null 2>&1 && return
    say "installing $2"
    if command -v apt-get >/dev/null 2>&1; then
        local root=""
        [ "$(id -u)" -eq 0 ] || root=sudo
        $root apt-get update -qq
        $root apt-get install -y -qq "$2"
    elif command -v brew >/dev/null 2>&1; then
        brew install "$3"
    else
        echo "test.sh: please install $1" >&2
        exit 1
    fi
}

command -v cargo >/dev/null 2>&1 || { echo "test.sh: please install Rust: https://rustup.rs" >&2; exit 1; }
install cc build-essential gcc
install cmake cmake cmake
install curl curl curl

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

say "examples"
for example in examples/*.rs; do
    name=$(basename "$example" .rs)
    [ "$name" = lib ] && continue
    echo "-- $name"
    cargo run --quiet --locked -p evently-examples --example "$name"
done

say "all of it passed"
