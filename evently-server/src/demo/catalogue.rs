//! What is on: invented events, one of every kind that an operator will meet.

use evently_core::Timestamp;
use evently_core::domain::{
    Currency, EventDraft, EventStatus, Metadata, Policy, RowDraft, SeatingDraft, SectionDraft,
    TicketTypeDraft, WaitlistPolicy,
};
use std::time::Duration;

pub(super) const HOUR: Duration = Duration::from_secs(60 * 60);
pub(super) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// One event of the demo.
pub(super) struct Show {
    /// What it is found again by, in its metadata.
    pub(super) slug: &'static str,
    name: &'static str,
    venue: &'static str,
    description: &'static str,
    timezone: &'static str,
    currency: &'static str,
    /// How many days ago it was listed.
    pub(super) listed: u32,
    starts: Starts,
    sales: Sales,
    pub(super) fate: Fate,
    parts: &'static [Part],
    per_user_limit: Option<u32>,
    waitlist: WaitlistPolicy,
    /// How many requests for tickets there were since.
    pub(super) requests: u32,
}

/// When it starts, in days from today, at this hour.
enum Starts {
    Ahead(u32, u32),
    Ago(u32, u32),
}

/// When its tickets are sold.
enum Sales {
    UntilStart,
    FromDaysAhead(u32),
    UntilDaysAgo(u32),
}

/// What becomes of it.
#[derive(PartialEq, Eq)]
pub(super) enum Fate {
    Held,
    Draft,
    Cancelled,
}

/// A section with its ticket types and their prices in minor units.
struct Part {
    name: &'static str,
    places: Places,
    types: &'static [(&'static str, i64)],
}

enum Places {
    Number(u32),
    /// Rows of so many seats; the ends of the last row are accessible.
    Rows(&'static [&'static str], u32),
}

const PLAIN: Show = Show {
    slug: "",
    name: "",
    venue: "",
    description: "",
    timezone: "UTC",
    currency: "USD",
    listed: 30,
    starts: Starts::Ahead(14, 19),
    sales: Sales::UntilStart,
    fate: Fate::Held,
    parts: &[],
    per_user_limit: None,
    waitlist: WaitlistPolicy::Auto,
    requests: 0,
};

/// The event that the burst of bookings is on.
pub(super) const BURST: &str = "harbour-festival";

/// Made last: where it is, the whole demo is.
pub(super) const LAST: &str = "winter-light-walk";

pub(super) const SHOWS: &[Show] = &[
    Show {
        slug: BURST,
        name: "Harbour Festival, main stage",
        venue: "Old Docks",
        description: "Three days of music by the water. Gates open at noon.",
        timezone: "Europe/Lisbon",
        currency: "EUR",
        starts: Starts::Ahead(45, 12),
        parts: &[
            Part {
                name: "Arena",
                places: Places::Number(20_000),
                types: &[("Weekend pass", 8_900), ("Under 18", 4_500)],
            },
            Part {
                name: "Pier terrace",
                places: Places::Number(400),
                types: &[("Terrace pass", 19_900)],
            },
        ],
        requests: 900,
        ..PLAIN
    },
    Show {
        slug: "string-quartets",
        name: "Three String Quartets",
        venue: "Glass Hall",
        description: "An evening of chamber music. Choose your seats, or let us choose the best.",
        timezone: "Europe/Vienna",
        currency: "EUR",
        starts: Starts::Ahead(12, 19),
        parts: &[
            Part {
                name: "Stalls",
                places: Places::Rows(&["A", "B", "C", "D", "E", "F", "G", "H", "J", "K"], 24),
                types: &[("Stalls", 4_800), ("Stalls, concession", 2_400)],
            },
            Part {
                name: "Balcony",
                places: Places::Rows(&["AA", "BB", "CC", "DD"], 18),
                types: &[("Balcony", 3_200)],
            },
        ],
        per_user_limit: Some(8),
        requests: 120,
        ..PLAIN
    },
    Show {
        slug: "midsummer-opera",
        name: "Midsummer Opera, opening night",
        venue: "Quarry Theatre",
        description: "Seats go on sale soon.",
        timezone: "Europe/Stockholm",
        currency: "SEK",
        starts: Starts::Ahead(90, 18),
        sales: Sales::FromDaysAhead(7),
        parts: &[Part {
            name: "Terraces",
            places: Places::Rows(
                &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"],
                40,
            ),
            types: &[("Terrace seat", 69_500)],
        }],
        ..PLAIN
    },
    Show {
        slug: "matinee",
        name: "The Clockmaker's Matinee",
        venue: "Little Playhouse",
        description: "For children from five and whoever brings them.",
        timezone: "America/Chicago",
        starts: Starts::Ahead(5, 14),
        parts: &[Part {
            name: "House",
            places: Places::Rows(&["A", "B", "C", "D", "E", "F"], 12),
            types: &[("Adult", 1_800), ("Child", 900)],
        }],
        requests: 22,
        ..PLAIN
    },
    Show {
        slug: "cellar-comedy",
        name: "Cellar Comedy Night",
        venue: "The Cellar",
        description: "Forty seats and one microphone. Sold out; join the waitlist.",
        timezone: "Europe/Dublin",
        currency: "EUR",
        starts: Starts::Ahead(3, 20),
        parts: &[Part {
            name: "Cellar",
            places: Places::Number(40),
            types: &[("Ticket", 1_500)],
        }],
        per_user_limit: Some(4),
        requests: 60,
        ..PLAIN
    },
    Show {
        slug: "glass-workshop",
        name: "Glassblowing for beginners",
        venue: "Kiln Yard",
        description: "A Saturday at the furnace, twelve places. Who waits is made an offer when a place frees.",
        timezone: "Europe/Prague",
        currency: "CZK",
        starts: Starts::Ahead(20, 9),
        parts: &[Part {
            name: "Workshop",
            places: Places::Number(12),
            types: &[("Place", 240_000)],
        }],
        per_user_limit: Some(2),
        waitlist: WaitlistPolicy::Offer,
        requests: 26,
        ..PLAIN
    },
    Show {
        slug: "evening-of-systems",
        name: "An Evening of Systems Programming",
        venue: "Civic Library",
        description: "Three talks, free of charge.",
        timezone: "America/Vancouver",
        currency: "CAD",
        starts: Starts::Ahead(9, 18),
        parts: &[Part {
            name: "Auditorium",
            places: Places::Number(180),
            types: &[("Seat", 0)],
        }],
        per_user_limit: Some(2),
        waitlist: WaitlistPolicy::Off,
        requests: 70,
        ..PLAIN
    },
    Show {
        slug: "city-run",
        name: "City Run, ten kilometres",
        venue: "Town Square",
        description: "Sales are closed; numbers are handed out on the day.",
        timezone: "Asia/Tokyo",
        currency: "JPY",
        starts: Starts::Ahead(2, 8),
        sales: Sales::UntilDaysAgo(1),
        parts: &[Part {
            name: "Start block",
            places: Places::Number(1_500),
            types: &[("Runner", 4_000), ("Student", 2_500)],
        }],
        requests: 380,
        ..PLAIN
    },
    Show {
        slug: "spring-fair",
        name: "Spring Craft Fair",
        venue: "Market Hall",
        description: "It was lovely.",
        timezone: "Europe/London",
        currency: "GBP",
        listed: 60,
        starts: Starts::Ago(6, 10),
        parts: &[Part {
            name: "Hall",
            places: Places::Number(800),
            types: &[("Visitor", 700), ("Family", 1_600)],
        }],
        requests: 310,
        ..PLAIN
    },
    Show {
        slug: "rooftop-cinema",
        name: "Rooftop Cinema",
        venue: "Car Park No. 4",
        description: "Cancelled: the roof is being mended.",
        timezone: "Australia/Melbourne",
        currency: "AUD",
        starts: Starts::Ahead(8, 20),
        fate: Fate::Cancelled,
        parts: &[Part {
            name: "Deck chairs",
            places: Places::Number(120),
            types: &[("Deck chair", 2_200)],
        }],
        requests: 35,
        ..PLAIN
    },
    Show {
        slug: LAST,
        name: "Winter Light Walk",
        venue: "Botanical Garden",
        description: "A draft: admins see it, nobody else does.",
        timezone: "Europe/Berlin",
        currency: "EUR",
        listed: 0,
        starts: Starts::Ahead(120, 17),
        fate: Fate::Draft,
        parts: &[Part {
            name: "Garden",
            places: Places::Number(600),
            types: &[("Walker", 1_200)],
        }],
        ..PLAIN
    },
];

impl Show {
    /// When it starts.
    fn starts_at(&self, today: Timestamp) -> Timestamp {
        match self.starts {
            Starts::Ahead(days, hour) => today + days * DAY + hour * HOUR,
            Starts::Ago(days, hour) => today - days * DAY + hour * HOUR,
        }
    }

    /// When it was listed.
    pub(super) fn listed_at(&self, today: Timestamp) -> Timestamp {
        today - self.listed * DAY
    }

    /// Until when requests for tickets came: now, or the end of its sales.
    pub(super) fn asked_until(&self, today: Timestamp, now: Timestamp) -> Timestamp {
        let closed = match self.sales {
            Sales::UntilDaysAgo(days) => today - days * DAY,
            Sales::UntilStart | Sales::FromDaysAhead(_) => self.starts_at(today),
        };
        closed.min(now)
    }

    /// The event as an admin describes it.
    pub(super) fn draft(&self, today: Timestamp) -> EventDraft {
        let starts_at = self.starts_at(today);
        let mut draft = EventDraft::general(self.name, self.venue, starts_at, starts_at + 3 * HOUR, 1);
        draft.description = self.description.to_owned();
        draft.timezone = self.timezone.to_owned();
        draft.currency = self.currency.parse().unwrap_or(Currency::USD);
        draft.sections = self.parts.iter().map(Part::section).collect();
        draft.ticket_types = self.parts.iter().flat_map(Part::types).collect();
        draft.metadata = Metadata::from_json(self.metadata());
        draft.policy = Policy {
            per_user_limit: self.per_user_limit,
            waitlist: self.waitlist,
            ..Policy::default()
        };
        match self.sales {
            Sales::UntilStart => {}
            Sales::FromDaysAhead(days) => draft.sales_open_at = Some(today + days * DAY),
            Sales::UntilDaysAgo(days) => draft.sales_close_at = Some(today - days * DAY),
        }
        if self.fate == Fate::Draft {
            draft.status = EventStatus::Draft;
        }
        draft
    }

    /// What its event is found again by: name and metadata.
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Its event's metadata, as JSON.
    pub(super) fn metadata(&self) -> String {
        format!(r#"{{"demo":"{}"}}"#, self.slug)
    }

    /// Whether it has seats to choose.
    pub(super) fn is_seated(&self) -> bool {
        self.parts
            .iter()
            .any(|part| matches!(part.places, Places::Rows(..)))
    }
}

impl Part {
    fn section(&self) -> SectionDraft {
        let seating = match &self.places {
            Places::Number(capacity) => SeatingDraft::General { capacity: *capacity },
            Places::Rows(labels, seats) => SeatingDraft::Reserved {
                rows: rows(labels, *seats),
            },
        };
        SectionDraft {
            id: None,
            name: self.name.to_owned(),
            seating,
        }
    }

    fn types(&self) -> impl Iterator<Item = TicketTypeDraft> {
        self.types.iter().map(|(name, price_minor)| TicketTypeDraft {
            id: None,
            name: (*name).to_owned(),
            section: self.name.to_owned(),
            price_minor: *price_minor,
            min_per_booking: 1,
            max_per_booking: Some(10),
        })
    }
}

fn rows(labels: &[&str], seats: u32) -> Vec<RowDraft> {
    let last = labels.len().saturating_sub(1);
    let row = |(place, label): (usize, &&str)| RowDraft {
        label: (*label).to_owned(),
        seats: (1..=seats).map(|number| number.to_string()).collect(),
        accessible: if place == last {
            vec!["1".to_owned(), seats.to_string()]
        } else {
            Vec::new()
        },
        blocked: Vec::new(),
    };
    labels.iter().enumerate().map(row).collect()
}
