//! Which source wins, and what errors say and do not say.

use super::*;
use clap::Command;
use std::io::Write as _;

const SECRET: &str = "Zf9!kq2#Lw8@Xr5$Tn1%Vb7^Mc3&Hj6*";

/// Reads settings from flags (`--a=b`) and variables (`A=b`), in one list.
fn read(words: &[&str]) -> Result<Settings, SettingError> {
    let (given, variables): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| word.starts_with("--"));
    let command = Command::new("test").args(flags()).no_binary_name(true);
    let matches = command.try_get_matches_from(given).unwrap();
    Settings::read(&matches, &|name| {
        let values = variables.iter().filter_map(|variable| variable.split_once('='));
        let mut values = values.filter(|(key, _)| *key == name);
        values.next().map(|(_, value)| value.to_owned())
    })
}

fn file(text: &str) -> (tempfile::NamedTempFile, String) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let flag = format!("--config={}", file.path().display());
    (file, flag)
}

fn error(words: &[&str]) -> String {
    read(words).unwrap_err().to_string()
}

#[test]
fn without_any_source_there_are_defaults() {
    let settings = read(&[]).unwrap();
    assert_eq!(settings.listen, None);
    assert_eq!(settings.store.to_string(), "sqlite:evently.db");
    assert_eq!(settings.schema, Schema::BringUpToDate);
    assert_eq!(settings.rate_limits, RateLimits::default());
    assert!(settings.jwt_secret.is_none() && settings.first_admin.is_none());
    assert_eq!((settings.intake, settings.workers), (Intake::Direct, 1));
    assert_eq!(settings.redis, None);
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let (_file, config) = file("listen = 'file:1'\nmax_connections = 7\nno_migrate = true");
    let listen = |words: &[&str]| read(words).unwrap().listen.unwrap();
    assert_eq!(listen(&[&config]), "file:1");
    assert_eq!(listen(&[&config, "PORT=2"]), "0.0.0.0:2");
    assert_eq!(listen(&[&config, "PORT=2", "EVENTLY_LISTEN=env:3"]), "env:3");
    assert_eq!(
        listen(&[&config, "EVENTLY_LISTEN=env:3", "--listen=flag:4"]),
        "flag:4"
    );
    assert_eq!(
        listen(&[&config, "EVENTLY_LISTEN="]),
        "file:1",
        "empty is not set"
    );
    let settings = read(&[&config]).unwrap();
    assert_eq!(settings.max_connections, 7);
    assert_eq!(settings.schema, Schema::LeaveAlone);
    assert_eq!(
        read(&[&config, "--no-migrate=false"]).unwrap().schema,
        Schema::BringUpToDate
    );
}

#[test]
fn the_store_falls_back_to_the_database_url() {
    let store = |words: &[&str]| read(words).unwrap().store.to_string();
    assert_eq!(store(&["DATABASE_URL=memory:"]), "memory:");
    assert_eq!(
        store(&["DATABASE_URL=memory:", "EVENTLY_STORE=sqlite:///var/a.db"]),
        "sqlite:/var/a.db"
    );
    let refused = error(&["DATABASE_URL=mysql://root:hunter2@db/x"]);
    assert!(
        refused.starts_with("DATABASE_URL: `mysql:` is not built in; there is memory:, sqlite:PATH"),
        "{refused}"
    );
}

#[test]
fn queued_intake_is_set_with_its_redis_and_workers() {
    let settings = read(&[
        "REDIS_URL=redis://:hunter2@queue:6379/0?x=hunter2",
        "EVENTLY_INTAKE=queued",
        "--workers=0",
    ])
    .unwrap();
    assert_eq!((settings.intake, settings.workers), (Intake::Queued, 0));
    assert_eq!(settings.redis.unwrap().to_string(), "redis://queue:6379/0");
    let named = read(&["REDIS_URL=redis://a", "EVENTLY_REDIS=rediss://b:1"]).unwrap();
    assert_eq!(named.redis.unwrap().to_string(), "rediss://b:1");
}

#[test]
fn errors_name_the_setting_and_never_its_value() {
    let (_file, config) = file("jwt_secret = 'hunter2hunter2'");
    let (_broken, broken) = file("log = 'json'\njwt_secret = hunter2");
    let (_unknown, unknown) = file("jwt = 'hunter2'");
    let cases: [(&[&str], &str); 17] = [
        (&["--listen=hunter2"], "--listen"),
        (&["EVENTLY_LISTEN=:8080"], "EVENTLY_LISTEN"),
        (&["PORT=hunter2"], "PORT"),
        (&["--store=hunter2"], "--store"),
        (&["--redis=redis:hunter2"], "--redis"),
        (&["REDIS_URL=http://:hunter2@db"], "REDIS_URL"),
        (&["--intake=hunter2"], "--intake"),
        (&["EVENTLY_WORKERS=hunter2"], "EVENTLY_WORKERS"),
        (&["--jwt-secret=hunter2"], "--jwt-secret"),
        (&["EVENTLY_JWT_SECRET=hunter2"], "EVENTLY_JWT_SECRET"),
        (&["--log=hunter2"], "--log"),
        (&["--rate-limit=hunter2"], "--rate-limit"),
        (
            &["EVENTLY_TRUSTED_PROXIES=10.0.0.0/8,hunter2"],
            "EVENTLY_TRUSTED_PROXIES",
        ),
        (&["--max-connections=0"], "--max-connections"),
        (&[&config], "`jwt_secret` in the settings file"),
        (&[&broken], "look at line 2"),
        (&[&unknown], "unknown setting `jwt`"),
    ];
    for (words, named) in cases {
        let error = error(words);
        assert!(error.contains(named), "{words:?}: {error}");
        assert!(!error.contains("hunter2"), "{words:?}: {error}");
    }
}

#[test]
fn secrets_stay_out_of_debug_output() {
    let secret = format!("EVENTLY_JWT_SECRET={SECRET}");
    let settings = read(&[
        &secret,
        "EVENTLY_ADMIN_EMAIL=admin@example.com",
        "EVENTLY_ADMIN_PASSWORD=hunter2hunter2",
    ]);
    let text = format!("{:?}", settings.unwrap());
    for hidden in [SECRET, "hunter2", "admin@example.com"] {
        assert!(!text.contains(hidden), "{text}");
    }
}

#[test]
fn an_admin_needs_a_password() {
    let first = |variables: &[&str]| read(variables).unwrap().first_admin;
    let without = first(&["EVENTLY_ADMIN_EMAIL=a@example.com"]).unwrap();
    assert_eq!(without.password().unwrap_err().setting, "EVENTLY_ADMIN_PASSWORD");
    let with = first(&["EVENTLY_ADMIN_EMAIL=a@example.com", "EVENTLY_ADMIN_PASSWORD=x"]);
    assert_eq!(with.unwrap().password(), Ok("x"));
    assert!(first(&["EVENTLY_ADMIN_PASSWORD=x"]).is_none());
}
