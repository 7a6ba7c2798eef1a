//! The reserved section of the model: which seats are free, and whether seats that were given are good ones.

/// How many seats the rows have.
pub(super) const ROWS: [usize; 2] = [4, 3];

/// The seats of the section by place; true is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hall {
    taken: Vec<bool>,
}

impl Hall {
    pub(super) fn empty() -> Self {
        Self {
            taken: vec![false; ROWS.iter().sum()],
        }
    }

    pub(super) fn free(&self) -> usize {
        self.taken.iter().filter(|taken| !**taken).count()
    }

    pub(super) fn is_taken(&self, seat: usize) -> bool {
        self.taken[seat]
    }

    pub(super) fn take(&mut self, seats: &[usize]) {
        seats.iter().for_each(|seat| self.taken[*seat] = true);
    }

    pub(super) fn give_back(&mut self, seats: &[usize]) {
        seats.iter().for_each(|seat| self.taken[*seat] = false);
    }

    /// The label of a seat.
    pub(super) fn label(seat: usize) -> String {
        match seat.checked_sub(ROWS[0]) {
            None => format!("A-{}", seat + 1),
            Some(place) => format!("B-{}", place + 1),
        }
    }

    /// The seat of a label.
    pub(super) fn seat(label: &str) -> Option<usize> {
        (0..ROWS.iter().sum()).find(|seat| Self::label(*seat) == label)
    }

    /// Whether so many seats are to be had next to each other.
    pub(super) fn has_together(&self, quantity: usize) -> bool {
        self.runs().iter().any(|run| run.len() >= quantity)
    }

    /// What is wrong with these seats as the best available ones (rule 11), if anything.
    ///
    /// Which of several equally good seatings it is, the rule leaves open; so does this.
    pub(super) fn fault(&self, seats: &[usize], quantity: usize) -> Option<String> {
        let mut sorted = seats.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        if sorted.len() != quantity || sorted.iter().any(|seat| self.taken[*seat]) {
            return Some(format!("{seats:?} are not {quantity} free seats of {self:?}"));
        }
        let pieces = self.pieces(&sorted);
        let fewest = self.fewest_pieces(quantity);
        if pieces > fewest {
            return Some(format!(
                "{seats:?} are {pieces} pieces, {fewest} would do in {self:?}"
            ));
        }
        if fewest == 1 && self.leaves_one_alone(&sorted) && self.could_leave_none_alone(quantity) {
            return Some(format!("{seats:?} leave a seat alone without need in {self:?}"));
        }
        None
    }

    /// The free stretches, each as its seats.
    fn runs(&self) -> Vec<Vec<usize>> {
        let mut runs: Vec<Vec<usize>> = Vec::new();
        let mut first = 0;
        for length in ROWS {
            let mut open = false;
            for seat in first..first + length {
                if self.taken[seat] {
                    open = false;
                } else if open {
                    runs.last_mut().expect("it is open").push(seat);
                } else {
                    runs.push(vec![seat]);
                    open = true;
                }
            }
            first += length;
        }
        runs
    }

    fn pieces(&self, sorted: &[usize]) -> usize {
        let runs = self.runs();
        let run_of = |seat: &usize| runs.iter().position(|run| run.contains(seat));
        let apart = |pair: &&[usize]| pair[0] + 1 != pair[1] || run_of(&pair[0]) != run_of(&pair[1]);
        1 + sorted.windows(2).filter(apart).count()
    }

    fn fewest_pieces(&self, quantity: usize) -> usize {
        let mut lengths: Vec<usize> = self.runs().iter().map(Vec::len).collect();
        lengths.sort_unstable();
        let (mut pieces, mut found) = (0, 0);
        while found < quantity {
            found += lengths.pop().expect("so many seats are free");
            pieces += 1;
        }
        pieces
    }

    fn leaves_one_alone(&self, seats: &[usize]) -> bool {
        let alone = |hall: &Self| hall.runs().iter().filter(|run| run.len() == 1).count();
        let mut after = self.clone();
        after.take(seats);
        // A seat that was alone and is taken makes up for none that is left alone.
        let were_alone = self
            .runs()
            .iter()
            .filter(|run| run.len() == 1 && !seats.contains(&run[0]))
            .count();
        alone(&after) > were_alone
    }

    fn could_leave_none_alone(&self, quantity: usize) -> bool {
        self.runs().iter().any(|run| {
            run.windows(quantity)
                .any(|stretch| !self.leaves_one_alone(stretch))
        })
    }
}
