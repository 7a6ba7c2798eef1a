//! Log entries: one line each, as JSON or for people, on standard error; and, where that is built in, traces.
//!
//! Which are written, `RUST_LOG` says. What must not be in them (tokens, passwords, addresses,
//! bodies) is never handed to them.

use crate::settings::{LogFormat, SettingError};
use std::io::{self, Write};
use std::panic::PanicHookInfo;
use tracing::Subscriber;
use tracing_subscriber::fmt::{self, time::SystemTime};
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, Layer};

#[cfg(feature = "otlp")]
#[path = "otlp.rs"]
mod traces;
#[cfg(not(feature = "otlp"))]
#[path = "untraced.rs"]
mod traces;

pub(crate) use traces::{Traces, join_caller, rename};

/// The target of the spans that are sent as traces; the log leaves them out unless it is asked for them.
pub(crate) const SPANS: &str = "evently::trace";

/// Starts the log for the whole process, with the entries that `filter` names (as `RUST_LOG` does). A log that was
/// started before stays. Traces are sent until what is returned is [ended](Traces::end).
///
/// Called outside of any runtime.
///
/// # Errors
/// `RUST_LOG`, or a setting of OpenTelemetry's, is not what it must be.
pub(crate) fn start(name: &'static str, format: LogFormat, filter: &str) -> Result<Traces, SettingError> {
    let filter = EnvFilter::try_new(filter).map_err(|_| SettingError {
        setting: "RUST_LOG".to_owned(),
        message: "must be a list of levels such as info,evently_http=debug".to_owned(),
    })?;
    let (traces, spans) = Traces::start(name)?;
    // An error says that there is a log already: it serves as well.
    let _ = match spans {
        Some(spans) => tracing_subscriber::registry()
            .with(spans)
            .with(log(format).with_filter(filter))
            .try_init(),
        // What the filter leaves out costs nothing then.
        None => tracing_subscriber::registry()
            .with(filter)
            .with(log(format))
            .try_init(),
    };
    std::panic::set_hook(Box::new(panicked));
    Ok(traces)
}

fn log<S>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let log = fmt::layer()
        .with_timer(SystemTime)
        .with_ansi(false)
        .with_writer(|| OneLine(io::stderr()));
    match format {
        LogFormat::Json => log.json().flatten_event(true).boxed(),
        LogFormat::Pretty => log.boxed(),
    }
}

/// A panic is an entry like any other, not several lines in between.
fn panicked(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let message = panic.payload_as_str().unwrap_or("no message");
    tracing::error!(place, message, "a panic: this is a bug");
}

/// Writes entries so that each stays one line, whatever text is in its fields. An entry comes in one piece.
struct OneLine<W>(W);

impl<W: Write> Write for OneLine<W> {
    fn write(&mut self, entry: &[u8]) -> io::Result<usize> {
        let text = entry.strip_suffix(b"\n").unwrap_or(entry);
        if text.iter().any(|byte| byte.is_ascii_control()) {
            let mut line = Vec::with_capacity(entry.len() + 16);
            for &byte in text {
                if byte.is_ascii_control() && byte != b'\t' {
                    line.extend(byte.escape_ascii());
                } else {
                    line.push(byte);
                }
            }
            line.push(b'\n');
            self.0.write_all(&line)?;
        } else {
            self.0.write_all(entry)?;
        }
        Ok(entry.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_stays_one_line() {
        let mut out = OneLine(Vec::new());
        out.write_all(b"INFO a=1\nINFO forged\r\x1b[2J\n").unwrap();
        out.write_all("INFO gr\u{fc}n\n".as_bytes()).unwrap();
        let expected = "INFO a=1\\nINFO forged\\r\\x1b[2J\nINFO gr\u{fc}n\n";
        assert_eq!(String::from_utf8(out.0).unwrap(), expected);
    }
}
