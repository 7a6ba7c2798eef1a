//! The files that hosts read, at the root of the repository: they are well-formed, and what they say can be done.

use crate::binary;
use evently_http::routes::ROUTES;
use evently_testing::binary::{SECRET, Server, output};
use serde_json::Value;
use std::collections::HashSet;
use std::path::Path;
use std::process::Stdio;
use tokio::process::Command;

/// A file at the root of the repository.
fn root(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn yaml(name: &str) -> Value {
    serde_saphyr::from_str(&root(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn json(name: &str) -> Value {
    serde_json::from_str(&root(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A command line that a host is to run must be one of the binary's, by whatever path it is called.
async fn is_understood(line: &str) {
    let mut words = line.split_whitespace();
    let program = words.next().unwrap();
    assert_eq!(program.rsplit('/').next(), Some("evently-axum"), "{line}");
    let folder = tempfile::tempdir().unwrap();
    let arguments: Vec<&str> = words.chain(["--help"]).collect();
    let output = output(binary().command(folder.path(), &arguments)).await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{line}: {said}");
}

/// A list of words, as Docker's files have commands.
fn line(words: &Value) -> String {
    let words = words.as_array().unwrap().iter();
    words
        .map(|word| word.as_str().unwrap())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The variables that the binary reads, as its help names them, and those that are no flags.
async fn variables() -> HashSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let help = output(binary().command(folder.path(), &["--help"])).await.stdout;
    let help = String::from_utf8(help).unwrap();
    let words = help.split(|c: char| !(c.is_ascii_uppercase() || c == '_'));
    let mut names: HashSet<String> = words.map(str::to_owned).collect();
    names.extend(["EVENTLY_ADMIN_EMAIL", "EVENTLY_ADMIN_PASSWORD"].map(str::to_owned));
    names
}

async fn is_read(name: &str) {
    assert!(variables().await.contains(name), "{name} is no setting");
}

#[tokio::test]
async fn the_example_of_an_environment_names_settings_alone() {
    for line in root(".env.example").lines() {
        let setting = line.trim_start_matches('#');
        if let Some((name, _)) = setting.split_once('=')
            && !name.contains(' ')
        {
            is_read(name).await;
        }
    }
}

#[tokio::test]
async fn the_images_instructions_are_dockers_and_its_command_the_binarys() {
    const INSTRUCTIONS: [&str; 12] = [
        "FROM",
        "RUN",
        "WORKDIR",
        "COPY",
        "USER",
        "VOLUME",
        "ENV",
        "EXPOSE",
        "HEALTHCHECK",
        "CMD",
        "ARG",
        "LABEL",
    ];
    let file = root("Dockerfile").replace("\\\n", " ");
    let lines = file
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let lines: Vec<(&str, &str)> = lines.map(|line| line.split_once(' ').unwrap()).collect();
    for (instruction, _) in &lines {
        assert!(INSTRUCTIONS.contains(instruction), "{instruction}");
    }
    let of = |name: &str| {
        lines
            .iter()
            .rev()
            .find(|(instruction, _)| *instruction == name)
            .unwrap()
            .1
    };
    is_understood(&line(&serde_json::from_str(of("CMD")).unwrap())).await;
    assert_eq!(of("USER"), "evently", "not root");
    assert_eq!(of("ENV"), "PORT=8080");
}

#[tokio::test]
async fn the_images_health_check_tells_a_ready_server_from_none() {
    let file = root("Dockerfile");
    let check = file.split("HEALTHCHECK").nth(1).unwrap();
    let words = check.split("CMD ").nth(1).unwrap().lines().next().unwrap();
    let words: Vec<String> = serde_json::from_str(words).unwrap();
    // The image gives a port, not an address.
    let folder = tempfile::tempdir().unwrap();
    let mut command = binary().command(folder.path(), &["serve"]);
    command
        .env("PORT", "0")
        .env("EVENTLY_STORE", "memory:")
        .env("EVENTLY_JWT_SECRET", SECRET);
    let server = Server::spawn(command).await;
    let port = server.authority().rsplit(':').next().unwrap().to_owned();
    let is_healthy = async || {
        let mut check = Command::new(&words[0]);
        check.args(&words[1..]).env("PORT", &port).stderr(Stdio::null());
        output(check).await.status.success()
    };
    assert!(is_healthy().await);
    server.kill().await;
    assert!(!is_healthy().await);
}

#[tokio::test]
async fn compose_starts_what_there_is() {
    let compose = yaml("compose.yaml");
    let services = compose["services"].as_object().unwrap();
    for name in ["api", "worker"] {
        let service = &services[name];
        is_understood(&line(&service["command"])).await;
        for variable in service["environment"].as_object().unwrap().keys() {
            is_read(variable).await;
        }
        for needed in service["depends_on"].as_object().unwrap().keys() {
            assert!(services[needed]["healthcheck"]["test"].is_array(), "{needed}");
        }
    }
    for volume in compose["volumes"].as_object().unwrap().keys() {
        assert!(services.contains_key(volume), "{volume}");
    }
}

#[tokio::test]
async fn render_starts_what_there_is() {
    let render = yaml("render.yaml");
    let services = render["services"].as_array().unwrap();
    let is_made = |name: &Value| {
        let databases = render["databases"].as_array().unwrap();
        services.iter().chain(databases).any(|made| made["name"] == *name)
    };
    for service in services.iter().filter(|service| service["runtime"] == "docker") {
        is_understood(service["dockerCommand"].as_str().unwrap()).await;
        for variable in service["envVars"].as_array().unwrap() {
            is_read(variable["key"].as_str().unwrap()).await;
            for source in ["fromDatabase", "fromService"] {
                let name = &variable[source]["name"];
                assert!(name.is_null() || is_made(name), "{name}");
            }
        }
    }
    is_served(services[0]["healthCheckPath"].as_str().unwrap());
}

#[tokio::test]
async fn railway_starts_what_there_is() {
    let railway = json("railway.json");
    assert!(!root(railway["build"]["dockerfilePath"].as_str().unwrap()).is_empty());
    is_understood(railway["deploy"]["startCommand"].as_str().unwrap()).await;
    is_served(railway["deploy"]["healthcheckPath"].as_str().unwrap());
}

#[tokio::test]
async fn heroku_starts_what_there_is() {
    let mut kinds = HashSet::new();
    for entry in root("Procfile").lines() {
        let (kind, command) = entry.split_once(": ").unwrap();
        kinds.insert(kind.to_owned());
        is_understood(command).await;
    }
    let app = json("app.json");
    for kind in app["formation"].as_object().unwrap().keys() {
        assert!(kinds.contains(kind), "{kind}");
    }
    for variable in app["env"].as_object().unwrap().keys() {
        is_read(variable).await;
    }
}

fn is_served(path: &str) {
    assert!(ROUTES.iter().any(|route| route.path == path), "{path}");
}
