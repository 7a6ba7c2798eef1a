//! The HTTP suite: the contract as named cases that every adapter runs over real sockets.
//!
//! An adapter gives a function that starts a server of its own for each case and says where it is;
//! [`http_conformance!`](crate::http_conformance) makes a test of every case. Nothing here looks behind the
//! socket: who the callers are, the suite says by access tokens that it signs with the server's secret.
//!
//! ```text
//! struct Server { target: Target, /* whatever keeps it running */ }
//! impl AsRef<Target> for Server { /* … */ }
//! async fn start() -> Server { /* … */ }
//!
//! evently_http::http_conformance!(start);
//! ```
//!
//! Beside the list stand [`intake`], for servers that queue, and [`mounted`], for the API under a prefix. What needs time to pass (expiry) is the engine's own suite's.

#![expect(clippy::unwrap_used, reason = "a case fails by panicking, as tests do")]
#![expect(missing_docs, reason = "the name of a case is the fact that it holds")]

mod client;
mod fixture;

pub mod admin;
pub mod analytics;
pub mod auth;
pub mod bookings;
pub mod catalogue;
pub mod changes;
pub mod docs;
pub mod export;
pub mod form;
pub mod health;
pub mod intake;
pub mod keys;
pub mod metrics;
pub mod mounted;
pub mod race;
pub mod seats;
pub mod stream;
pub mod waitlist;

pub use client::{Answer, Client, Target};

/// Makes a test of every case, each against a server of its own.
///
/// `start` is an `async fn()` whose result is `AsRef<Target>` and keeps the server running while it lives.
#[macro_export]
macro_rules! http_conformance {
    ($start:ident) => {
        $crate::http_conformance! { @each $start:
            admin::{
                an_event_is_made_from_a_capacity,
                an_event_is_made_from_sections_and_ticket_types,
                every_wrong_field_is_told,
                users_are_refused,
                a_draft_is_published_or_deleted,
                a_cancelled_event_takes_everything_along,
                bookings_are_listed_to_admins,
                the_waitlist_is_listed_in_order,
                the_queue_is_shown_to_admins_alone,
            }
            analytics::{
                figures_count_what_happened,
                the_popular_come_first,
                figures_are_for_admins,
            }
            auth::{
                an_account_signs_up_in_and_reads_itself,
                a_body_grants_nothing,
                an_address_is_taken_in_any_case,
                a_wrong_password_and_an_unknown_address_answer_alike,
                weak_passwords_are_refused,
                a_refresh_token_is_good_once,
                a_reused_refresh_token_ends_its_session,
                logging_out_ends_the_session,
                ten_failed_sign_ins_are_enough,
                many_good_sign_ins_at_once_are_let_in,
                only_good_tokens_are_let_in,
                personal_answers_are_not_stored,
                whoever_has_no_account_here_may_book,
            }
            bookings::{
                a_booking_has_the_contracts_shape,
                sold_out_tells_what_is_left,
                a_hold_is_extended_confirmed_and_cancelled,
                a_released_hold_is_held_no_more,
                a_cancel_frees_once,
                nobody_sees_anothers_booking,
                own_bookings_are_listed_newest_first,
                a_user_stays_within_the_limit,
                an_event_off_sale_is_not_sold,
                several_types_are_booked_together_or_not_at_all,
                hostile_bodies_are_refused_by_field,
                unknown_members_are_ignored,
            }
            catalogue::{
                an_event_has_the_contracts_shape,
                drafts_are_seen_by_admins_alone,
                pages_follow_their_links,
                events_are_searched_and_ordered,
                bad_queries_are_malformed,
                a_known_event_is_not_sent_again,
                availability_counts_what_is_left,
            }
            changes::{
                a_change_names_its_version,
                a_change_is_a_merge_patch,
                a_part_that_is_not_given_whole_keeps_the_rest,
                a_dry_run_tells_what_would_change,
                what_is_sold_cannot_be_taken_away,
                larger_capacity_serves_the_waitlist,
            }
            docs::{
                the_document_is_served_whole,
                the_page_loads_nothing_from_elsewhere,
            }
            export::{
                every_booking_is_exported_as_it_reads,
                an_export_has_all_pages,
                an_export_may_be_compressed,
                formulas_are_exported_as_text,
                exports_are_for_admins,
            }
            form::{
                every_route_is_served,
                unknown_paths_are_not_found,
                wrong_methods_are_told_the_right_ones,
                what_is_no_id_is_not_found,
                bodies_are_json_of_bounded_size,
                request_ids_are_echoed_if_sane,
                every_answer_is_guarded,
                head_is_get_without_a_body,
                requests_are_counted,
            }
            health::{
                the_service_tells_how_it_is,
                health_is_not_counted,
            }
            keys::{
                a_key_has_one_effect_and_one_answer,
                quoted_and_bare_are_one_key,
                another_request_under_a_key_is_refused,
                a_refusal_uses_no_key_up,
                a_key_is_its_users_and_its_events,
                what_is_no_key_is_malformed,
                a_replay_shows_the_booking_as_it_stands,
            }
            metrics::{
                the_engines_figures_are_shown,
                a_stores_connections_are_shown_where_they_are_bounded,
                refusals_are_counted_by_their_code,
                metrics_are_not_counted_against_a_limit,
            }
            race::{
                two_hundred_clients_for_ten_tickets_buy_ten,
                one_seat_is_sold_once,
                one_key_from_many_connections_has_one_effect,
            }
            seats::{
                the_map_shows_every_seat,
                seats_are_booked_by_label,
                taken_and_blocked_seats_are_refused,
                the_best_seats_are_adjacent,
                unknown_seats_are_invalid,
            }
            stream::{
                a_stream_begins_with_what_is_left,
                each_change_is_streamed,
                who_comes_back_to_a_stream_is_told_what_is_left_at_once,
                drafts_are_streamed_to_admins_alone,
                a_storm_of_changes_is_streamed_ten_times_a_second,
                many_clients_see_the_same_event,
                a_stream_is_neither_compressed_nor_given_a_length,
            }
            waitlist::{
                whoever_waits_is_served_by_a_cancel,
                an_entry_explains_itself,
                on_full_joins_the_line,
                an_offer_is_accepted,
                an_offer_is_declined,
                leaving_is_leaving,
                joining_has_its_refusals,
            }
        }
    };
    (@each $start:ident: $($area:ident::{$($case:ident,)*})*) => {
        $(mod $area {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                let server = super::$start().await;
                $crate::conformance::$area::$case(server.as_ref()).await;
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
            include_str!("admin.rs"),
            include_str!("analytics.rs"),
            include_str!("auth.rs"),
            include_str!("bookings.rs"),
            include_str!("catalogue.rs"),
            include_str!("docs.rs"),
            include_str!("export.rs"),
            include_str!("form.rs"),
            include_str!("health.rs"),
            include_str!("keys.rs"),
            include_str!("metrics.rs"),
            include_str!("race.rs"),
            include_str!("seats.rs"),
            include_str!("stream.rs"),
            include_str!("waitlist.rs"),
        ] {
            for case in cases.split("pub async fn ").skip(1) {
                let name = case.split('(').next().unwrap();
                assert!(list.contains(&format!(" {name},")), "{name} is not in the list");
            }
        }
    }
}
