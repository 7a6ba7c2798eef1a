//! Progress on a terminal; elsewhere nothing, so that output can be kept.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Progress towards a known number of steps.
pub(crate) fn bar(what: &'static str, steps: u64) -> ProgressBar {
    styled(what, Some(steps), "{msg} {wide_bar} {pos}/{len} {per_sec}")
}

/// Progress towards an unknown number of steps.
pub(crate) fn spinner(what: &'static str) -> ProgressBar {
    styled(what, None, "{spinner} {msg} {pos} ({elapsed})")
}

/// On standard error, which is where a terminal is looked for.
fn styled(what: &'static str, steps: Option<u64>, template: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(steps, ProgressDrawTarget::stderr()).with_message(what);
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
