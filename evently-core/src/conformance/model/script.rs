//! Histories: what happens, in which kind of event.

use crate::domain::WaitlistPolicy;
use proptest::collection::vec;
use proptest::prelude::*;

/// A history of one event.
#[derive(Debug, Clone)]
pub(super) struct Script {
    pub(super) setup: Setup,
    pub(super) steps: Vec<Step>,
}

/// What kind of event it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setup {
    pub(super) layout: Layout,
    pub(super) capacity: u32,
    pub(super) limit: Option<u32>,
    pub(super) waitlist: WaitlistPolicy,
    pub(super) closes_in: u64,
}

/// Its sections and ticket types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// One general section, one type.
    Hall,
    /// Two general sections; the first is sold as adult and child, the second as one type.
    Sections,
    /// A reserved section of two rows, sold as one type, and a general one.
    Seats,
}

/// Which of those there are so far, counted round.
pub(super) type Pick = usize;

/// Who of a few people.
pub(super) type Person = usize;

/// One thing that happens.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Book(Ask),
    /// A booking request under a key that was used before, the same once more.
    Repeat(Pick),
    Join {
        by: Person,
        kind: usize,
        quantity: u32,
        key: KeyChoice,
    },
    Confirm {
        booking: Pick,
        by: By,
    },
    Extend {
        booking: Pick,
    },
    Cancel {
        booking: Pick,
        by: By,
    },
    Leave {
        entry: Pick,
    },
    Accept {
        entry: Pick,
    },
    Decline {
        entry: Pick,
    },
    Resize {
        section: usize,
        capacity: u32,
    },
    SetLimit(Option<u32>),
    /// Somebody books one ticket and cancels it, again and again: so that whoever wants more starves.
    Churn {
        by: Person,
        kind: usize,
        times: u32,
    },
    Advance(u64),
    Sweep,
    CancelEvent,
}

/// In whose name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Owner,
    Admin,
    Stranger,
}

/// A request for tickets.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) by: Person,
    pub(super) wish: Wish,
    pub(super) held: bool,
    pub(super) or_waitlist: bool,
    pub(super) key: KeyChoice,
}

/// Which tickets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    Quantity { kind: usize, quantity: u32 },
    Items(Vec<(usize, u32)>),
    Seats(Vec<usize>),
    Best { quantity: u32, together: bool },
}

/// Under which key: one of its own, or one of a few that come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyChoice {
    Fresh,
    Shared(u8),
}

pub(super) const PEOPLE: usize = 5;

/// Any history.
pub(super) fn script() -> impl Strategy<Value = Script> {
    (setup(), vec(step(), 1..60)).prop_map(|(setup, steps)| Script { setup, steps })
}

fn setup() -> impl Strategy<Value = Setup> {
    let layout = prop_oneof![Just(Layout::Hall), Just(Layout::Sections), Just(Layout::Seats)];
    let limit = prop_oneof![2 => Just(None), 1 => (2..6_u32).prop_map(Some)];
    let waitlist = prop_oneof![
        1 => Just(WaitlistPolicy::Off),
        3 => Just(WaitlistPolicy::Auto),
        3 => Just(WaitlistPolicy::Offer),
    ];
    let closes_in = prop_oneof![3 => Just(2_000_000_u64), 1 => 100..1500_u64];
    (layout, 1..9_u32, limit, waitlist, closes_in).prop_map(
        |(layout, capacity, limit, waitlist, closes_in)| Setup {
            layout,
            capacity,
            limit,
            waitlist,
            closes_in,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let pick = || 0..32_usize;
    let by = || prop_oneof![8 => Just(By::Owner), 2 => Just(By::Admin), 1 => Just(By::Stranger)];
    prop_oneof![
        16 => ask().prop_map(Step::Book),
        3 => pick().prop_map(Step::Repeat),
        6 => (0..PEOPLE, 0..3_usize, quantity(), key())
            .prop_map(|(by, kind, quantity, key)| Step::Join { by, kind, quantity, key }),
        5 => (pick(), by()).prop_map(|(booking, by)| Step::Confirm { booking, by }),
        2 => pick().prop_map(|booking| Step::Extend { booking }),
        10 => (pick(), by()).prop_map(|(booking, by)| Step::Cancel { booking, by }),
        2 => pick().prop_map(|entry| Step::Leave { entry }),
        3 => pick().prop_map(|entry| Step::Accept { entry }),
        2 => pick().prop_map(|entry| Step::Decline { entry }),
        2 => (0..2_usize, 0..12_u32).prop_map(|(section, capacity)| Step::Resize { section, capacity }),
        1 => prop_oneof![Just(None), (1..6_u32).prop_map(Some)].prop_map(Step::SetLimit),
        2 => (0..PEOPLE, 0..3_usize, 1..12_u32)
            .prop_map(|(by, kind, times)| Step::Churn { by, kind, times }),
        5 => prop_oneof![1..20_u64, 20..200_u64].prop_map(Step::Advance),
        2 => Just(Step::Sweep),
        1 => prop_oneof![9 => Just(Step::Sweep), 1 => Just(Step::CancelEvent)],
    ]
}

fn quantity() -> impl Strategy<Value = u32> {
    prop_oneof![6 => 1..4_u32, 1 => 4..8_u32, 1 => prop_oneof![Just(0), Just(101)]]
}

fn key() -> impl Strategy<Value = KeyChoice> {
    prop_oneof![5 => Just(KeyChoice::Fresh), 1 => (0..3_u8).prop_map(KeyChoice::Shared)]
}

fn ask() -> impl Strategy<Value = Ask> {
    let wish = prop_oneof![
        6 => (0..3_usize, quantity()).prop_map(|(kind, quantity)| Wish::Quantity { kind, quantity }),
        1 => vec((0..3_usize, 1..4_u32), 1..3).prop_map(Wish::Items),
        2 => vec(0..7_usize, 1..4).prop_map(Wish::Seats),
        2 => (1..5_u32, any::<bool>()).prop_map(|(quantity, together)| Wish::Best { quantity, together }),
    ];
    (0..PEOPLE, wish, any::<bool>(), any::<bool>(), key()).prop_map(|(by, wish, held, or_waitlist, key)| {
        Ask {
            by,
            wish,
            held,
            or_waitlist,
            key,
        }
    })
}
