//! warp.
