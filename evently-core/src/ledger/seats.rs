//! Reserved seating: which seats are free, and which are best (rule 11).
//!
//! Seats are judged row by row, front first. A *run* is a stretch of free neighbours of the asked kind; to leave
//! a run of one is to leave an orphan.

use super::command::{Access, Adjacency};
use crate::domain::{Row, SeatLabel};
use hashbrown::HashMap;
use std::sync::Arc;

/// A seat by its place: row, then seat in the row.
type Place = (usize, usize);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Free,
    Taken,
    Blocked,
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    state: State,
    access: Access,
}

/// The seats of one row, with the longest run of ordinary seats at hand: most rows are passed over by it alone.
#[derive(Debug, Clone)]
struct RowState {
    cells: Vec<Cell>,
    labels: Arc<[SeatLabel]>,
    longest: usize,
}

/// How seats are asked for when none is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatsWanted {
    /// How many; at least one.
    pub quantity: u32,
    /// Whether they must be in one piece.
    pub adjacent: Adjacency,
    /// Of which kind.
    pub access: Access,
}

impl SeatsWanted {
    /// So many ordinary seats, together if they can be.
    pub fn ordinary(quantity: u32) -> Self {
        Self {
            quantity,
            adjacent: Adjacency::Preferred,
            access: Access::Ordinary,
        }
    }
}

/// What is free of a reserved section.
#[derive(Debug, Clone)]
pub struct SeatMap {
    rows: Vec<RowState>,
    places: Arc<HashMap<SeatLabel, Place>>,
    free_ordinary: u32,
    free_accessible: u32,
    ordinary: u32,
}

/// A stretch of free neighbours.
#[derive(Debug, Clone, Copy)]
struct Run {
    row: usize,
    start: usize,
    length: usize,
}

impl SeatMap {
    /// A section of which nothing is taken.
    pub fn new(rows: &[Row]) -> Self {
        let mut places = HashMap::new();
        let mut map = Self {
            rows: Vec::with_capacity(rows.len()),
            places: Arc::default(),
            free_ordinary: 0,
            free_accessible: 0,
            ordinary: 0,
        };
        for (r, row) in rows.iter().enumerate() {
            let cells: Vec<Cell> = row
                .seats
                .iter()
                .map(|seat| Cell {
                    state: if seat.blocked { State::Blocked } else { State::Free },
                    access: if seat.accessible {
                        Access::Accessible
                    } else {
                        Access::Ordinary
                    },
                })
                .collect();
            for (s, seat) in row.seats.iter().enumerate() {
                places.insert(seat.label.clone(), (r, s));
            }
            for cell in cells.iter().filter(|cell| cell.state == State::Free) {
                *map.free_count(cell.access) += 1;
            }
            let labels = row.seats.iter().map(|seat| seat.label.clone()).collect();
            let mut row = RowState {
                cells,
                labels,
                longest: 0,
            };
            row.longest = row.longest_run();
            map.rows.push(row);
        }
        map.places = Arc::new(places);
        map.ordinary = map.free_ordinary;
        map
    }

    /// Whether the section has a seat of this label.
    pub fn contains(&self, label: &SeatLabel) -> bool {
        self.places.contains_key(label)
    }

    /// Whether the seat can be taken.
    pub fn is_free(&self, label: &SeatLabel) -> bool {
        self.cell(label).is_some_and(|cell| cell.state == State::Free)
    }

    /// Whether the seat is somebody's.
    pub fn is_taken(&self, label: &SeatLabel) -> bool {
        self.cell(label).is_some_and(|cell| cell.state == State::Taken)
    }

    /// Whether the seat is accessible.
    pub fn is_accessible(&self, label: &SeatLabel) -> bool {
        self.cell(label)
            .is_some_and(|cell| cell.access == Access::Accessible)
    }

    /// How many seats are given without being asked for by kind, free or taken.
    pub fn ordinary(&self) -> u32 {
        self.ordinary
    }

    /// How many seats of a kind are free.
    pub fn free(&self, access: Access) -> u32 {
        match access {
            Access::Ordinary => self.free_ordinary,
            Access::Accessible => self.free_accessible,
        }
    }

    /// The labels of the taken seats, front row first.
    pub fn taken(&self) -> impl Iterator<Item = &SeatLabel> {
        self.rows.iter().flat_map(|row| {
            let cells = row.cells.iter().zip(row.labels.iter());
            cells
                .filter(|(cell, _)| cell.state == State::Taken)
                .map(|(_, label)| label)
        })
    }

    /// Marks a free seat as taken; another seat stays as it is.
    pub fn take(&mut self, label: &SeatLabel) {
        self.set(label, State::Free, State::Taken);
    }

    /// Marks a taken seat as free; another seat stays as it is.
    pub fn give_back(&mut self, label: &SeatLabel) {
        self.set(label, State::Taken, State::Free);
    }

    /// The best free seats, in the order of the section; `None` if they are not to be had.
    ///
    /// In one row, without leaving an orphan: the first such row, and in it nearest its middle. Else the same with
    /// orphans allowed. Else, unless they must be adjacent, in the fewest runs: whole longest runs first, the rest
    /// as above. Equal seatings go to the lower seat. The answer depends on nothing but what is free.
    pub fn best(&self, wanted: SeatsWanted) -> Option<Vec<SeatLabel>> {
        let quantity = wanted.quantity as usize;
        if quantity == 0 || self.free(wanted.access) < wanted.quantity {
            return None;
        }
        if let Some(run) = self.one_run(quantity, wanted.access) {
            return Some(self.labels(&[run]));
        }
        match wanted.adjacent {
            Adjacency::Required => None,
            Adjacency::Preferred => self.fewest_runs(quantity, wanted.access),
        }
    }

    fn one_run(&self, quantity: usize, access: Access) -> Option<Run> {
        let mut with_orphan = None;
        for (r, row) in self.rows.iter().enumerate() {
            if access == Access::Ordinary && row.longest < quantity {
                continue;
            }
            let (clean, any) = row.nearest_middle(r, quantity, access);
            if clean.is_some() {
                return clean;
            }
            with_orphan = with_orphan.or(any);
        }
        with_orphan
    }

    fn fewest_runs(&self, quantity: usize, access: Access) -> Option<Vec<SeatLabel>> {
        let mut runs: Vec<Run> = self
            .rows
            .iter()
            .enumerate()
            .flat_map(|(r, row)| row.runs(r, access))
            .collect();
        // Longest first, the sort being stable: front row, then lower seat.
        runs.sort_by_key(|run| std::cmp::Reverse(run.length));
        let mut chosen = Vec::new();
        let mut left = quantity;
        for (index, run) in runs.iter().enumerate() {
            if run.length > left {
                // What is left fits into one run: the best of those not used up.
                let rest = &runs[index..];
                let best = self.best_of(rest, left)?;
                chosen.push(best);
                left = 0;
            } else {
                chosen.push(*run);
                left -= run.length;
            }
            if left == 0 {
                chosen.sort_by_key(|run| (run.row, run.start));
                return Some(self.labels(&chosen));
            }
        }
        None
    }

    /// The best stretch of `quantity` seats within these runs: no orphan, front row, nearest the middle.
    fn best_of(&self, runs: &[Run], quantity: usize) -> Option<Run> {
        let candidates = runs.iter().filter(|run| run.length >= quantity).flat_map(|run| {
            let row_length = self.rows[run.row].cells.len();
            run.stretches(quantity)
                .map(move |stretch| (run.rank(stretch, row_length), stretch))
        });
        let best =
            candidates.min_by_key(|((orphan, off, start), stretch)| (*orphan, stretch.row, *off, *start));
        best.map(|(_, stretch)| stretch)
    }

    fn labels(&self, runs: &[Run]) -> Vec<SeatLabel> {
        runs.iter()
            .flat_map(|run| {
                self.rows[run.row].labels[run.start..run.start + run.length]
                    .iter()
                    .cloned()
            })
            .collect()
    }

    fn cell(&self, label: &SeatLabel) -> Option<&Cell> {
        self.places.get(label).map(|&(r, s)| &self.rows[r].cells[s])
    }

    fn free_count(&mut self, access: Access) -> &mut u32 {
        match access {
            Access::Ordinary => &mut self.free_ordinary,
            Access::Accessible => &mut self.free_accessible,
        }
    }

    fn set(&mut self, label: &SeatLabel, from: State, to: State) {
        let Some(&(r, s)) = self.places.get(label) else {
            return;
        };
        let row = &mut self.rows[r];
        let cell = &mut row.cells[s];
        if cell.state != from {
            return;
        }
        cell.state = to;
        let access = cell.access;
        row.longest = row.longest_run();
        match to {
            State::Free => *self.free_count(access) += 1,
            _ => *self.free_count(access) -= 1,
        }
    }
}

impl RowState {
    fn longest_run(&self) -> usize {
        self.runs(0, Access::Ordinary)
            .map(|run| run.length)
            .max()
            .unwrap_or(0)
    }

    fn runs(&self, row: usize, access: Access) -> impl Iterator<Item = Run> {
        let mut next = 0;
        std::iter::from_fn(move || {
            let usable = |cell: &Cell| cell.state == State::Free && cell.access == access;
            let start = next + self.cells.get(next..)?.iter().position(usable)?;
            let length = self.cells[start..].iter().take_while(|cell| usable(cell)).count();
            next = start + length;
            Some(Run { row, start, length })
        })
    }

    /// The stretch nearest the row's middle that leaves no orphan, and the one nearest of all.
    fn nearest_middle(&self, row: usize, quantity: usize, access: Access) -> (Option<Run>, Option<Run>) {
        let mut clean: Option<(usize, Run)> = None;
        let mut any: Option<(usize, Run)> = None;
        let nearer = |best: &Option<(usize, Run)>, off: usize| best.is_none_or(|(least, _)| off < least);
        for run in self.runs(row, access).filter(|run| run.length >= quantity) {
            for stretch in run.stretches(quantity) {
                let (orphan, off, _) = run.rank(stretch, self.cells.len());
                if !orphan && nearer(&clean, off) {
                    clean = Some((off, stretch));
                }
                if nearer(&any, off) {
                    any = Some((off, stretch));
                }
            }
        }
        (clean.map(|(_, run)| run), any.map(|(_, run)| run))
    }
}

impl Run {
    /// Every stretch of so many seats within the run, lower seats first.
    fn stretches(self, quantity: usize) -> impl Iterator<Item = Run> {
        let last = self.length.saturating_sub(quantity);
        (0..=last).map(move |skip| Run {
            row: self.row,
            start: self.start + skip,
            length: quantity,
        })
    }

    /// How a stretch of this run ranks, lower being better: whether it leaves an orphan, how far its middle is
    /// from the row's (in half seats), and its first seat.
    fn rank(self, stretch: Run, row_length: usize) -> (bool, usize, usize) {
        let before = stretch.start - self.start;
        let after = self.length - before - stretch.length;
        let off = (2 * stretch.start + stretch.length).abs_diff(row_length);
        (before == 1 || after == 1, off, stretch.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Seat;

    /// Rows drawn as text: `.` free, `x` taken, `#` blocked, `a` accessible.
    fn map(drawn: &[&str]) -> SeatMap {
        let rows: Vec<Row> = drawn
            .iter()
            .zip('A'..)
            .map(|(row, label)| Row {
                label: label.to_string(),
                seats: row
                    .chars()
                    .enumerate()
                    .map(|(place, c)| Seat {
                        label: SeatLabel::new(&label.to_string(), &(place + 1).to_string()),
                        number: (place + 1).to_string(),
                        accessible: c == 'a',
                        blocked: c == '#',
                    })
                    .collect(),
            })
            .collect();
        let mut map = SeatMap::new(&rows);
        for (row, label) in drawn.iter().zip('A'..) {
            for (place, _) in row.chars().enumerate().filter(|(_, c)| *c == 'x') {
                map.take(&SeatLabel::new(&label.to_string(), &(place + 1).to_string()));
            }
        }
        map
    }

    fn best(drawn: &[&str], quantity: u32) -> Vec<String> {
        let seats = map(drawn)
            .best(SeatsWanted::ordinary(quantity))
            .unwrap_or_default();
        seats.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_empty_hall_fills_from_the_middle_of_the_front_row() {
        assert_eq!(best(&["..........", ".........."], 2), ["A-5", "A-6"]);
        assert_eq!(best(&[".....", "....."], 1), ["A-3"]);
    }

    #[test]
    fn an_orphan_is_avoided_even_at_the_cost_of_a_row() {
        assert_eq!(best(&["...", "...."], 2), ["B-1", "B-2"]);
    }

    #[test]
    fn an_orphan_is_left_if_it_must_be() {
        assert_eq!(best(&["...", "..."], 2), ["A-1", "A-2"]);
    }

    #[test]
    fn parties_are_split_into_the_fewest_groups() {
        assert_eq!(best(&["..x.", "...x"], 5), ["A-1", "A-2", "B-1", "B-2", "B-3"]);
        let split = SeatsWanted {
            adjacent: Adjacency::Required,
            ..SeatsWanted::ordinary(5)
        };
        assert_eq!(map(&["..x.", "...x"]).best(split), None);
    }

    #[test]
    fn accessible_and_blocked_seats_are_not_given_unasked() {
        assert_eq!(best(&["a#.a"], 1), ["A-3"]);
        assert_eq!(best(&["a#.a"], 2), Vec::<String>::new());
        let asked = SeatsWanted {
            access: Access::Accessible,
            ..SeatsWanted::ordinary(2)
        };
        assert_eq!(map(&["a#.a"]).best(asked).map(|seats| seats.len()), Some(2));
    }

    #[test]
    fn what_is_given_back_is_free_again() {
        let mut seats = map(&["...."]);
        let before = seats.best(SeatsWanted::ordinary(2));
        for label in before.iter().flatten() {
            seats.take(label);
        }
        assert_eq!(seats.free(Access::Ordinary), 2);
        for label in before.iter().flatten() {
            seats.give_back(label);
        }
        assert_eq!(seats.best(SeatsWanted::ordinary(2)), before);
    }
}
