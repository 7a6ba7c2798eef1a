//! The one server that all test processes of a build share.
//!
//! Whoever comes first starts it, detached, beside a shell that stops it when nobody has touched its heartbeat file
//! for a minute. The file `postgres.current` in the build folder names the server; it is read and written under a
//! lock. The shell removes it *before* it looks at the heartbeat for the last time, and users touch the heartbeat
//! *before* they look whether the file still is there: so no server is stopped under a test that has just found it.

use super::programs::Programs;
use super::server::{self, Settings};
use std::fs::File;
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

/// The URL of the shared server, which is kept alive as long as this process lives.
pub(super) fn url(programs: &Programs) -> String {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| {
        let found = find_or_start(programs, &build_folder());
        let heartbeat = found.heartbeat.clone();
        std::thread::spawn(move || {
            while touch(&heartbeat).is_ok() {
                std::thread::sleep(HEARTBEAT);
            }
        });
        found.url
    })
    .clone()
}

const HEARTBEAT: Duration = Duration::from_secs(10);

/// What `postgres.current` says, a line each.
struct Current {
    heartbeat: PathBuf,
    port: u16,
    url: String,
}

impl Current {
    fn read(file: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(file).ok()?;
        let (heartbeat, port) = text.trim_end().split_once('\n')?;
        let port = port.parse().ok()?;
        Some(Self {
            heartbeat: heartbeat.into(),
            port,
            url: server::url(port),
        })
    }

    fn answers(&self) -> bool {
        TcpStream::connect(("127.0.0.1", self.port)).is_ok()
    }
}

fn find_or_start(programs: &Programs, state: &Path) -> Current {
    let (file, lock) = (state.join("postgres.current"), state.join("postgres.lock"));
    let locked = std::fs::create_dir_all(state).and_then(|()| File::create(lock));
    let locked = locked.and_then(|lock| lock.lock().map(|()| lock));
    let _lock = locked.unwrap_or_else(|error| panic!("{}: {error}", state.display()));
    if let Some(current) = Current::read(&file)
        && touch(&current.heartbeat).is_ok()
        && file.exists()
        && current.answers()
    {
        return current;
    }
    let (folder, port) = (server::make_cluster(programs), crate::free_port());
    start(programs, &folder, port);
    let heartbeat = folder.join("heartbeat");
    let text = format!("{}\n{port}\n", heartbeat.display());
    let written = touch(&heartbeat).and_then(|()| std::fs::write(&file, text));
    written.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    watch(&folder, &file);
    Current {
        heartbeat,
        port,
        url: server::url(port),
    }
}

fn start(programs: &Programs, folder: &Path, port: u16) {
    // `-D` and the folder are pg_ctl's own.
    let options: Vec<String> = server::arguments(folder, port)
        .into_iter()
        .skip(2)
        .chain(Settings::fast().arguments())
        .collect();
    let log = folder.join("log");
    let started = programs
        .command("pg_ctl")
        .args(["start", "-w", "-t", "60", "-D"])
        .arg(folder.join("data"))
        .arg("-l")
        .arg(&log)
        .arg("-o")
        .arg(options.join(" "))
        .status();
    let said = || std::fs::read_to_string(&log).unwrap_or_default();
    assert!(
        started.is_ok_and(|status| status.success()),
        "PostgreSQL does not start: {}",
        said()
    );
}

/// Starts the shell that stops the server when its heartbeat is a minute old. It runs as we do: the file that names
/// the server is ours, and PostgreSQL may be stopped by root.
fn watch(folder: &Path, file: &Path) {
    let script = r#"
        beats() { [ -n "$(find "$1/heartbeat" -mmin -1)" ]; }
        server() { head -n 1 "$1/data/postmaster.pid"; }
        runs() { kill -0 "$(server "$1")"; }
        while beats "$1" && runs "$1"; do sleep 5; done
        grep -qF "$1/heartbeat" "$2" && rm -f "$2"
        while beats "$1" && runs "$1"; do sleep 5; done
        kill -QUIT "$(server "$1")"
        while runs "$1"; do sleep 1; done
        rm -rf "$1""#;
    let mut shell = Command::new("sh");
    shell.args(["-c", script, "sh"]).arg(folder).arg(file);
    shell.current_dir("/").process_group(0);
    shell
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Err(error) = shell.spawn() {
        panic!("no shell to watch PostgreSQL: {error}");
    }
}

/// Writes the heartbeat file. Fails once its folder is gone.
fn touch(file: &Path) -> std::io::Result<()> {
    std::fs::write(file, "alive\n")
}

/// The folder of this build, which Cargo marks; else the system's for temporary files.
fn build_folder() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let marked = program
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").is_file());
    marked
        .map_or_else(std::env::temp_dir, Path::to_owned)
        .join("evently-testing")
}
