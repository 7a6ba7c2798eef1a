//! JSON text as a tree that borrows from it.
//!
//! The tree is what a typed target cannot be: it tells `null` from absent (a merge patch needs that), finds keys
//! that come twice wherever they are, and lets its reader name every wrong field at once. It costs one pass and
//! no copy of a string without escapes.

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::{borrow::Cow, cell::RefCell, collections::HashSet, fmt};

/// One JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    /// A whole number as far as 64 bits go.
    Unsigned(u64),
    /// A whole number below zero.
    Negative(i64),
    /// Any other number.
    Float(f64),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(Object<'a>),
}

/// The members of an object in their order, each name once.
pub(crate) type Object<'a> = Vec<(Cow<'a, str>, Json<'a>)>;

/// Why a text gave no tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum JsonError {
    /// It is not JSON, or JSON that cannot be told apart from other: a name twice, nested too deeply.
    Malformed,
    /// It is JSON with a number that no number here can hold; where that stands.
    NumberTooLarge(String),
}

/// How deep lists and objects may nest.
pub(crate) const MAX_DEPTH: usize = 32;

impl<'a> Json<'a> {
    /// Reads a whole text.
    pub(crate) fn parse(text: &'a [u8]) -> Result<Self, JsonError> {
        let trail = RefCell::new(Vec::new());
        let seed = Value {
            depth: 0,
            trail: &trail,
        };
        let mut deserializer = serde_json::Deserializer::from_slice(text);
        let value = seed
            .deserialize(&mut deserializer)
            .and_then(|value| deserializer.end().map(|()| value));
        value.map_err(|error| {
            // serde_json has no kind for this one; a test here holds its words.
            if error.to_string().starts_with("number out of range") {
                JsonError::NumberTooLarge(path_of(trail.into_inner()))
            } else {
                JsonError::Malformed
            }
        })
    }
}

/// A path such as `sections[0].capacity` from its steps, the last one first.
fn path_of(steps: Vec<Step<'_>>) -> String {
    let mut path = String::new();
    for step in steps.into_iter().rev() {
        match step {
            Step::Name(name) if path.is_empty() => path.push_str(&name),
            Step::Name(name) => path.extend([".", &name]),
            Step::Index(index) => path.push_str(&format!("[{index}]")),
        }
    }
    path
}

#[derive(Debug)]
enum Step<'a> {
    Name(Cow<'a, str>),
    Index(usize),
}

/// Reads one value; on the way back from an error it leaves a trail of where that was.
#[derive(Clone, Copy)]
struct Value<'t, 'a> {
    depth: usize,
    trail: &'t RefCell<Vec<Step<'a>>>,
}

impl<'a> Value<'_, 'a> {
    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom("nested too deeply"));
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }
}

impl<'a> DeserializeSeed<'a> for Value<'_, 'a> {
    type Value = Json<'a>;

    fn deserialize<D: serde::Deserializer<'a>>(self, deserializer: D) -> Result<Json<'a>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Value<'_, 'a> {
    type Value = Json<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json<'a>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'a>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'a>, E> {
        Ok(Json::Unsigned(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'a>, E> {
        Ok(Json::Negative(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json<'a>, E> {
        Ok(Json::Float(value))
    }

    fn visit_borrowed_str<E>(self, value: &'a str) -> Result<Json<'a>, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json<'a>, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut values: A) -> Result<Json<'a>, A::Error> {
        let inner = self.inner()?;
        let mut list = Vec::new();
        loop {
            match values.next_element_seed(inner) {
                Ok(Some(value)) => list.push(value),
                Ok(None) => return Ok(Json::List(list)),
                Err(error) => {
                    self.trail.borrow_mut().push(Step::Index(list.len()));
                    return Err(error);
                }
            }
        }
    }

    fn visit_map<A: MapAccess<'a>>(self, mut members: A) -> Result<Json<'a>, A::Error> {
        let inner = self.inner()?;
        let mut object = Object::new();
        while let Some(name) = members.next_key_seed(Name)? {
            match members.next_value_seed(inner) {
                Ok(value) => object.push((name, value)),
                Err(error) => {
                    self.trail.borrow_mut().push(Step::Name(name));
                    return Err(error);
                }
            }
        }
        if has_repeated_name(&object) {
            return Err(A::Error::custom("a name comes twice"));
        }
        Ok(Json::Object(object))
    }
}

/// Reads the name of a member, borrowed where it has no escapes.
struct Name;

impl<'a> DeserializeSeed<'a> for Name {
    type Value = Cow<'a, str>;

    fn deserialize<D: serde::Deserializer<'a>>(self, deserializer: D) -> Result<Cow<'a, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for Name {
    type Value = Cow<'a, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'a str) -> Result<Cow<'a, str>, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Cow<'a, str>, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

/// Few names are compared pair by pair, many through a set: a body of ten thousand names must stay cheap.
fn has_repeated_name(object: &Object<'_>) -> bool {
    if object.len() <= 16 {
        let mut rest = object.as_slice();
        while let Some(((name, _), later)) = rest.split_first() {
            if later.iter().any(|(other, _)| other == name) {
                return true;
            }
            rest = later;
        }
        return false;
    }
    let mut seen = HashSet::with_capacity(object.len());
    !object.iter().all(|(name, _)| seen.insert(name))
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Unsigned(value) => serializer.serialize_u64(*value),
            Self::Negative(value) => serializer.serialize_i64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::List(values) => serializer.collect_seq(values),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn malformed(text: &str) -> bool {
        Json::parse(text.as_bytes()) == Err(JsonError::Malformed)
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        for text in [
            "",
            " ",
            "{",
            "{\"a\":}",
            "{'a':1}",
            "{\"a\":1,}",
            "[1 2]",
            "{}x",
            "{}{}",
            "nul",
            "NaN",
            "01",
            "+1",
            "\"\\ud800\"",
            "\"\n\"",
            "\u{feff}{}",
            "{\"a\":1e}",
            "{\"a\":.5}",
            "//",
            "{a:1}",
        ] {
            assert!(malformed(text), "{text:?}");
        }
        assert_eq!(Json::parse(b"\"\xff\""), Err(JsonError::Malformed));
        assert_eq!(Json::parse(b"{\"\xff\":1}"), Err(JsonError::Malformed));
    }

    #[test]
    fn a_name_twice_is_malformed_at_any_depth() {
        for text in [
            "{\"a\":1,\"a\":1}",
            "{\"a\":1,\"\\u0061\":1}",
            "{\"x\":{\"a\":1,\"b\":2,\"a\":3}}",
            "[[{\"\":1,\"\":1}]]",
        ] {
            assert!(malformed(text), "{text}");
        }
        let many = |twice: &str| {
            let names: Vec<_> = (0..20).map(|number| format!("\"n{number}\":0")).collect();
            format!("{{{},\"{twice}\":0}}", names.join(","))
        };
        assert!(malformed(&many("n7")));
        assert!(!malformed(&many("n20")));
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(!malformed(&nested(MAX_DEPTH)));
        assert!(malformed(&nested(MAX_DEPTH + 1)));
        assert!(malformed(&"[".repeat(60_000)));
        assert!(malformed(&"{\"a\":".repeat(10_000)));
    }

    #[test]
    fn a_number_beyond_every_number_is_named_by_its_path() {
        let too_large = |text: &str| match Json::parse(text.as_bytes()) {
            Err(JsonError::NumberTooLarge(path)) => path,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(too_large("{\"quantity\":1e999}"), "quantity");
        assert_eq!(too_large("{\"a\":1,\"b\":[0,{\"c\":-1e999}]}"), "b[1].c");
        assert_eq!(too_large("1e999"), "");
    }

    #[test]
    fn numbers_keep_their_kind() {
        let parse = |text: &'static str| Json::parse(text.as_bytes()).unwrap();
        assert_eq!(parse("7"), Json::Unsigned(7));
        assert_eq!(parse("-7"), Json::Negative(-7));
        assert_eq!(parse("7.0"), Json::Float(7.0));
        assert_eq!(parse("7e2"), Json::Float(700.0));
        assert!(matches!(parse("99999999999999999999"), Json::Float(_)));
    }

    #[test]
    fn a_tree_is_written_as_it_was_read() {
        let text = r#"{"b":[1,-2,0.5,true,null,"x\n"],"a":{}}"#;
        let tree = Json::parse(text.as_bytes()).unwrap();
        assert_eq!(serde_json::to_string(&tree).unwrap(), text);
    }
}
