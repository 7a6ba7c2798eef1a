//! The list of all cases, written once: the table that runs them and the tests that name them are made of it.

use super::contract::{
    accounts, analytics, bookings, catalogue, changed, commit, due, entries, load, together, windows,
};
use super::races::{churn, expiry, queue, selling};
use super::rules::{
    authority, booking, cancel, change, engine, event_cancel, events, figures, holds, idempotency, intake,
    limits, offers, sales_window, seats, serving, starving, waitlist,
};
use super::run::{Case, Group};
use super::{model, restart};

/// Hands the list of the named group to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_cases {
    (Contract, [$($then:tt)*], $($with:tt)*) => {
        $($then)*! {
            $($with)*;
            accounts {
                an_account_is_found_by_id_and_address,
                an_address_has_one_account,
                twins_at_sign_up_make_one_account,
                an_update_replaces_the_account,
                a_changed_role_or_a_disabled_account_ends_its_sessions,
                a_refresh_token_is_good_once,
                a_reused_refresh_token_ends_its_session,
                a_session_runs_out,
                an_ended_session_is_unknown,
                of_twins_with_one_refresh_token_one_is_rotated,
            }
            bookings {
                a_booking_reads_as_it_was_written,
                every_status_source_and_reason_reads_back,
                a_users_bookings_page_newest_first,
                an_events_bookings_page_newest_first,
            }
            catalogue {
                an_event_reads_as_it_was_written,
                taken_seats_come_with_the_event,
                the_catalogue_lists_in_every_order_and_page_size,
                the_catalogue_filters_as_its_specification,
                phases_follow_the_asked_instant,
                drafts_are_listed_to_who_asks_for_them,
                event_ids_come_ascending,
            }
            changed {
                a_commit_wakes_who_waits_for_its_event,
                a_commit_through_another_handle_wakes_too,
                a_version_that_has_passed_is_not_waited_for,
                waiting_for_a_change_ends_in_time,
                an_event_that_is_not_there_is_not_waited_for,
                those_who_wait_hinder_nobody,
            }
            commit {
                a_commit_raises_the_version_by_one,
                a_commit_says_who_made_it,
                another_writers_commit_of_the_same_number_is_another,
                an_event_is_created_once,
                nothing_is_committed_to_an_unknown_event,
                a_stale_version_writes_nothing,
                the_same_changes_twice_are_a_conflict,
                a_used_key_is_a_conflict_and_writes_nothing,
                a_key_is_free_to_other_users_and_on_other_events,
                events_of_one_call_stand_apart,
                no_changes_commit_nothing,
                changed_bookings_and_entries_are_stored,
                a_booking_may_be_made_and_ended_in_one_life,
                a_changed_event_shows_everywhere,
                a_deleted_draft_is_gone,
            }
            due {
                holds_are_due_first_over_first,
                due_holds_come_a_batch_at_a_time,
                live_bookings_are_those_that_take_capacity,
                live_bookings_come_a_batch_at_a_time,
                events_are_due_first_due_first,
                an_event_is_due_by_its_last_commit,
            }
            analytics {
                figures_are_those_of_the_last_commit,
                an_overview_of_nothing_is_all_zero,
                an_overview_adds_up_the_events_of_its_span,
                an_overview_counts_published_events_and_all_that_happened,
                an_overview_keeps_currencies_apart,
                popularity_orders_by_its_measure,
                equally_popular_events_come_by_id,
                sales_add_up_by_the_hour,
                an_audit_finds_what_does_not_add_up,
            }
            load {
                an_unknown_event_loads_as_nothing,
                no_needs_load_nothing,
                snapshots_come_in_the_order_of_the_needs,
                a_snapshot_has_event_version_counts_and_figures,
                what_was_not_asked_for_is_not_loaded,
                a_standing_counts_live_tickets_and_the_place_in_the_queue,
                a_standing_is_of_one_event,
                a_key_leads_to_what_it_made,
                a_key_lives_as_long_as_its_booking,
                asked_bookings_and_entries_of_other_events_are_left_out,
                asked_bookings_load_in_any_status,
                taken_seats_are_loaded_when_asked_for,
                what_one_need_asks_at_once_comes_at_once,
            }
            together {
                of_commits_on_one_version_one_is_done,
                calls_over_the_same_events_in_any_order_all_end,
                a_snapshot_is_of_one_version,
                a_load_sees_what_was_committed_before,
                an_abandoned_commit_is_stored_whole_or_not_at_all,
            }
            entries {
                an_entry_reads_as_it_was_written,
                a_position_counts_those_who_wait,
                positions_count_over_all_sections,
                an_events_entries_page_in_order_of_joining,
                a_users_entries_page_newest_first,
            }
            windows {
                a_window_shows_who_waits_in_order,
                a_window_shows_nobody_who_waits_no_more,
                a_window_may_begin_behind_a_place,
                a_window_may_leave_out_who_wants_more,
                each_section_has_its_own_queue,
                a_window_shows_a_batch_at_most,
            }
        }
    };
    (Rules, [$($then:tt)*], $($with:tt)*) => {
        $($then)*! {
            $($with)*;
            authority {
                another_users_booking_is_not_found,
                another_users_entry_is_not_found,
                what_does_not_exist_is_not_found,
                an_admin_sees_everybodys,
                only_admins_run_events,
                an_admin_confirms_and_extends_for_others,
            }
            booking {
                a_booking_is_confirmed_with_all_that_was_asked,
                a_booking_takes_its_places,
                a_booking_shows_at_once_in_every_read,
                no_more_is_sold_than_there_is,
                sold_out_tells_how_many_are_left,
                what_frees_is_sold_again,
                a_refused_booking_leaves_no_trace,
                items_over_several_sections_are_all_or_nothing,
                two_items_of_one_section_share_its_places,
                sections_are_sold_apart,
                the_price_is_that_of_the_booking,
                a_booking_gets_the_id_that_was_chosen_for_it,
                a_great_hall_sells_to_its_last_place,
            }
            cancel {
                a_cancelled_booking_frees_its_places,
                cancelling_again_answers_the_same_and_frees_nothing,
                cancelling_again_is_no_matter_of_time,
                an_owner_may_cancel_until_the_policys_instant,
                an_owner_may_cancel_until_the_start_unless_said_otherwise,
                an_admin_may_always_cancel,
                an_admins_own_booking_is_cancelled_like_any,
                a_cancelled_booking_cannot_be_confirmed_or_extended,
            }
            change {
                capacity_grows_at_any_time,
                capacity_shrinks_to_what_is_taken_and_no_further,
                an_expired_hold_does_not_keep_capacity_up,
                a_change_names_the_version_it_was_made_on,
                sales_do_not_move_the_definitions_version,
                a_change_keeps_ids_by_id_or_name,
                an_unknown_id_is_matched_by_name_and_one_name_only_once,
                a_change_to_what_already_is_changes_nothing,
                sections_and_types_may_be_added,
                a_section_that_sold_cannot_be_taken_away,
                a_type_that_sold_cannot_be_taken_away,
                seats_that_are_taken_cannot_be_removed_or_blocked,
                an_unblocked_seat_serves_the_waitlist,
                an_invalid_change_is_refused_with_every_field,
                a_cancelled_event_cannot_be_changed,
                a_change_may_publish_and_never_hides_again,
                a_preview_tells_what_a_change_would_do_and_does_nothing,
            }
            engine {
                a_full_queue_refuses_at_once_and_without_effect,
                a_caller_that_goes_away_cancels_nothing_half_way,
                a_shut_down_engine_answers_what_it_took_and_takes_nothing,
                a_failing_storage_ends_definite_under_a_key,
                an_event_that_cannot_be_read_spoils_no_other,
            }
            event_cancel {
                a_cancelled_event_ends_all_that_was_taken,
                an_offer_ends_with_its_event,
                cancelling_an_event_again_answers_the_same,
                nothing_is_served_while_an_event_is_cancelled,
                an_event_with_many_bookings_is_cancelled_step_by_step,
                a_half_cancelled_event_is_finished_by_any_process,
                a_draft_is_not_cancelled,
            }
            events {
                an_event_is_made_with_what_it_needs_to_sell,
                an_invalid_event_is_refused_with_every_field,
                an_event_is_worth_no_more_than_figures_have_room_for,
                a_seating_plan_names_every_seat_once,
                an_event_may_lie_in_the_past,
                metadata_comes_back_byte_for_byte,
                drafts_are_for_admins_only,
                a_published_draft_is_seen_by_everybody,
                a_cancelled_event_cannot_be_published,
                a_draft_may_be_deleted_and_nothing_else,
                an_unknown_event_cannot_be_changed,
                the_catalogue_shows_what_is_left,
            }
            figures {
                bookings_revenue_and_cancellations_are_counted,
                a_hold_is_no_booking_until_confirmed,
                an_expired_hold_is_no_cancellation,
                sold_out_is_since_nothing_was_left,
                sales_are_gross_by_the_hour,
                a_promotion_counts_as_a_booking,
                every_end_of_an_entry_is_counted,
                an_overview_and_the_popular_ones_follow_the_sales,
                a_recount_finds_nothing_after_a_mixed_history,
                figures_are_for_admins_only,
                items_of_several_types_add_up,
            }
            holds {
                a_hold_lasts_as_long_as_the_policy_says,
                a_confirmed_hold_is_a_booking,
                confirming_again_answers_the_same,
                a_hold_is_over_at_its_last_instant,
                an_expired_hold_cannot_be_used_swept_or_not,
                an_expired_place_is_sold_before_any_sweep,
                a_sweep_expires_what_is_over_and_nothing_else,
                more_holds_than_a_batch_all_expire,
                the_sweeper_makes_expiry_prompt,
                an_extension_starts_from_now,
                extensions_end_at_the_policys_most,
                an_extension_that_gains_nothing_is_refused,
                the_most_is_half_an_hour_or_one_hold,
                an_extended_hold_is_not_swept_at_its_first_instant,
                a_released_hold_is_cancelled_and_frees_its_place,
                a_confirmed_booking_cannot_be_extended,
                an_expired_hold_stays_so_when_the_clock_jumps_back,
            }
            idempotency {
                the_same_key_and_request_is_one_booking,
                a_key_is_remembered_by_every_process,
                the_same_key_with_another_request_is_refused,
                an_id_named_again_is_the_same_booking_and_nobody_elses,
                requests_without_a_key_are_all_new,
                a_key_is_of_one_user_and_one_event,
                a_refusal_leaves_the_key_free,
                a_mismatch_has_no_effect_and_the_key_stays,
                a_replay_shows_the_booking_as_it_stands,
                a_replay_shows_an_expired_hold,
                a_replay_asks_nothing_of_the_event,
                an_entry_has_one_place_a_key,
                a_booking_that_came_to_the_waitlist_is_replayed_as_its_entry,
                a_booking_made_for_an_entry_carries_no_key,
                a_left_entry_is_replayed_as_left,
                keys_may_use_every_visible_character,
                a_key_on_an_offer_policy_has_one_effect_too,
            }
            intake {
                a_queued_request_is_answered_as_it_was_decided,
                what_is_queued_is_its_owners_to_read_and_held_by_nobody,
                one_key_is_one_booking_while_it_is_queued_and_after,
                a_request_that_found_its_key_used_goes_by_both_ids,
                whoever_asks_otherwise_with_a_queued_key_waits_for_its_end,
                a_key_whose_request_was_refused_is_tried_again,
                what_cannot_be_is_not_queued,
                a_full_partition_refuses_at_once,
                a_worker_that_was_too_slow_stores_nothing_after_the_refusal,
                a_job_that_nobody_decides_ends_as_a_dead_letter,
                a_store_that_hangs_makes_no_dead_letters,
                a_job_that_was_decided_ends_so_however_often_it_comes,
                every_job_ends_once_whoever_dies,
                a_partition_passes_on_when_its_lease_runs_out,
            }
            limits {
                the_limit_counts_all_live_tickets_of_a_user,
                the_limit_holds_over_items_and_sections,
                what_ended_does_not_count_to_the_limit,
                admins_are_limited_like_everybody,
                nobody_waits_for_more_than_the_limit,
                a_lower_limit_takes_nothing_away,
                a_type_bounds_the_tickets_of_a_booking,
                a_booking_has_one_to_a_hundred_tickets_of_a_type,
                a_type_is_named_where_there_are_several,
                a_type_must_be_the_events,
                a_booking_has_an_item,
            }
            offers {
                a_freed_place_is_offered,
                nobody_else_can_take_an_offer,
                an_accepted_offer_is_a_booking,
                confirming_the_hold_of_an_offer_accepts_it,
                a_declined_offer_passes_to_the_next,
                a_lapsed_offer_passes_to_the_next,
                an_offer_is_over_at_its_last_instant_swept_or_not,
                a_lapsed_offer_goes_to_who_waited_and_not_to_a_newcomer,
                a_lapsed_offer_leaves_its_user_free_to_join_again,
                leaving_an_offer_releases_it,
                cancelling_the_hold_of_an_offer_ends_the_offer,
                who_has_an_offer_cannot_wait_as_well,
                offers_stop_when_sales_close,
                an_offer_ends_with_the_sales,
                an_offer_ends_with_sales_that_close_earlier_than_they_should,
                an_offer_is_not_extended_beyond_the_sales,
                offers_for_several_free_places_stand_side_by_side,
            }
            sales_window {
                sales_are_open_from_the_first_instant_to_before_the_last,
                sales_close_at_the_start_unless_said_otherwise,
                sales_may_go_on_after_the_start,
                a_cancelled_event_sells_nothing,
                a_draft_sells_nothing,
                an_unknown_event_is_not_found,
                a_hold_may_be_confirmed_after_sales_closed,
                a_closed_window_may_be_opened_again,
            }
            seats {
                named_seats_are_taken_by_one,
                several_seats_are_all_or_nothing,
                a_taken_seat_is_named_also_when_all_is_full,
                a_freed_seat_can_be_taken_again,
                unknown_and_repeated_seats_are_invalid,
                a_blocked_seat_is_not_for_sale,
                a_seats_type_is_named_where_there_are_several,
                a_number_of_seats_is_the_best_available,
                the_best_seats_are_together_near_the_middle_of_the_front,
                no_seat_is_left_alone_if_that_can_be_avoided,
                a_seat_is_left_alone_rather_than_people_apart,
                people_are_apart_in_as_few_pieces_as_can_be,
                apart_is_refused_where_together_is_required,
                accessible_seats_are_given_when_asked_for,
                an_accessible_seat_may_be_named,
                best_available_keeps_to_the_asked_section,
                best_available_looks_past_a_section_whose_seats_are_saved,
                nobody_waits_for_seats_of_a_kind,
                the_best_seats_of_an_inventory_are_always_the_same,
                a_hall_sells_to_its_last_seat,
            }
            serving {
                a_freed_place_goes_to_who_waited_longest,
                whoever_fits_next_is_served_until_nobody_fits,
                a_released_hold_serves_the_waitlist,
                an_expired_hold_serves_the_waitlist,
                who_waits_is_served_when_sales_open_again,
                who_waits_is_served_when_nobody_may_join_any_more,
                a_newcomer_cannot_outrun_the_waitlist_at_an_expiry,
                higher_capacity_serves_the_waitlist,
                who_leaves_is_not_served,
                the_waitlist_closes_with_the_sales,
                a_close_of_sales_is_swept,
                reserved_seats_are_served_by_best_available,
                a_promotion_never_breaks_the_limit,
                who_falls_below_the_limit_is_served_in_another_section,
            }
            starving {
                a_pass_is_counted_when_somebody_behind_is_served,
                a_pass_is_counted_when_a_newcomer_is_served,
                a_place_that_nobody_takes_passes_nobody,
                who_stands_behind_is_not_passed_by_who_stands_before,
                after_ten_passes_what_frees_is_saved,
                the_tenth_pass_in_one_commit_saves_the_rest,
                what_is_saved_is_not_for_newcomers,
                newcomers_pass_ten_times_at_most,
                what_was_saved_is_given_out_when_the_starved_leaves,
                saving_is_a_matter_of_one_section,
                nothing_is_saved_for_who_can_never_fit,
                what_was_saved_is_others_once_its_user_is_at_the_limit,
                who_fits_is_found_behind_a_long_line_of_those_who_do_not,
                a_long_line_is_served_to_its_end,
            }
            waitlist {
                a_full_event_may_be_waited_for,
                nobody_waits_for_what_is_to_be_had,
                a_section_may_be_full_while_another_is_not,
                a_user_waits_once,
                an_event_without_waitlist_has_none,
                a_booking_may_fall_back_on_the_waitlist,
                named_seats_cannot_be_waited_for,
                positions_move_up,
                a_served_entry_cannot_be_left,
                without_an_offer_there_is_nothing_to_accept_or_decline,
                the_admins_list_shows_every_entry_in_order,
                the_waitlist_form_is_checked,
            }
        }
    };
    (Races, [$($then:tt)*], $($with:tt)*) => {
        $($then)*! {
            $($with)*;
            churn {
                after_booking_and_cancelling_everything_adds_up,
                many_events_at_once_keep_apart,
                a_cancelled_event_ends_every_booking_of_a_rush,
            }
            expiry {
                confirm_against_expire_has_one_winner,
                an_expired_place_goes_to_one_of_many,
                confirm_against_release_has_one_winner,
                accept_against_lapse_has_one_winner,
            }
            queue {
                nobody_who_joins_is_passed_and_no_place_lies_idle,
                who_leaves_while_being_served_is_either,
                a_user_joins_once_however_hurried,
                growing_and_cancelling_serve_nobody_twice,
            }
            selling {
                the_last_ticket_is_sold_once,
                a_rush_sells_every_ticket_and_no_more,
                a_request_that_fits_is_not_refused,
                two_engines_on_one_store_do_not_oversell,
                many_small_events_each_sell_out_exactly,
                a_seat_is_sold_once,
                best_seats_given_at_once_are_never_the_same,
                twins_with_one_key_have_one_effect,
                of_different_requests_with_one_key_one_has_an_effect,
                the_limit_holds_for_a_user_in_a_hurry,
                a_booking_cancelled_many_times_frees_once,
            }
            model {
                the_model_agrees,
            }
        }
    };
    (Durable, [$($then:tt)*], $($with:tt)*) => {
        $($then)*! {
            $($with)*;
            restart {
                acknowledged_bookings_survive,
                keys_survive,
                holds_expire_after_a_restart,
                the_waitlist_keeps_its_order_and_its_passes,
                seats_stay_taken,
                an_event_cancel_goes_on_after_a_restart,
                figures_survive,
                accounts_and_sessions_survive,
                two_open_stores_do_not_oversell,
            }
        }
    };
}

/// Makes the table of a group's cases.
macro_rules! table {
    ($group:ident; $($module:ident { $($case:ident,)* })*) => {
        [$($(Case {
            name: stringify!($case),
            group: Group::$group,
            play: |world| Box::pin($module::$case(world)),
        },)*)*]
    };
}

static CONTRACT: &[Case] = &conformance_cases!(Contract, [table], Contract);
static RULES: &[Case] = &conformance_cases!(Rules, [table], Rules);
static RACES: &[Case] = &conformance_cases!(Races, [table], Races);
static DURABLE: &[Case] = &conformance_cases!(Durable, [table], Durable);

/// Every case of the suite.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    [CONTRACT, RULES, RACES, DURABLE].into_iter().flatten()
}

/// Turns every case into a named test of the storage that `open` makes: an `async fn() -> impl Harness`.
///
/// `conformance_suite!(open = memory)` for any backend, `conformance_suite!(open = sqlite, durable)` for one that
/// outlives its process, `conformance_suite!(open = unreliable, races)` for the cases alone that bear with a storage
/// which fails now and then.
#[macro_export]
macro_rules! conformance_suite {
    (open = $open:path) => {
        $crate::conformance_cases!(Contract, [$crate::conformance_tests], $open);
        $crate::conformance_cases!(Rules, [$crate::conformance_tests], $open);
        $crate::conformance_cases!(Races, [$crate::conformance_tests], $open);
    };
    (open = $open:path, durable) => {
        $crate::conformance_suite!(open = $open);
        $crate::conformance_cases!(Durable, [$crate::conformance_tests], $open);
    };
    (open = $open:path, races) => {
        $crate::conformance_cases!(Races, [$crate::conformance_tests], $open);
    };
}

/// Makes a test of each case.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_tests {
    ($open:path; $($module:ident { $($case:ident,)* })*) => {
        $($(
            #[test]
            fn $case() {
                $crate::conformance::run(stringify!($case), $open);
            }
        )*)*
    };
}
