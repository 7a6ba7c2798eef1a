//! Embedding Evently. Each example is one file beside this one: `cargo run -p evently-examples --example NAME`.
