//! Reading events as they stand, without what a decision needs beyond: definition, version, counts and figures.

use crate::data::Data;
use crate::error::Fault;
use crate::keys::{self, Part};
use crate::rows::{self, Head};
use crate::values;
use evently_core::domain::{Event, EventFigures, EventId};
use evently_core::store::Listing;
use redis::{Cmd, Value};
use std::sync::Arc;

/// An event as it stands at one version.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) event: Arc<Event>,
    pub(crate) version: u64,
    pub(crate) head: Head,
}

impl Standing {
    /// As the catalogue lists it.
    pub(crate) fn listing(self) -> Listing {
        Listing {
            event: self.event,
            version: self.version,
            counts: self.head.counts,
        }
    }

    /// As analytics lists it.
    pub(crate) fn figures(self) -> EventFigures {
        EventFigures {
            event_id: self.event.id,
            name: self.event.name.clone(),
            starts_at: self.event.starts_at,
            currency: self.event.currency,
            sections: self.head.counts,
            stats: self.head.stats,
        }
    }
}

impl Data {
    /// Events as they stand, each at one version; `None` for one that does not exist. In the order of the ids.
    pub(crate) async fn standings(&self, ids: &[EventId]) -> Result<Vec<Option<Standing>>, Fault> {
        let commands = ids.iter().map(|id| self.ask_inventory(*id)).collect();
        let answers = self.connection.read_every(commands).await?;
        let mut standings = Vec::with_capacity(ids.len());
        for (id, answer) in ids.iter().zip(answers) {
            let standing = match self.read_inventory(*id, answer)? {
                Read::Known(standing) => standing,
                // The definition that was kept is an old one: asked again with the definition.
                Read::Outdated => self.standing_with_definition(*id).await?,
            };
            standings.push(standing);
        }
        Ok(standings)
    }

    /// One event as it stands.
    pub(crate) async fn standing(&self, id: EventId) -> Result<Option<Standing>, Fault> {
        Ok(self.standings(&[id]).await?.pop().flatten())
    }

    async fn standing_with_definition(&self, id: EventId) -> Result<Option<Standing>, Fault> {
        let answer = self.connection.read(inventory(id, true)).await?;
        match self.read_inventory(id, answer)? {
            Read::Known(standing) => Ok(standing),
            Read::Outdated => Err(Fault::damaged(format!("event {id} has no definition"))),
        }
    }

    /// The definition comes along unless one is kept.
    fn ask_inventory(&self, id: EventId) -> Cmd {
        inventory(id, self.definitions.kept(id).is_none())
    }

    fn read_inventory(&self, id: EventId, answer: Value) -> Result<Read, Fault> {
        let mut fields = values::list(answer)?.into_iter();
        let mut next = || values::optional_bytes(fields.next().unwrap_or_default());
        let (Some(version), Some(defined_in), Some(head)) = (next()?, next()?, next()?) else {
            return Ok(Read::Known(None));
        };
        let text = next()?;
        let (version, defined_in) = (decimal(&version)?, decimal(&defined_in)?);
        let kept = self
            .definitions
            .kept(id)
            .filter(|kept| kept.defined_in == defined_in);
        let event = match (kept, text) {
            (Some(kept), _) => kept.event,
            (None, Some(text)) => self.definitions.parse(id, defined_in, &text)?,
            (None, None) => return Ok(Read::Outdated),
        };
        Ok(Read::Known(Some(Standing {
            event,
            version,
            head: rows::head(&head)?,
        })))
    }
}

enum Read {
    Known(Option<Standing>),
    Outdated,
}

fn inventory(id: EventId, with_definition: bool) -> Cmd {
    let mut command = redis::cmd("HMGET");
    command
        .arg(keys::event(id, Part::Inventory))
        .arg(&["version", "defined_in", "head"]);
    if with_definition {
        command.arg("definition");
    }
    command
}

/// A number as its text.
pub(crate) fn decimal(text: &[u8]) -> Result<u64, Fault> {
    let text = std::str::from_utf8(text).map_err(Fault::damaged)?;
    text.parse().map_err(Fault::damaged)
}
