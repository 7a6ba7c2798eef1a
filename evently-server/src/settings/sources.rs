//! Where a setting's text comes from: a flag, the environment, the file, in this order.
//!
//! [`SETTINGS`] is the one list of all settings: flags, variables and keys of the file are made from it. What the
//! texts mean is not known here.

use super::{Fault, SettingError};
use clap::{Arg, ArgMatches};
use std::{collections::BTreeMap, path::Path};

/// One setting: `key` in the file, `--key` (with hyphens) as a flag, `EVENTLY_KEY` in the environment.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) key: &'static str,
    /// What the text stands for, in the help; empty for a switch, which is `true` when it is named alone.
    pub(super) value: &'static str,
    /// A variable of wider use that is read when `EVENTLY_KEY` is not set.
    pub(super) fallback: Option<&'static str>,
    pub(super) help: &'static str,
}

const fn setting(key: &'static str, value: &'static str, help: &'static str) -> Setting {
    Setting {
        key,
        value,
        fallback: None,
        help,
    }
}

pub(super) const LISTEN: Setting = Setting {
    fallback: Some("PORT"),
    ..setting("listen", "HOST:PORT", "Where to listen [default: 127.0.0.1:8080]")
};
pub(super) const STORE: Setting = Setting {
    fallback: Some("DATABASE_URL"),
    ..setting(
        "store",
        "URL",
        "Where everything is kept: memory:, sqlite:PATH, postgres://…, redis://… or redis+cluster://… (with \
         ?accept=bounded-loss or ?accept=volatile where that is what Redis keeps) [default: sqlite:evently.db]",
    )
};
pub(super) const REDIS: Setting = Setting {
    fallback: Some("REDIS_URL"),
    ..setting(
        "redis",
        "URL",
        "The Redis that servers and workers share for the queue, leases and rate limits [default: none]",
    )
};
pub(super) const INTAKE: Setting = setting(
    "intake",
    "direct|queued",
    "Whether requests for tickets are decided where they come in, or by workers on a queue [default: direct]",
);
pub(super) const WORKERS: Setting = setting(
    "workers",
    "N",
    "Workers of queued intake in this process; 0 for none [default: 1]",
);
pub(super) const NO_MIGRATE: Setting = setting(
    "no_migrate",
    "",
    "Leaves the store's schema as it is; `migrate` brings it up to date",
);
pub(super) const JWT_SECRET: Setting = setting(
    "jwt_secret",
    "SECRET",
    "What sign-ins are signed with, at least 32 bytes; safer as a variable than as a flag [default: made once \
     and kept beside the file of sqlite:, made at each start for memory: and redis:, none for postgres:]",
);
pub(super) const LOG: Setting = setting(
    "log",
    "json|pretty",
    "How log entries look; RUST_LOG says which are written [default: pretty on a terminal, else json]",
);
pub(super) const RATE_LIMIT: Setting = setting(
    "rate_limit",
    "off|RATE:BURST",
    "Requests a second and at once for each user, and for each address without a sign-in [default: 100:500, and \
     200:1000 for an address]",
);
pub(super) const TRUSTED_PROXIES: Setting = setting(
    "trusted_proxies",
    "NETWORKS",
    "Proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8,fd00::/8 [default: none]",
);
pub(super) const CORS_ORIGIN: Setting = Setting {
    fallback: Some("EVENTLY_CORS"),
    ..setting(
        "cors_origin",
        "ORIGINS",
        "Web pages that may use the API: * or https://a.example,https://b.example [default: none]",
    )
};
pub(super) const MAX_CONNECTIONS: Setting = setting(
    "max_connections",
    "N",
    "Connections at once; one more is answered 503 [default: 10000]",
);

/// Every setting that has a flag.
const SETTINGS: [&Setting; 12] = [
    &LISTEN,
    &STORE,
    &REDIS,
    &INTAKE,
    &WORKERS,
    &NO_MIGRATE,
    &JWT_SECRET,
    &LOG,
    &RATE_LIMIT,
    &TRUSTED_PROXIES,
    &CORS_ORIGIN,
    &MAX_CONNECTIONS,
];

impl Setting {
    fn flag(&self) -> String {
        self.key.replace('_', "-")
    }

    fn variable(&self) -> String {
        format!("EVENTLY_{}", self.key.to_uppercase())
    }

    fn arg(&self) -> Arg {
        let fallback = self
            .fallback
            .map(|name| format!(" or {name}"))
            .unwrap_or_default();
        let help = format!("{} [env: {}{fallback}]", self.help, self.variable());
        let arg = Arg::new(self.key).long(self.flag()).help(help);
        if self.value.is_empty() {
            arg.num_args(0..=1)
                .require_equals(true)
                .default_missing_value("true")
                .value_name("BOOL")
        } else {
            arg.value_name(self.value)
        }
    }
}

/// The flags of all settings, for every subcommand.
pub(crate) fn flags() -> impl Iterator<Item = Arg> {
    let config = Arg::new("config")
        .long("config")
        .value_name("FILE")
        .help("A TOML file of settings, such as log = \"json\"; flags and the environment stand above it");
    let flags = SETTINGS.into_iter().map(Setting::arg).chain([config]);
    flags.map(|arg| arg.global(true).help_heading("Settings"))
}

/// The texts of all settings, by where they come from.
pub(super) struct Sources<'a> {
    flags: &'a ArgMatches,
    variable: &'a dyn Fn(&str) -> Option<String>,
    file: BTreeMap<String, String>,
}

/// A setting's text as it was found.
pub(super) struct Found<'a> {
    pub(super) text: &'a str,
    /// The text with the blanks around it, for what is bytes and no word.
    pub(super) untrimmed: &'a str,
    /// Whether it stood in the variable of wider use.
    pub(super) is_fallback: bool,
}

impl<'a> Sources<'a> {
    /// The sources, with the file read that a flag may name.
    pub(super) fn read(
        flags: &'a ArgMatches,
        variable: &'a dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, SettingError> {
        let file = match flags.get_one::<String>("config") {
            Some(path) => read_file(Path::new(path)).map_err(|message| SettingError {
                setting: format!("--config {path}"),
                message,
            })?,
            None => BTreeMap::new(),
        };
        Ok(Self {
            flags,
            variable,
            file,
        })
    }

    /// What the first source with this setting says; `None` if none has it.
    pub(super) fn get<T>(
        &self,
        setting: &Setting,
        parse: impl Fn(&Found<'_>) -> Result<T, Fault>,
    ) -> Result<Option<T>, SettingError> {
        let Some((named, text)) = self.find(setting) else {
            return Ok(None);
        };
        let found = Found {
            text: text.trim(),
            untrimmed: &text,
            is_fallback: setting.fallback == Some(named.as_str()),
        };
        parse(&found).map(Some).map_err(|fault| SettingError {
            setting: named,
            message: fault.0,
        })
    }

    /// A variable that is no setting of its own. An empty one counts as not set: that is what a missing one
    /// becomes in many a deployment file.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|text| !text.trim().is_empty())
    }

    fn find(&self, setting: &Setting) -> Option<(String, String)> {
        if let Some(text) = self.flags.get_one::<String>(setting.key) {
            return Some((format!("--{}", setting.flag()), text.clone()));
        }
        let names = [Some(setting.variable()), setting.fallback.map(str::to_owned)];
        for name in names.into_iter().flatten() {
            if let Some(text) = self.variable(&name) {
                return Some((name, text));
            }
        }
        let text = self.file.get(setting.key)?;
        Some((format!("`{}` in the settings file", setting.key), text.clone()))
    }
}

/// The settings in a file, as text. Messages never show the file's lines: there may be secrets in them.
fn read_file(path: &Path) -> Result<BTreeMap<String, String>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {}", error.kind()))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        format!(
            "is not TOML: look at line {}",
            before.unwrap_or("").matches('\n').count() + 1
        )
    })?;
    let mut settings = BTreeMap::new();
    for (key, value) in table {
        if !SETTINGS.iter().any(|setting| setting.key == key) {
            return Err(format!("has an unknown setting `{key}`"));
        }
        let text = match value {
            toml::Value::String(text) => text,
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Boolean(yes) => yes.to_string(),
            _ => return Err(format!("`{key}` must be a text, a number, true or false")),
        };
        settings.insert(key, text);
    }
    Ok(settings)
}
