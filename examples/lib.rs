//! Embedding Evently. Each example is one file beside this one: `cargo run --example NAME`.
