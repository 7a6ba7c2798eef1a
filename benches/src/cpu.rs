//! Processor time, from the kernel's own account (proc(5)); zero where there is none.

use std::time::Duration;

/// A tick of that account: a hundredth of a second.
const TICK: Duration = Duration::from_millis(10);

/// What this process and these servers with their child processes have used so far.
pub(crate) fn used(servers: &[u32]) -> Duration {
    let own = fields("self").map_or(0, |fields| own_ticks(&fields));
    let theirs: u64 = servers.iter().map(|server| with_children(*server)).sum();
    TICK * u32::try_from(own + theirs).unwrap_or(u32::MAX)
}

/// The process that started this one.
pub(crate) fn parent(process: u32) -> Option<u32> {
    u32::try_from(number(&fields(&process.to_string())?, 1)).ok()
}

/// A process', its living children's, and those of its children that have ended.
fn with_children(server: u32) -> u64 {
    let Some(fields) = fields(&server.to_string()) else {
        return 0;
    };
    let ended = number(&fields, 13) + number(&fields, 14);
    own_ticks(&fields) + ended + children(server).map(|child| own_ticks(&child)).sum::<u64>()
}

fn children(parent: u32) -> impl Iterator<Item = Vec<String>> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let found = processes.filter_map(|process| fields(process.file_name().to_str()?));
    found.filter(move |fields| number(fields, 1) == u64::from(parent))
}

fn own_ticks(fields: &[String]) -> u64 {
    number(fields, 11) + number(fields, 12)
}

/// The fields after the process' name, which may have spaces in it: the state is the first.
fn fields(process: &str) -> Option<Vec<String>> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    Some(after_name.split_whitespace().map(str::to_owned).collect())
}

fn number(fields: &[String], place: usize) -> u64 {
    fields
        .get(place)
        .and_then(|field| field.parse().ok())
        .unwrap_or(0)
}
