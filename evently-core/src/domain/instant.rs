//! How instants are written by serde: as text in a format for people, as the microseconds that they are cut to in any
//! other, where writing and reading a text would cost more than the rest.

pub(crate) mod required {
    use jiff::Timestamp;
    use jiff::fmt::serde::timestamp::microsecond::required;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        match to.is_human_readable() {
            true => at.serialize(to),
            false => required::serialize(at, to),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        match from.is_human_readable() {
            true => Timestamp::deserialize(from),
            false => required::deserialize(from),
        }
    }
}

pub(crate) mod optional {
    use jiff::Timestamp;
    use jiff::fmt::serde::timestamp::microsecond::optional;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(at: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
        match to.is_human_readable() {
            true => at.serialize(to),
            false => optional::serialize(at, to),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
        match from.is_human_readable() {
            true => Option::deserialize(from),
            false => optional::deserialize(from),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Instants {
        #[serde(with = "super::required")]
        one: Timestamp,
        #[serde(with = "super::optional")]
        other: Option<Timestamp>,
        #[serde(with = "super::optional")]
        none: Option<Timestamp>,
    }

    #[test]
    fn people_read_a_text() {
        let instants = Instants {
            one: "2026-12-01T10:04:36.000001Z".parse().unwrap(),
            other: Some(Timestamp::UNIX_EPOCH),
            none: None,
        };
        let text = serde_json::to_string(&instants).unwrap();
        let expected = r#"{"one":"2026-12-01T10:04:36.000001Z","other":"1970-01-01T00:00:00Z","none":null}"#;
        assert_eq!(text, expected);
        assert_eq!(serde_json::from_str::<Instants>(&text).unwrap(), instants);
    }
}
