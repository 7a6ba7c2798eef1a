//! Stub.
/// s
#[derive(Debug)]
pub struct SeatMap {}
/// w
#[derive(Debug)]
pub struct SeatsWanted {}
