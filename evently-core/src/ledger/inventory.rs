//! Stub.
/// i
#[derive(Debug)]
pub struct Inventory {}
/// c
#[derive(Debug)]
pub struct Context {}
/// d
#[derive(Debug)]
pub struct Decision {}
