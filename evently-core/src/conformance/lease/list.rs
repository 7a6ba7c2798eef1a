//! The list of all cases, written once.

use super::{Play, grants};

/// Hands the list to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! lease_cases {
    ([$($then:tt)*], $($with:tt)*) => {
        $($then)*! {
            $($with)*;
            grants {
                of_all_who_ask_at_once_one_is_granted_the_lease,
                a_good_lease_is_granted_to_nobody_else_nor_again,
                a_renewed_lease_keeps_its_token_and_lasts_longer,
                a_lease_that_ran_out_is_granted_anew_under_a_higher_token_and_stays_lost,
                a_released_lease_is_free_at_once,
                leases_on_other_names_stand_apart,
                each_grant_has_a_higher_token,
            }
        }
    };
}

/// Makes the table of the cases.
macro_rules! table {
    (; $($module:ident { $($case:ident,)* })*) => {
        &[$($((stringify!($case), |registry| Box::pin($module::$case(registry))),)*)*]
    };
}

/// Every case: its name, and its work.
pub(super) static CASES: &[(&str, Play)] = lease_cases!([table],);

/// Turns every case into a named test of the leases that `open` makes: an `async fn() -> impl LeaseHarness`.
#[macro_export]
macro_rules! lease_suite {
    (open = $open:path) => {
        $crate::lease_cases!([$crate::lease_tests], $open);
    };
}

/// Makes a test of each case.
#[doc(hidden)]
#[macro_export]
macro_rules! lease_tests {
    ($open:path; $($module:ident { $($case:ident,)* })*) => {
        $($(
            #[test]
            fn $case() {
                $crate::conformance::lease::run(stringify!($case), $open);
            }
        )*)*
    };
}
