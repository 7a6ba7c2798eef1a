//! PostgreSQL's programs on this machine, and the user that runs them: it refuses to run as root.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where the programs are and as whom they run.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    folder: PathBuf,
    /// User and group to become; `None` to stay who we are.
    owner: Option<(u32, u32)>,
}

impl Programs {
    /// The programs on `PATH`, or the newest in the folders that packages put them in.
    pub(super) fn find() -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
        for root in ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"] {
            let mut versions: Vec<PathBuf> = entries(Path::new(root)).collect();
            versions.sort_by_key(|folder| version_of(folder));
            folders.extend(versions.into_iter().rev().map(|folder| folder.join("bin")));
        }
        // What is on PATH may be a link to a program among whose neighbours the others are.
        let mut homes = folders.into_iter().filter_map(|folder| {
            let program = folder.join("postgres").canonicalize().ok()?;
            program.parent().map(Path::to_owned)
        });
        let complete = |folder: &PathBuf| NEEDED.iter().all(|program| folder.join(program).is_file());
        let folder = homes.find(complete)?;
        let owner = (id("-u", None)? == 0).then(owner_beside_root).flatten();
        Some(Self { folder, owner })
    }

    /// One of the programs, to be run as the right user, silent and without input.
    pub(super) fn command(&self, program: &str) -> Command {
        self.as_owner(Command::new(self.folder.join(program)))
    }

    /// A shell script, to be run as the right user.
    pub(super) fn shell(&self, script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh"]);
        self.as_owner(command)
    }

    /// Where a program is.
    pub(super) fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }

    /// Makes a new folder that the right user owns.
    pub(super) fn folder(&self) -> std::io::Result<PathBuf> {
        let folder = tempfile::Builder::new()
            .prefix("evently-postgres-")
            .tempdir()?
            .keep();
        if let Some((user, group)) = self.owner {
            std::os::unix::fs::chown(&folder, Some(user), Some(group))?;
        }
        Ok(folder)
    }

    fn as_owner(&self, mut command: Command) -> Command {
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        // A working directory that this user may enter.
        command.current_dir("/");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }
}

/// What tests run.
const NEEDED: [&str; 4] = ["initdb", "postgres", "pg_ctl", "pg_isready"];

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path()))
}

/// The number in a folder's name, such as 15 or `postgresql@17`.
fn version_of(folder: &Path) -> u32 {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let digits: String = name.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

fn owner_beside_root() -> Option<(u32, u32)> {
    ["postgres", "nobody"]
        .into_iter()
        .find_map(|user| Some((id("-u", Some(user))?, id("-g", Some(user))?)))
}

fn id(what: &str, user: Option<&str>) -> Option<u32> {
    let output = Command::new("id").arg(what).args(user).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
