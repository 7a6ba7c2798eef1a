//! The server binary: warp's filters under the server that all adapters share.

use evently_http::Api;
use evently_server::{Adapter, HttpService};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

struct Warp;

impl Adapter for Warp {
    const NAME: &'static str = env!("CARGO_BIN_NAME");

    fn service(&self, api: Api) -> impl HttpService {
        warp::service(evently_warp::routes(api))
    }
}

fn main() -> ExitCode {
    evently_server::run(&Warp)
}
