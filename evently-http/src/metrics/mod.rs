//! What an operator watches: counts and times of requests, counted here, and what the engine says of itself.
//!
//! Nothing is global: an API has its own, and two of them in one process do not mix. How it is written for Prometheus is
//! in `engine.rs` (figures that are read when they are asked for) and in the library.

mod engine;

use crate::code::Code;
use crate::routes::{ROUTES, place_of};
use http::{Method, StatusCode};
use prometheus::core::Collector;
use prometheus::proto::MetricFamily;
use prometheus::{Histogram, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts};
use std::time::Duration;

pub(crate) use engine::{families_of, families_of_connections, families_of_queue, gauge, words};

/// Upper bounds of the times that requests are sorted by, in seconds.
const BOUNDS: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// What stands for the route of a request that none takes.
const NO_ROUTE: &str = "none";

/// The counts and times of an API's requests. Counting takes a fraction of a microsecond.
#[derive(Debug)]
pub struct Metrics {
    requests: IntCounterVec,
    durations: HistogramVec,
    /// The durations of each route, in the order of [`ROUTES`]: found without looking its labels up.
    of_route: Vec<Histogram>,
    of_none: Histogram,
    problems: IntCounterVec,
    in_flight: IntGauge,
    connections: IntGauge,
}

/// A request that is being answered, until it is dropped.
#[derive(Debug)]
pub struct InFlight(IntGauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    /// Counts of nothing so far.
    #[expect(
        clippy::expect_used,
        reason = "the names below are constants: whether they are good ones, any test tells"
    )]
    pub(crate) fn new() -> Self {
        Self::named().expect("good names of metrics")
    }

    fn named() -> prometheus::Result<Self> {
        let opts = |name: &str, help: &str| Opts::new(name, help).namespace("evently");
        let bounded = |name: &str, help: &str| HistogramOpts::from(opts(name, help)).buckets(BOUNDS.to_vec());
        let durations = HistogramVec::new(
            bounded(
                "http_request_duration_seconds",
                "Time from a request's head to its answer's.",
            ),
            &["method", "route"],
        )?;
        let of_route = ROUTES
            .iter()
            .map(|route| durations.get_metric_with_label_values(&[route.method.as_str(), route.path]));
        Ok(Self {
            of_route: of_route.collect::<Result<_, _>>()?,
            of_none: durations.get_metric_with_label_values(&[NO_ROUTE, NO_ROUTE])?,
            durations,
            requests: IntCounterVec::new(
                opts(
                    "http_requests_total",
                    "Requests by method, route and status of the answer.",
                ),
                &["method", "route", "status"],
            )?,
            problems: IntCounterVec::new(
                opts(
                    "http_problems_total",
                    "Answers that are no success, by code: sold_out, limit_exceeded, rate_limited and the like.",
                ),
                &["code"],
            )?,
            in_flight: IntGauge::with_opts(opts(
                "http_requests_in_flight",
                "Requests that are being answered now.",
            ))?,
            connections: IntGauge::with_opts(opts("http_connections", "Connections that are open now."))?,
        })
    }

    /// A request is being answered from now on.
    #[must_use]
    pub fn begin(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// A connection is open from now on.
    #[must_use]
    pub fn connect(&self) -> InFlight {
        self.connections.inc();
        InFlight(self.connections.clone())
    }

    /// Counts an answered request, and says which route took it (`none`: none did). What is counted by is bounded,
    /// whatever methods and paths are asked for.
    pub fn answered(&self, method: &Method, path: &str, status: StatusCode, took: Duration) -> &'static str {
        let place = place_of(method, path);
        let (method, route, durations) =
            match place.and_then(|place| Some((ROUTES.get(place)?, self.of_route.get(place)?))) {
                Some((route, durations)) => (route.method.as_str(), route.path, durations),
                None => (NO_ROUTE, NO_ROUTE, &self.of_none),
            };
        durations.observe(took.as_secs_f64());
        self.requests
            .with_label_values(&[method, route, status.as_str()])
            .inc();
        route
    }

    /// Counts an answer that is no success.
    pub(crate) fn problem(&self, code: Code) {
        self.problems.with_label_values(&[code.as_str()]).inc();
    }

    /// Everything counted so far.
    pub(crate) fn families(&self) -> Vec<MetricFamily> {
        let of: [&dyn Collector; 5] = [
            &self.requests,
            &self.durations,
            &self.problems,
            &self.in_flight,
            &self.connections,
        ];
        of.iter().flat_map(|metric| metric.collect()).collect()
    }
}
