//! What the engine says of itself, written as Prometheus has it.

use evently_core::LaneFigures;
use evently_core::queue::{PartitionView, QueueView};
use evently_core::store::ConnectionFigures;
use prometheus::proto::{Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType};

/// The engine's figures.
pub(crate) fn families_of(figures: &LaneFigures) -> Vec<MetricFamily> {
    let bookings = &figures.bookings;
    let states = [
        ("confirmed", bookings.confirmed),
        ("held", bookings.held),
        ("cancelled", bookings.cancelled),
        ("expired", bookings.expired),
        ("promoted", bookings.promoted),
    ];
    vec![
        family(
            "evently_bookings_total",
            "Bookings that came to be so by this process; promoted ones came from the waitlist, and are confirmed or \
             held besides.",
            MetricType::COUNTER,
            states
                .map(|(state, count)| labelled(counter(count), "outcome", state))
                .into(),
        ),
        total(
            "evently_hold_expiries_total",
            "Holds and offers whose time was over.",
            bookings.expired,
        ),
        total(
            "evently_lane_commands_total",
            "Commands that lanes have decided.",
            figures.commands,
        ),
        gauge(
            "evently_lane_waiting_commands",
            "Commands that wait for their lane now.",
            figures.waiting as f64,
        ),
        batch_sizes(figures),
        total(
            "evently_store_loads_total",
            "Loads of inventories from the store.",
            figures.loads,
        ),
        total(
            "evently_store_commits_total",
            "Commits to the store.",
            figures.commits,
        ),
        total(
            "evently_store_conflicts_total",
            "Events that another process changed first, decided again.",
            figures.conflicts,
        ),
        total(
            "evently_store_retries_total",
            "Calls of the store repeated after it failed.",
            figures.retries,
        ),
    ]
}

/// The store's connections, by what they are at.
pub(crate) fn families_of_connections(figures: &ConnectionFigures) -> Vec<MetricFamily> {
    let states = [("in_use", figures.in_use), ("idle", figures.idle)];
    vec![
        family(
            "evently_store_connections",
            "Connections to the store that are open now.",
            MetricType::GAUGE,
            states
                .map(|(state, count)| labelled(level(count as f64), "state", state))
                .into(),
        ),
        gauge(
            "evently_store_connections_max",
            "The most connections to the store that may be in use at once.",
            figures.most as f64,
        ),
    ]
}

/// How full the queue of queued intake is.
pub(crate) fn families_of_queue(view: &QueueView) -> Vec<MetricFamily> {
    let each = |figure: fn(&PartitionView) -> u64| {
        let partitions = view.partitions.iter().enumerate();
        let shown = partitions.map(|(number, partition)| {
            labelled(level(figure(partition) as f64), "partition", &number.to_string())
        });
        shown.collect()
    };
    vec![
        family(
            "evently_queue_depth",
            "Requests that are accepted and not decided.",
            MetricType::GAUGE,
            each(|partition| partition.depth),
        ),
        family(
            "evently_queue_in_flight",
            "Those of them that a worker has taken.",
            MetricType::GAUGE,
            each(|partition| partition.in_flight),
        ),
        gauge(
            "evently_queue_dead_letters",
            "Requests that could not be decided.",
            view.dead as f64,
        ),
    ]
}

/// A figure that goes up and down.
pub(crate) fn gauge(name: &str, help: &str, value: f64) -> MetricFamily {
    family(name, help, MetricType::GAUGE, vec![level(value)])
}

/// Words about the process, as labels of a figure that is always one.
pub(crate) fn words(name: &str, help: &str, labels: &[(&str, &str)]) -> MetricFamily {
    let mut metric = level(1.0);
    metric.set_label(labels.iter().map(|(name, value)| label(name, value)).collect());
    family(name, help, MetricType::GAUGE, vec![metric])
}

fn batch_sizes(figures: &LaneFigures) -> MetricFamily {
    let mut histogram = Histogram::default();
    histogram.set_sample_count(figures.batches);
    histogram.set_sample_sum(figures.commands as f64);
    let mut upper_bound = 1.0;
    let mut cumulative = 0;
    let mut buckets = Vec::new();
    // The last are all larger ones, which have no bound.
    for count in figures.batch_sizes.iter().take(figures.batch_sizes.len() - 1) {
        cumulative += count;
        let mut bucket = Bucket::default();
        bucket.set_upper_bound(upper_bound);
        bucket.set_cumulative_count(cumulative);
        buckets.push(bucket);
        upper_bound *= 2.0;
    }
    histogram.set_bucket(buckets);
    let mut metric = Metric::default();
    metric.set_histogram(histogram);
    family(
        "evently_lane_batch_size",
        "Commands that a lane decided together.",
        MetricType::HISTOGRAM,
        vec![metric],
    )
}

fn total(name: &str, help: &str, count: u64) -> MetricFamily {
    family(name, help, MetricType::COUNTER, vec![counter(count)])
}

fn level(value: f64) -> Metric {
    let mut gauge = Gauge::default();
    gauge.set_value(value);
    Metric::from_gauge(gauge)
}

fn counter(count: u64) -> Metric {
    let mut counter = Counter::default();
    counter.set_value(count as f64);
    let mut metric = Metric::default();
    metric.set_counter(counter);
    metric
}

fn labelled(mut metric: Metric, name: &str, value: &str) -> Metric {
    metric.set_label(vec![label(name, value)]);
    metric
}

fn label(name: &str, value: &str) -> LabelPair {
    let mut label = LabelPair::default();
    label.set_name(name.to_owned());
    label.set_value(value.to_owned());
    label
}

fn family(name: &str, help: &str, kind: MetricType, metrics: Vec<Metric>) -> MetricFamily {
    let mut family = MetricFamily::default();
    family.set_name(name.to_owned());
    family.set_help(help.to_owned());
    family.set_field_type(kind);
    family.set_metric(metrics);
    family
}
