//! Ports to come.
