//! What every server binary must do as a process, over sockets, signals and exit codes: named cases that each
//! adapter's crate runs on its own binary by [`binary_suite!`](crate::binary_suite).
//!
//! What it answers is the HTTP suite's (`evently_http::conformance`), which [`Binary::start_apart`] serves.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a case fails by panicking, as tests do"
)]
#![expect(missing_docs, reason = "the name of a case is the fact that it holds")]

mod process;

pub mod command_line;
pub mod durability;
pub mod hostile;
pub mod secrets;
pub mod signals;

pub use process::{Binary, SECRET, Server, output, within};

/// Makes a test of every case.
///
/// `binary` is a `fn() -> Binary`.
#[macro_export]
macro_rules! binary_suite {
    ($binary:ident) => {
        $crate::binary_suite! { @each $binary:
            command_line::{
                bad_usage_and_settings_exit_with_2_and_name_what_is_bad,
                a_port_in_use_is_one_line_and_exit_code_1,
                a_store_that_cannot_be_opened_is_one_line_and_exit_code_1,
                a_schema_is_made_migrated_or_left_alone,
                an_admin_is_made_from_standard_input_or_the_environment,
                help_and_version_are_answers_and_not_errors,
            }
            durability::{
                a_booking_survives_a_kill_and_its_key_answers_the_same,
                the_secret_is_kept_beside_the_file_and_memory_makes_a_new_one,
                the_first_admin_is_made_once,
                the_demo_is_there_after_two_runs_once,
            }
            hostile::{
                a_body_announced_in_two_ways_is_refused_and_nothing_after_it_is_heard,
                what_is_not_http_is_refused,
                a_body_that_is_too_large_is_told_so_even_while_it_is_sent,
                a_client_that_is_slow_with_its_headers_is_cut,
                one_connection_too_many_is_told_so_and_a_free_place_is_taken,
            }
            secrets::{
                the_help_shows_no_values,
                the_log_has_no_secrets_even_when_everything_is_logged,
                a_log_entry_is_one_line_of_json,
            }
            signals::{
                the_first_signal_drains_and_the_second_does_not_cut_that_short,
                the_third_signal_ends_at_once,
                an_idle_server_stops_at_once,
                no_request_fails_while_the_server_drains_under_load,
            }
        }
    };
    (@each $binary:ident: $($area:ident::{$($case:ident,)*})*) => {
        $(mod $area {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                $crate::binary::$area::$case(&super::$binary()).await;
            })*
        })*
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_run() {
        let list = include_str!("mod.rs");
        for cases in [
            include_str!("command_line.rs"),
            include_str!("durability.rs"),
            include_str!("hostile.rs"),
            include_str!("secrets.rs"),
            include_str!("signals.rs"),
        ] {
            for case in cases.split("pub async fn ").skip(1) {
                let name = case.split('(').next().unwrap();
                assert!(list.contains(&format!(" {name},")), "{name} is not in the list");
            }
        }
    }
}
