//! One `redis-server` process of a test's own. Dropping it ends it; should the test die first, it ends as well.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Starts a program in the background, prints its process id, and ends it when standard input ends: when whoever
/// started this closes it or dies.
const KEEPER: &str = r#""$@" >log 2>&1 </dev/null & echo $!; read -r _; kill -9 $! 2>/dev/null; wait"#;

/// A running server and the shell that keeps it.
#[derive(Debug)]
pub(super) struct Process {
    keeper: Child,
    pid: u32,
}

impl Process {
    /// Starts a program in a folder.
    ///
    /// # Panics
    /// When there is no shell.
    pub(super) fn start(program: &Path, arguments: &[String], folder: &Path) -> Self {
        let keeper = Command::new("sh")
            .args(["-c", KEEPER, "sh"])
            .arg(program)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut keeper =
            keeper.unwrap_or_else(|error| panic!("no shell to start {}: {error}", program.display()));
        let mut line = String::new();
        if let Some(output) = keeper.stdout.take() {
            // An unreadable line is no number either.
            let _ = BufReader::new(output).read_line(&mut line);
        }
        let pid = line.trim().parse();
        let pid = pid.unwrap_or_else(|_| panic!("{} did not start", program.display()));
        Self { keeper, pid }
    }

    /// Sends a signal, by its name.
    ///
    /// # Panics
    /// When it cannot be sent.
    pub(super) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.pid);
        let sent = Command::new("sh").args(["-c", &kill]).status();
        assert!(sent.is_ok_and(|status| status.success()), "{kill}: not sent");
    }

    /// Waits until the process has ended by itself.
    pub(super) fn wait(mut self) {
        // The shell waits for its child only once its input has ended; a child that has ended by then is not hurt.
        while self.runs() {
            std::thread::yield_now();
        }
        self.end();
    }

    /// Whether it has not ended yet; a zombie has.
    fn runs(&self) -> bool {
        let state = Command::new("ps")
            .args(["-o", "stat=", "-p", &self.pid.to_string()])
            .output();
        state.is_ok_and(|output| {
            let state = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            !state.is_empty() && !state.starts_with('Z')
        })
    }

    fn end(&mut self) {
        drop(self.keeper.stdin.take());
        // The keeper kills the server and ends; there is nothing to be done if it cannot.
        let _ = self.keeper.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// The first of these programs that is on the path.
pub(super) fn program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let in_folders = |name: &&str| {
        folders
            .iter()
            .map(|folder| folder.join(name))
            .find(|file| file.is_file())
    };
    names.iter().find_map(in_folders)
}

/// What a server wrote, for the message of a test that could not start one.
pub(super) fn log(folder: &Path) -> String {
    fs::read_to_string(folder.join("log")).unwrap_or_default()
}
