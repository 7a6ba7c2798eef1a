//! The list of all cases, written once.

use super::{Play, claims, delivery, fates, races, replies, waiting};

/// Hands the list to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! queue_cases {
    ([$($then:tt)*], $($with:tt)*) => {
        $($then)*! {
            $($with)*;
            delivery {
                jobs_are_delivered_in_the_order_of_their_pushing_and_each_to_one_consumer,
                a_job_is_delivered_as_it_was_pushed,
                a_job_pushed_twice_is_queued_once,
                of_jobs_under_one_key_one_is_queued_until_it_is_settled,
                a_key_is_of_one_user_and_one_event,
                a_job_that_was_handed_to_somebody_before_says_so,
                a_full_partition_takes_no_more_until_a_job_is_settled,
                a_claim_never_carries_more_than_its_bound,
                a_claim_of_nothing_takes_nothing,
                partitions_stand_apart,
                another_process_works_on_the_same_queue,
            }
            claims {
                what_a_consumer_left_is_taken_over_before_new_jobs_and_its_claim_is_stale,
                a_claim_that_ran_out_is_good_until_somebody_takes_the_job_over,
                nobody_settles_on_anothers_claim,
                each_silent_end_counts_as_a_delivery_and_handing_back_does_not,
                a_job_handed_back_is_claimable_once_its_delay_has_passed,
                a_crowd_that_was_left_is_taken_over_whole,
            }
            fates {
                what_became_of_a_job_is_read_until_it_is_forgotten,
                every_fate_reads_back,
                a_batch_is_settled_job_by_job,
                the_view_counts_what_waits_and_what_is_claimed,
                nothing_is_known_of_a_job_never_pushed,
            }
            waiting {
                a_wait_ends_when_a_job_comes,
                a_wait_ends_when_a_job_is_handed_back,
                a_wait_ends_when_its_time_is_up,
                a_wait_in_another_process_ends_when_a_job_comes,
            }
            replies {
                a_desk_is_told_in_another_process_what_became_of_its_requests,
                a_desk_is_not_told_what_is_for_another,
                telling_a_desk_that_nobody_minds_is_no_error,
            }
            races {
                racing_consumers_never_share_a_job_and_leave_none,
                of_racing_settlements_of_one_claim_one_is_done,
                twins_pushed_at_once_are_queued_once,
                a_rush_never_overfills_a_partition,
                racing_takeovers_of_one_job_have_one_winner,
            }
        }
    };
}

/// Makes the table of the cases.
macro_rules! table {
    (; $($module:ident { $($case:ident,)* })*) => {
        &[$($((stringify!($case), |depot| Box::pin($module::$case(depot))),)*)*]
    };
}

/// Every case: its name, and its work.
pub(super) static CASES: &[(&str, Play)] = queue_cases!([table],);

/// Turns every case into a named test of the queue that `open` makes: an `async fn() -> impl QueueHarness`.
#[macro_export]
macro_rules! queue_suite {
    (open = $open:path) => {
        $crate::queue_cases!([$crate::queue_tests], $open);
    };
}

/// Makes a test of each case.
#[doc(hidden)]
#[macro_export]
macro_rules! queue_tests {
    ($open:path; $($module:ident { $($case:ident,)* })*) => {
        $($(
            #[test]
            fn $case() {
                $crate::conformance::queue::run(stringify!($case), $open);
            }
        )*)*
    };
}
