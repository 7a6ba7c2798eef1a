//! The server binary: axum's routes under the server that all adapters share.

use evently_http::Api;
use evently_server::{Adapter, HttpService};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

struct Axum;

impl Adapter for Axum {
    const NAME: &'static str = env!("CARGO_BIN_NAME");

    fn service(&self, api: Api) -> impl HttpService {
        evently_axum::router(api)
    }
}

fn main() -> ExitCode {
    evently_server::run(&Axum)
}
