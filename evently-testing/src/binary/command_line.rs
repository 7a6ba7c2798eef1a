//! Exit codes and the one line that says what is wrong.

use super::process::{Binary, output};
use std::path::Path;

/// Runs the binary, which must fail: its exit code and the line it said.
async fn fail(
    binary: &Binary,
    folder: &Path,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> (i32, String) {
    let mut command = binary.command(folder, arguments);
    command.envs(variables.iter().copied());
    let output = output(command).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.stdout.is_empty(), "{:?}", output.stdout);
    assert_eq!(said.lines().count(), 1, "{said}");
    (output.status.code().unwrap(), said)
}

pub async fn bad_usage_and_settings_exit_with_2_and_name_what_is_bad(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], &'a str);
    let cases: [Case<'_>; 14] = [
        (&["--bogus"], &[], "--bogus"),
        (&["dance"], &[], "dance"),
        (&["admin", "create"], &[], "--email"),
        (&["--listen", "nowhere"], &[], "--listen"),
        (&["--store", "mysql://u:hunter2@db/x"], &[], "--store"),
        (&["--jwt-secret=hunter2"], &[], "--jwt-secret"),
        (&["--config", "missing.toml"], &[], "missing.toml"),
        (&["--redis=hunter2"], &[], "--redis"),
        (&["worker", "--store=memory:"], &[], "--redis"),
        (
            &["worker", "--store=memory:"],
            &[("REDIS_URL", "redis://:hunter2@a")],
            "--store",
        ),
        (&[], &[("EVENTLY_INTAKE", "sometimes")], "EVENTLY_INTAKE"),
        (&[], &[("PORT", "http")], "PORT"),
        (&[], &[("EVENTLY_JWT_SECRET", "hunter2")], "EVENTLY_JWT_SECRET"),
        (&[], &[("RUST_LOG", "a=b=c")], "RUST_LOG"),
    ];
    for (arguments, variables, named) in cases {
        let (code, said) = fail(binary, folder.path(), arguments, variables).await;
        assert_eq!(code, 2, "{arguments:?}: {said}");
        assert!(said.contains(named) && !said.contains("hunter2"), "{said}");
    }
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing was made"
    );
}

pub async fn a_port_in_use_is_one_line_and_exit_code_1(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    let server = binary.start(folder.path(), "memory:").await;
    let arguments = [
        "--store",
        "memory:",
        "--listen",
        server.authority(),
        "--log",
        "json",
    ];
    let (code, said) = fail(binary, folder.path(), &arguments, &[]).await;
    assert_eq!(code, 1);
    assert!(
        said.contains(server.authority()) && said.contains("listens there already"),
        "{said}"
    );
}

pub async fn a_store_that_cannot_be_opened_is_one_line_and_exit_code_1(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("notes.db"),
        "this is no database, but long enough to be looked at",
    )
    .unwrap();
    for (store, why) in [
        ("sqlite:no/such/folder/evently.db", "folder"),
        ("sqlite:notes.db", "not an SQLite database"),
        ("sqlite:.", "directory"),
    ] {
        let (code, said) = fail(binary, folder.path(), &["--store", store], &[]).await;
        assert_eq!(code, 1, "{said}");
        assert!(said.contains(store) && said.contains(why), "{said}");
    }
}

pub async fn a_queue_that_cannot_be_reached_is_one_line_and_exit_code_1(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    let redis = ["--redis", "redis://:hunter2@127.0.0.1:1"];
    for command in [&["--intake", "queued"][..], &["worker"]] {
        let arguments = [command, &redis].concat();
        let (code, said) = fail(binary, folder.path(), &arguments, &[]).await;
        assert_eq!(code, 1, "{said}");
        assert!(
            said.contains("redis://127.0.0.1:1") && !said.contains("hunter2"),
            "{said}"
        );
    }
}

pub async fn a_schema_is_made_migrated_or_left_alone(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    let store = ["--store", "sqlite:evently.db"];
    let (code, said) = fail(binary, folder.path(), &["--no-migrate", store[0], store[1]], &[]).await;
    assert_eq!(code, 1, "{said}");
    let migrate = || output(binary.command(folder.path(), &["migrate", store[0], store[1]]));
    assert!(migrate().await.status.success());
    assert!(
        String::from_utf8(migrate().await.stdout)
            .unwrap()
            .contains("up to date")
    );
    binary
        .start_with(folder.path(), &["--no-migrate", store[0], store[1]])
        .await
        .kill()
        .await;

    let file = rusqlite::Connection::open(folder.path().join("evently.db")).unwrap();
    file.execute("INSERT INTO evently_migration VALUES (999, 'later', '')", [])
        .unwrap();
    drop(file);
    for arguments in [&store[..], &["migrate", store[0], store[1]]] {
        let (code, said) = fail(binary, folder.path(), arguments, &[]).await;
        assert_eq!(code, 1);
        assert!(said.contains("newer than version"), "{said}");
    }
}

pub async fn an_admin_is_made_from_standard_input_or_the_environment(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "admin",
        "create",
        "--email",
        "boss@example.com",
        "--store",
        "sqlite:evently.db",
    ];
    let (code, said) = fail(binary, folder.path(), &arguments, &[]).await;
    assert_eq!(code, 2);
    assert!(said.contains("no password"), "{said}");
    let (code, said) = fail(
        binary,
        folder.path(),
        &arguments,
        &[("EVENTLY_ADMIN_PASSWORD", "short")],
    )
    .await;
    assert_eq!(code, 2);
    assert!(said.contains("password") && !said.contains("short\n"), "{said}");

    let mut made = binary.command(folder.path(), &arguments);
    made.env("EVENTLY_ADMIN_PASSWORD", "correct horse battery");
    assert!(output(made).await.status.success());
    let server = binary.start(folder.path(), "sqlite:evently.db").await;
    let account = serde_json::json!({"email": "boss@example.com", "password": "correct horse battery"});
    let signed_in = server
        .as_ref()
        .guest()
        .post("/api/auth/login", account)
        .await
        .ok(200);
    assert_eq!(signed_in["user"]["role"], "admin");
}

pub async fn help_and_version_are_answers_and_not_errors(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    for (argument, said) in [
        ("--help", "EVENTLY_STORE or DATABASE_URL"),
        ("--version", binary.name()),
    ] {
        let output = output(binary.command(folder.path(), &[argument])).await;
        assert_eq!(output.status.code(), Some(0));
        assert!(String::from_utf8(output.stdout).unwrap().contains(said));
    }
}
