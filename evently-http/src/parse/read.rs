//! What one JSON value may be: the readers that [`Fields`](super::fields::Fields) are read with.

use super::fields::Rule;
use super::json::Json;
use evently_core::domain::Timestamp;
use std::{ops::RangeInclusive, str::FromStr};

/// A text without the character NUL, which not every store can keep.
pub(crate) fn text<'a>(value: &'a Json<'_>) -> Result<&'a str, Rule> {
    match any_text(value)? {
        text if text.contains('\0') => Err("must not contain the character NUL".into()),
        text => Ok(text),
    }
}

/// Any text at all, for what is not kept as it is.
pub(crate) fn any_text<'a>(value: &'a Json<'_>) -> Result<&'a str, Rule> {
    match value {
        Json::Text(text) => Ok(text),
        _ => Err("must be a text".into()),
    }
}

/// A text for people: within a number of characters, none of them a control character.
pub(crate) fn line(most: usize) -> impl Fn(&Json<'_>) -> Result<String, Rule> {
    move |value| {
        let text = text(value)?;
        let chars = text.chars().count();
        if chars == 0 || chars > most || text.chars().any(char::is_control) {
            return Err(format!("must be 1 to {most} characters without control characters").into());
        }
        Ok(text.to_owned())
    }
}

/// True or false.
pub(crate) fn boolean(value: &Json<'_>) -> Result<bool, Rule> {
    match value {
        Json::Bool(value) => Ok(*value),
        _ => Err("must be true or false".into()),
    }
}

/// A whole number in a range, written as one: neither `1.0` nor `1e2`.
pub(crate) fn whole<N: TryFrom<u64> + TryFrom<i64> + PartialOrd + std::fmt::Display + Copy>(
    range: RangeInclusive<N>,
) -> impl Fn(&Json<'_>) -> Result<N, Rule> {
    move |value| {
        let number = match value {
            Json::Unsigned(number) => N::try_from(*number).ok(),
            Json::Negative(number) => N::try_from(*number).ok(),
            _ => None,
        };
        let fits = number.filter(|number| range.contains(number));
        fits.ok_or_else(|| format!("must be a whole number, {} to {}", range.start(), range.end()).into())
    }
}

/// An id: a UUID in its hyphenated form.
pub(crate) fn id<T: FromStr>(value: &Json<'_>) -> Result<T, Rule> {
    text(value)?.parse().map_err(|_| "must be a UUID".into())
}

/// One of a set of words.
pub(crate) fn word<T: Copy>(words: &'static [(&'static str, T)]) -> impl Fn(&Json<'_>) -> Result<T, Rule> {
    move |value| {
        let found = match value {
            Json::Text(text) => words.iter().find(|(word, _)| word == text),
            _ => None,
        };
        found.map(|(_, meaning)| *meaning).ok_or_else(|| {
            let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            format!("must be one of: {}", words.join(", ")).into()
        })
    }
}

/// A list of texts, at most so many.
pub(crate) fn texts<'a>(most: usize) -> impl Fn(&'a Json<'a>) -> Result<Vec<&'a str>, Rule> {
    move |value| match value {
        Json::List(list) if list.len() <= most => list.iter().map(text).collect(),
        Json::List(_) => Err(format!("must be at most {most}").into()),
        _ => Err("must be a list of texts".into()),
    }
}

/// An instant.
pub(crate) fn instant(value: &Json<'_>) -> Result<Timestamp, Rule> {
    const RULE: &str = "must be a time with an offset (RFC 3339), such as 2030-06-01T19:30:00Z";
    match value {
        Json::Text(text) if is_for_ever(text) => Err("must be before 9999-12-30T22:00:00Z".into()),
        Json::Text(text) => match parse_instant(text) {
            Some(at) if at < FIRST => Err("must not be before the year 1".into()),
            at => at.ok_or_else(|| RULE.into()),
        },
        _ => Err(RULE.into()),
    }
}

/// The beginning of the year 1: not every store knows years before it.
const FIRST: Timestamp = Timestamp::constant(-62_135_596_800, 0);

/// An instant to compare others with: of those of the last two days that a year of four digits has, which no
/// [`Timestamp`] can be, the last one that it can.
pub(crate) fn parse_bound(text: &str) -> Option<Timestamp> {
    match is_for_ever(text) {
        true => Some(Timestamp::MAX),
        false => parse_instant(text).map(|at| at.max(FIRST)),
    }
}

/// Whether the text is an instant of the last two days of the year 9999, which people write for ever.
fn is_for_ever(text: &str) -> bool {
    let last_days = ["9999-12-30T", "9999-12-31T"];
    let is_late = text
        .get(..11)
        .is_some_and(|day| last_days.iter().any(|last| last.eq_ignore_ascii_case(day)));
    // Nothing but the year hinders it: in another, it is an instant.
    is_late && parse_instant(text).is_none() && parse_instant(&text.replacen("9999", "9998", 1)).is_some()
}

/// An RFC 3339 date-time with its offset, cut to the microsecond; `None` for any other text, and for instants
/// that do not exist. The general parser takes more forms than the RFC does, so the form is checked first.
pub(crate) fn parse_instant(text: &str) -> Option<Timestamp> {
    is_rfc3339(text.as_bytes()).then_some(())?;
    let at: Timestamp = text.parse().ok()?;
    Some(evently_core::clock::to_micros(at))
}

fn is_rfc3339(text: &[u8]) -> bool {
    let shaped = |text: &[u8], shape: &[u8]| {
        text.len() == shape.len()
            && text.iter().zip(shape).all(|(byte, shape)| match shape {
                b'9' => byte.is_ascii_digit(),
                b'T' => byte.eq_ignore_ascii_case(&b'T'),
                other => byte == other,
            })
    };
    let Some((instant, rest)) = text.split_at_checked(19) else {
        return false;
    };
    let offset = match rest.strip_prefix(b".") {
        None => rest,
        Some(fraction) => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if !(1..=9).contains(&digits) {
                return false;
            }
            fraction.get(digits..).unwrap_or_default()
        }
    };
    let offset_ok = match offset {
        b"Z" | b"z" => true,
        [b'+' | b'-', clock @ ..] => {
            shaped(clock, b"99:99")
                && clock.get(..2).is_some_and(|hours| hours < &b"24"[..])
                && clock.get(3..).is_some_and(|minutes| minutes < &b"60"[..])
        }
        _ => false,
    };
    offset_ok && shaped(instant, b"9999-99-99T99:99:99")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rfc_3339_with_an_offset_is_an_instant() {
        for (text, read) in [
            ("2030-06-01T19:30:00Z", "2030-06-01T19:30:00Z"),
            ("2030-06-01t19:30:00z", "2030-06-01T19:30:00Z"),
            ("2030-06-01T19:30:00+02:00", "2030-06-01T17:30:00Z"),
            ("2030-06-01T19:30:00-00:00", "2030-06-01T19:30:00Z"),
            ("2030-06-01T19:30:00.5Z", "2030-06-01T19:30:00.5Z"),
            ("2030-06-01T19:30:00.123456789Z", "2030-06-01T19:30:00.123456Z"),
            ("2028-02-29T00:00:00Z", "2028-02-29T00:00:00Z"),
        ] {
            assert_eq!(
                parse_instant(text).map(|at| at.to_string()).as_deref(),
                Some(read),
                "{text}"
            );
        }
    }

    #[test]
    fn other_forms_and_impossible_instants_are_none() {
        for text in [
            "",
            "2030-06-01",
            "2030-06-01T19:30:00",
            "2030-06-01T19:30Z",
            "20300601T193000Z",
            "2030-06-01 19:30:00Z",
            "2030-06-01T19:30:00[UTC]",
            "2030-06-01T19:30:00Z[UTC]",
            "2030-06-01T19:30:00+02",
            "2030-06-01T19:30:00+2:00",
            "2030-06-01T19:30:00+0200",
            "2030-06-01T19:30:00+24:00",
            "2030-06-01T19:30:00+00:60",
            "2030-06-01T19:30:00.Z",
            "2030-06-01T19:30:00.1234567890Z",
            "2030-06-01T19:30:00,5Z",
            "+002030-06-01T19:30:00Z",
            "1893456000",
            "2030-02-30T00:00:00Z",
            "2029-02-29T00:00:00Z",
            "2030-13-01T00:00:00Z",
            "2030-06-01T24:00:00Z",
            "2030-06-01T19:60:00Z",
            "2030-06-01T19:30:00Zx",
            " 2030-06-01T19:30:00Z",
            "２030-06-01T19:30:00Z",
        ] {
            assert_eq!(parse_instant(text), None, "{text}");
        }
    }

    #[test]
    fn what_people_write_for_ever_is_the_last_instant_to_compare_with() {
        for text in [
            "9999-12-31T23:59:59Z",
            "9999-12-31t00:00:00+01:00",
            "9999-12-30T23:00:00.5Z",
        ] {
            assert_eq!(parse_bound(text), Some(Timestamp::MAX), "{text}");
            let refused = instant(&Json::Text(text.into())).unwrap_err();
            assert!(refused.contains("9999-12-30T22:00:00Z"), "{refused}");
        }
        for text in ["9999-12-31T24:00:00Z", "9999-12-32T00:00:00Z", "9999-12-31"] {
            assert_eq!(parse_bound(text), None, "{text}");
        }
        let early = "0000-12-31T23:59:59Z";
        assert_eq!(parse_bound(early), parse_instant("0001-01-01T00:00:00Z"));
        assert!(instant(&Json::Text(early.into())).is_err());
        assert_eq!(
            parse_bound("9999-12-30T21:00:00Z"),
            parse_instant("9999-12-30T21:00:00Z")
        );
    }

    #[test]
    fn a_whole_number_is_written_as_one_and_in_range() {
        let read = whole(1u32..=100);
        assert_eq!(read(&Json::Unsigned(100)), Ok(100));
        for value in [
            Json::Unsigned(0),
            Json::Unsigned(101),
            Json::Unsigned(u64::MAX),
            Json::Negative(-1),
            Json::Float(1.0),
            Json::Float(1e300),
            Json::Bool(true),
            Json::Text("1".into()),
            Json::List(vec![]),
            Json::Null,
        ] {
            assert!(read(&value).is_err(), "{value:?}");
        }
        assert_eq!(whole(0i64..=5)(&Json::Negative(-1)).ok(), None);
    }
}
