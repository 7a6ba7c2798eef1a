//! The ledger alone: what one decision costs, and that it does not grow with what is sold.
//!
//! `cargo bench -p evently-bench`
#![expect(clippy::expect_used, reason = "a benchmark ends where its set-up fails")]

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use evently_core::clock::{Clock, IdSource, RandomIds, SystemClock, to_micros};
use evently_core::domain::{
    BookingId, Caller, EntryId, Event, EventDraft, Limits, RowDraft, SeatingDraft, SectionDraft, UserId,
};
use evently_core::ledger::{
    Access, Adjacency, Book, BookingKind, Command, Context, Decision, Inventory, Join, Need, OnFull, Recall,
    SeatMap, SeatsWanted, Selection, Snapshot, WaitlistNeed, WaitlistWindow, create,
};
use std::hint::black_box;
use std::time::Duration;

fn draft(capacity: u32) -> EventDraft {
    let start = to_micros(SystemClock.now() + Duration::from_secs(86_400));
    EventDraft::general(
        "Bench",
        "Hall",
        start,
        start + Duration::from_secs(7_200),
        capacity,
    )
}

fn seated(rows: usize, seats: usize) -> EventDraft {
    let row = |row: usize| RowDraft {
        label: format!("R{row}"),
        seats: (1..=seats).map(|seat| seat.to_string()).collect(),
        accessible: Vec::new(),
        blocked: Vec::new(),
    };
    let seating = SeatingDraft::Reserved {
        rows: (0..rows).map(row).collect(),
    };
    EventDraft {
        sections: vec![SectionDraft {
            id: None,
            name: "Stalls".to_owned(),
            seating,
        }],
        ..draft(1)
    }
}

fn event(draft: &EventDraft) -> Event {
    draft
        .build(None, &Limits::default(), &RandomIds, SystemClock.now())
        .expect("a sound draft")
}

/// A new event's inventory with everything known, so many tickets sold of its first section.
fn inventory(event: &Event, sold: u32) -> Inventory {
    let whole = WaitlistNeed {
        section_id: event.sections[0].id,
        after: None,
        at_most: None,
    };
    let mut snapshot = blank(event);
    snapshot.counts[0].sold = sold;
    snapshot.taken_seats = Some(Vec::new());
    snapshot.waitlist = vec![WaitlistWindow {
        need: whole,
        entries: Vec::new(),
    }];
    Inventory::new(&Need::event(event.id), snapshot)
}

fn book(selection: Selection) -> Command {
    let id = RandomIds.next(SystemClock.now());
    Command::Book(Book {
        by: Caller::user(UserId::from_uuid(id)),
        booking_id: BookingId::from_uuid(id),
        entry_id: EntryId::from_uuid(id),
        kind: BookingKind::Confirmed,
        selection,
        on_full: OnFull::Reject,
        key: id.to_string().parse().ok(),
        recall: Recall::First,
    })
}

/// Decides a batch as a lane does, and takes its changes.
fn decide(inventory: &mut Inventory, commands: &[Command]) {
    let limits = Limits::default();
    let context = Context {
        now: SystemClock.now(),
        ids: &RandomIds,
        limits: &limits,
    };
    for command in commands {
        match inventory.decide(command, context) {
            Decision::Done(receipt) => drop(black_box(receipt)),
            other => panic!("not done: {other:?}"),
        }
    }
    if let Some(changes) = black_box(inventory.take_changes()) {
        inventory.committed(changes.revision());
    }
}

const BATCH: u32 = 128;

fn general(c: &mut Criterion) {
    let mut group = c.benchmark_group("decide/general");
    group.throughput(Throughput::Elements(u64::from(BATCH)));
    let event = event(&draft(10_000_000));
    for sold in [0, 10_000, 1_000_000] {
        group.bench_with_input(BenchmarkId::new("sold", sold), &sold, |b, sold| {
            let mut inventory = inventory(&event, *sold);
            let one = || {
                book(Selection::Quantity {
                    quantity: 1,
                    ticket_type_id: None,
                })
            };
            let batch = || (0..BATCH).map(|_| one()).collect::<Vec<_>>();
            b.iter_batched(
                batch,
                |commands| decide(&mut inventory, &commands),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn seats(c: &mut Criterion) {
    let mut group = c.benchmark_group("decide/two best seats");
    group.throughput(Throughput::Elements(u64::from(BATCH)));
    for (rows, seats) in [(20, 20), (100, 50), (500, 100)] {
        let event = event(&seated(rows, seats));
        group.bench_with_input(BenchmarkId::new("seats", rows * seats), &event, |b, event| {
            let two = || {
                book(Selection::BestAvailable {
                    quantity: 2,
                    section_id: None,
                    ticket_type_id: None,
                    adjacent: Adjacency::Required,
                    accessible: Access::Ordinary,
                })
            };
            let setup = || (inventory(event, 0), (0..BATCH).map(|_| two()).collect::<Vec<_>>());
            b.iter_batched_ref(
                setup,
                |(inventory, commands)| decide(inventory, commands),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

fn best_available(c: &mut Criterion) {
    let mut group = c.benchmark_group("best available");
    for (rows, seats) in [(10, 10), (100, 50), (500, 100)] {
        let event = event(&seated(rows, seats));
        let mut map = SeatMap::new(event.sections[0].rows());
        let total = rows * seats;
        group.bench_function(BenchmarkId::new("empty", total), |b| {
            b.iter(|| black_box(map.best(SeatsWanted::ordinary(2))));
        });
        while map.free(Access::Ordinary) as usize > total / 10 {
            for label in map.best(SeatsWanted::ordinary(2)).unwrap_or_default() {
                map.take(&label);
            }
        }
        group.bench_function(BenchmarkId::new("nine tenths taken", total), |b| {
            b.iter(|| black_box(map.best(SeatsWanted::ordinary(2))));
        });
    }
    group.finish();
}

fn waitlist(c: &mut Criterion) {
    let event = event(&draft(BATCH));
    let sell = || {
        book(Selection::Quantity {
            quantity: 1,
            ticket_type_id: None,
        })
    };
    let join = || {
        let id = RandomIds.next(SystemClock.now());
        Command::Join(Join {
            by: Caller::user(UserId::from_uuid(id)),
            entry_id: EntryId::from_uuid(id),
            quantity: 1,
            ticket_type_id: None,
            key: None,
            recall: Recall::First,
        })
    };
    // Sold out, a line of as many behind it, and everybody cancels: each cancel promotes one.
    let setup = || {
        let mut inventory = inventory(&event, 0);
        let sold: Vec<Command> = (0..BATCH).map(|_| sell()).collect();
        decide(&mut inventory, &sold);
        let joins: Vec<Command> = (0..BATCH).map(|_| join()).collect();
        let users = joins.iter().filter_map(|command| match command {
            Command::Join(join) => Some((join.by.user_id, evently_core::ledger::Standing::default())),
            _ => None,
        });
        let known = Snapshot {
            users: users.collect(),
            ..blank(&event)
        };
        inventory.learn(&Need::event(event.id), known);
        decide(&mut inventory, &joins);
        let cancels = sold.iter().filter_map(|command| match command {
            Command::Book(book) => Some(Command::Cancel {
                by: book.by,
                booking_id: book.booking_id,
            }),
            _ => None,
        });
        let cancels: Vec<Command> = cancels.collect();
        (inventory, cancels)
    };
    let mut group = c.benchmark_group("decide/waitlist");
    group.throughput(Throughput::Elements(u64::from(BATCH)));
    group.bench_function("cancel and promote", |b| {
        b.iter_batched_ref(
            setup,
            |(inventory, cancels)| decide(inventory, cancels),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

/// A snapshot that tells nothing but the event.
fn blank(event: &Event) -> Snapshot {
    Snapshot::of(create(event.clone()).1)
}

criterion_group!(benches, general, seats, best_available, waitlist);
criterion_main!(benches);
