//! The in-memory backend: the executable specification of the store contract.
/// Stub.
#[derive(Debug, Default)]
pub struct MemoryStore {}
