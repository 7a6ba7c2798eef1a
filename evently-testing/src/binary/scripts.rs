//! The scripts among the examples, run on the binary.

use super::process::{Binary, Server, output};
use evently_http::routes::ROUTES;
use std::path::Path;
use std::process::Stdio;
use tokio::process::Command;

/// The admin of the server that the tour is made on.
const ADMIN: [(&str, &str); 2] = [
    ("EVENTLY_ADMIN_EMAIL", "admin@example.com"),
    ("EVENTLY_ADMIN_PASSWORD", "correct horse battery"),
];

/// A script; it gets no settings from the environment but those that a test gives it.
fn script(name: &str) -> Command {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut command = Command::new("bash");
    command
        .arg(examples.join(name))
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Runs a script to its good end: what it printed.
async fn run(script: Command) -> String {
    let output = output(script).await;
    let printed = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}\n{errors}");
    printed
}

pub async fn the_tour_visits_every_route(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--store", "memory:", "--listen", "127.0.0.1:0", "--log", "json"];
    let mut command = binary.command(folder.path(), &arguments);
    command.envs(ADMIN);
    let server = Server::spawn(command).await;
    let mut tour = script("tour.sh");
    tour.arg(format!("http://{}", server.authority())).envs(ADMIN);
    let printed = run(tour).await;
    for route in ROUTES {
        let (before, rest) = route.path.split_once('{').unwrap_or((route.path, ""));
        let after = rest.split_once('}').map_or("", |(_, after)| after);
        let is_visited = printed.lines().any(|line| {
            let mut words = line.split_whitespace();
            let (method, target) = (words.next(), words.next().unwrap_or_default());
            let path = target.split('?').next().unwrap_or_default();
            let id = path
                .strip_prefix(before)
                .and_then(|rest| rest.strip_suffix(after));
            let has_id = route.path.contains('{');
            method == Some(route.method.as_str())
                && id.is_some_and(|id| !id.contains('/') && id.is_empty() != has_id)
        });
        assert!(is_visited, "{} {} is not on the tour", route.method, route.path);
    }
}

pub async fn a_rolling_restart_fails_no_request(binary: &Binary) {
    let mut restart = script("rolling_restart.sh");
    restart
        .env("EVENTLY_BIN", binary.path())
        .env("EVENTLY_SHARE", "10");
    let printed = run(restart).await;
    assert!(printed.contains("bookings, 0 failed"), "{printed}");
}
