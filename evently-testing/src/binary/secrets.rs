//! What is secret or personal stays out of the help, the log and what is printed.

use super::process::{Binary, SECRET, Server, output};
use serde_json::json;

const PASSWORD: &str = "quite another battery";
const EMAIL: &str = "somebody@example.com";

pub async fn the_help_shows_no_values(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = binary.command(folder.path(), &["--help"]);
    command
        .env("EVENTLY_JWT_SECRET", SECRET)
        .env("EVENTLY_STORE", "sqlite:hidden.db");
    let help = String::from_utf8(output(command).await.stdout).unwrap();
    assert!(!help.contains(SECRET) && !help.contains("hidden.db"), "{help}");
}

pub async fn the_log_has_no_secrets_even_when_everything_is_logged(binary: &Binary) {
    for format in ["json", "pretty"] {
        let folder = tempfile::tempdir().unwrap();
        let arguments = [
            "--store",
            "sqlite:evently.db",
            "--listen",
            "127.0.0.1:0",
            "--log",
            format,
        ];
        let mut command = binary.command(folder.path(), &arguments);
        command
            .env("RUST_LOG", "trace")
            .env("EVENTLY_JWT_SECRET", SECRET)
            .env("EVENTLY_ADMIN_EMAIL", "admin@example.com")
            .env("EVENTLY_ADMIN_PASSWORD", "the admin's own words");
        let mut server = Server::spawn(command).await;
        let guest = server.as_ref().guest();
        let account = json!({"email": EMAIL, "password": PASSWORD});
        let signed_up = guest.post("/api/auth/signup", account.clone()).await.ok(201);
        guest.post("/api/auth/login", account).await.ok(200);
        let wrong = json!({"email": EMAIL, "password": "another horse battery"});
        guest
            .post("/api/auth/login", wrong)
            .await
            .problem(401, "bad_credentials");
        let refresh = json!({"refresh_token": signed_up["refresh_token"]});
        guest.post("/api/auth/refresh", refresh).await.ok(200);
        let token = signed_up["access_token"].as_str().unwrap();
        server
            .as_ref()
            .with_token(token)
            .get("/api/auth/me?token=in-the-query")
            .await
            .ok(200);
        server
            .as_ref()
            .with_token("not-a-token")
            .get("/api/auth/me")
            .await
            .problem(401, "unauthorized");
        server.signal("TERM").await;
        server.ended().await;

        let printed = server.printed().await;
        assert!(printed.contains("/api/auth/me"), "requests are logged: {printed}");
        let refresh = signed_up["refresh_token"].as_str().unwrap();
        for hidden in [
            SECRET,
            PASSWORD,
            EMAIL,
            "admin@example.com",
            "the admin's own words",
            "another horse battery",
            "in-the-query",
            "not-a-token",
            token,
            refresh,
        ] {
            let line = printed.lines().find(|line| line.contains(hidden));
            assert_eq!(line, None, "{format}: {hidden}");
        }
    }
}

pub async fn a_log_entry_is_one_line_of_json(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--store", "memory:", "--listen", "127.0.0.1:0", "--log", "json"];
    let mut command = binary.command(folder.path(), &arguments);
    command.env("RUST_LOG", "debug");
    let mut server = Server::spawn(command).await;
    server
        .as_ref()
        .guest()
        .get("/a%0Ab%c3%bc")
        .await
        .problem(404, "not_found");
    server.signal("TERM").await;
    server.ended().await;
    let printed = server.printed().await;
    let entries: Vec<serde_json::Value> = printed
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let answered = entries
        .iter()
        .find(|entry| entry["message"] == "answered")
        .unwrap();
    assert_eq!(answered["status"], 404);
    assert!(
        answered["request.id"].is_string() && answered["duration_ms"].is_number(),
        "{answered}"
    );
}
