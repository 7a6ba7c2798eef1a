//! `verify`.

use super::engine;
use crate::failure::Failure;
use crate::progress;
use crate::settings::Settings;

/// Recounts everything, prints every difference.
pub(crate) async fn verify(settings: Settings) -> Result<(), Failure> {
    let evently = engine(&settings).await?;
    let spinner = progress::spinner("recounting events");
    let outcome = evently.verify(|events| spinner.set_position(events)).await;
    spinner.finish_and_clear();
    evently.shutdown().await;
    let report = outcome.map_err(|error| Failure::failed(format!("the recount was cut short: {error}")))?;
    for event in &report.wrong {
        for difference in &event.differences {
            println!(
                "event {}: {} is {} where the bookings say {}",
                event.event_id, difference.figure, difference.stored, difference.counted
            );
        }
    }
    let (events, wrong) = (report.events, report.wrong.len());
    println!("{events} events recounted, {wrong} differ.");
    if wrong > 0 {
        return Err(Failure::failed(format!(
            "{wrong} of {events} events differ from their bookings"
        )));
    }
    Ok(())
}
