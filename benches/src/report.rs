//! The table, the JSON file and the plot.

use crate::args::SellOut;
use crate::measure::Sample;
use crate::sell_out::{Failure, Kind, Round};
use serde_json::json;
use std::fmt::Write as _;

/// One design over all steady rounds: medians.
struct Row {
    kind: Kind,
    sample: Sample,
    /// Its rate over the naive design's, where there is one.
    times_naive: Option<f64>,
    of_limit: Option<f64>,
    /// The highest rate over the lowest.
    spread: f64,
}

pub(crate) fn write(args: &SellOut, rounds: &[Round]) -> Result<(), Failure> {
    let rows = rows(rounds);
    let title = title(args, rounds.len());
    println!("\n{title}\n\n{}", table(&rows));
    let name = name(args);
    std::fs::create_dir_all(&args.out)?;
    let json_path = args.out.join(format!("{name}.json"));
    std::fs::write(&json_path, serde_json::to_string_pretty(&as_json(&title, &rows))?)?;
    let svg_path = args.out.join(format!("{name}.svg"));
    std::fs::write(&svg_path, svg(&title, &rows))?;
    println!("written: {}, {}", json_path.display(), svg_path.display());
    Ok(())
}

fn title(args: &SellOut, rounds: usize) -> String {
    let mut title = format!("{} store", args.store.as_str());
    if let Some(framework) = args.http {
        let _ = write!(title, " over HTTP ({})", framework.as_str());
    }
    if args.engines > 1 {
        let _ = write!(title, ", {} engines", args.engines);
    }
    if args.seats {
        title.push_str(", two adjacent seats");
    }
    if let Some(ms) = args.fsync_ms {
        let _ = write!(title, ", {ms} ms added to each flush");
    }
    let events = if args.events == 1 { "event" } else { "events" };
    let _ = write!(
        title,
        ", {} callers, {} {events}, {rounds} rounds of {} s",
        args.callers, args.events, args.seconds
    );
    title
}

/// The files' name: what was compared, and with how many callers and events.
fn name(args: &SellOut) -> String {
    let mut name = format!("sell-out-{}", args.store.as_str());
    if let Some(framework) = args.http {
        let _ = write!(name, "-{}", framework.as_str());
    }
    if args.engines > 1 {
        let _ = write!(name, "-{}engines", args.engines);
    }
    if args.seats {
        name.push_str("-seats");
    }
    if let Some(ms) = args.fsync_ms {
        let _ = write!(name, "-fsync-{ms}ms");
    }
    let _ = write!(name, "-{}x{}", args.callers, args.events);
    name
}

fn rows(rounds: &[Round]) -> Vec<Row> {
    let kinds: Vec<Kind> = rounds
        .first()
        .map(|round| round.iter().map(|(kind, _)| *kind).collect())
        .unwrap_or_default();
    kinds
        .iter()
        .enumerate()
        .map(|(place, kind)| {
            let of = |pick: fn(&Sample) -> f64| {
                rounds
                    .iter()
                    .map(|round| pick(&round[place].1))
                    .collect::<Vec<_>>()
            };
            let against = |other: Kind| {
                let ratios = rounds.iter().filter_map(|round| {
                    let base = round.iter().find(|(kind, _)| *kind == other)?.1.per_second;
                    Some(round[place].1.per_second / base)
                });
                let ratios: Vec<f64> = ratios.collect();
                (!ratios.is_empty()).then(|| median(ratios))
            };
            let rates = of(|sample| sample.per_second);
            let highest = rates.iter().copied().fold(0.0, f64::max);
            let lowest = rates.iter().copied().fold(f64::INFINITY, f64::min);
            Row {
                kind: *kind,
                times_naive: against(Kind::Naive),
                of_limit: against(Kind::Limit),
                spread: highest / lowest,
                sample: Sample {
                    bookings: 0,
                    per_second: median(rates),
                    p50_ms: median(of(|sample| sample.p50_ms)),
                    p99_ms: median(of(|sample| sample.p99_ms)),
                    cpu_ms_per_1000: median(of(|sample| sample.cpu_ms_per_1000)),
                    mean_batch: rounds[0][place]
                        .1
                        .mean_batch
                        .map(|_| median(of(|sample| sample.mean_batch.unwrap_or_default()))),
                },
            }
        })
        .collect()
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| design | bookings/s | × naive | of limit | p50 ms | p99 ms | CPU ms per 1,000 | mean batch | spread |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let batch = row
            .sample
            .mean_batch
            .map_or("–".to_owned(), |batch| format!("{batch:.0}"));
        let _ = writeln!(
            text,
            "| {} | {:.0} | {} | {} | {:.2} | {:.2} | {:.1} | {batch} | {:.2} |",
            row.kind.as_str(),
            row.sample.per_second,
            ratio(row.times_naive),
            ratio(row.of_limit),
            row.sample.p50_ms,
            row.sample.p99_ms,
            row.sample.cpu_ms_per_1000,
            row.spread,
        );
    }
    text
}

fn ratio(ratio: Option<f64>) -> String {
    ratio.map_or("–".to_owned(), |ratio| format!("{ratio:.2}"))
}

fn as_json(title: &str, rows: &[Row]) -> serde_json::Value {
    let designs: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({
                "design": row.kind.as_str(),
                "per_second": row.sample.per_second,
                "times_naive": row.times_naive,
                "of_limit": row.of_limit,
                "p50_ms": row.sample.p50_ms,
                "p99_ms": row.sample.p99_ms,
                "cpu_ms_per_1000": row.sample.cpu_ms_per_1000,
                "mean_batch": row.sample.mean_batch,
                "spread": row.spread,
            })
        })
        .collect();
    json!({ "title": title, "designs": designs })
}

/// Horizontal bars, one a design.
fn svg(title: &str, rows: &[Row]) -> String {
    const BAR: usize = 34;
    let most = rows.iter().map(|row| row.sample.per_second).fold(1.0, f64::max);
    let height = 60 + rows.len() * BAR;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 {height}\" font-family=\"sans-serif\" \
         font-size=\"14\">\n<rect width=\"760\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"16\" y=\"26\" font-weight=\"bold\">Bookings a second: {title}</text>\n"
    );
    for (place, row) in rows.iter().enumerate() {
        let y = 46 + place * BAR;
        let width = (row.sample.per_second / most * 430.0).max(1.0);
        let colour = if row.kind == Kind::Evently {
            "#0b6e4f"
        } else {
            "#9aa5b1"
        };
        let _ = writeln!(
            svg,
            "<text x=\"16\" y=\"{}\">{}</text><rect x=\"120\" y=\"{y}\" width=\"{width:.0}\" height=\"22\" \
             fill=\"{colour}\"/><text x=\"{:.0}\" y=\"{}\">{:.0}{}</text>",
            y + 16,
            row.kind.as_str(),
            128.0 + width,
            y + 16,
            row.sample.per_second,
            row.times_naive
                .map_or(String::new(), |ratio| format!(" ({ratio:.1} × naive)")),
        );
    }
    svg.push_str("</svg>\n");
    svg
}
