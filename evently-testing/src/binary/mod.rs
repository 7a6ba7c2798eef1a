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
pub mod operations;
pub mod scripts;
pub mod secrets;
pub mod signals;
pub mod traces;
pub mod workers;

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
                a_queue_that_cannot_be_reached_is_one_line_and_exit_code_1,
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
                what_has_no_path_is_not_found,
                what_no_route_takes_leaves_the_connection_to_the_next_request,
                what_is_done_is_answered_whatever_coding_is_refused,
                what_is_not_http_is_refused,
                a_body_that_is_too_large_is_told_so_even_while_it_is_sent,
                a_client_that_is_slow_with_its_headers_is_cut,
                one_connection_too_many_is_told_so_and_a_free_place_is_taken,
            }
            operations::{
                requests_are_counted_by_route_and_status,
                web_pages_are_let_in_as_set,
                health_answers_while_passwords_are_hashed,
            }
            scripts::{
                the_tour_visits_every_route,
                a_rolling_restart_fails_no_request,
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
                a_stream_ends_when_the_server_drains,
                no_request_fails_while_the_server_drains_under_load,
            }
            workers::{
                a_queued_request_waits_for_a_worker,
                workers_sell_out_exactly_though_one_is_killed,
                workers_killed_one_after_the_other_lose_and_double_nothing,
                a_worker_stopped_beyond_its_lease_comes_back_to_no_harm,
                a_worker_that_is_told_to_stop_leaves_nothing_half_done,
                a_queue_that_is_down_is_told_in_time,
                a_queue_in_memory_is_worked_off_before_the_end,
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
            include_str!("operations.rs"),
            include_str!("scripts.rs"),
            include_str!("secrets.rs"),
            include_str!("signals.rs"),
            include_str!("workers.rs"),
        ] {
            for case in cases.split("pub async fn ").skip(1) {
                let name = case.split('(').next().unwrap();
                assert!(list.contains(&format!(" {name},")), "{name} is not in the list");
            }
        }
    }
}
