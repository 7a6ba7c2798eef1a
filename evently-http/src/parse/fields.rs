//! Reading the members of a JSON object, noting everything that is wrong with them.

use super::json::{Json, Object};
use crate::problem::Problem;
use evently_core::domain::FieldError;
use std::borrow::Cow;

/// What a value must be, as the end of a sentence that begins with the field's name.
pub(crate) type Rule = Cow<'static, str>;

/// Everything found wrong so far.
#[derive(Debug, Default)]
pub(crate) struct Errors(Vec<FieldError>);

impl Errors {
    /// Notes that a field is wrong.
    pub(crate) fn add(&mut self, field: impl Into<String>, rule: impl Into<Rule>) {
        self.0.push(FieldError::new(field, rule.into().into_owned()));
    }

    /// The value, if nothing was wrong; 422 otherwise.
    pub(crate) fn none_or<T>(self, value: Option<T>) -> Result<T, Problem> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(Problem::invalid(self.0)),
        }
    }
}

/// The members of one object, at their place in the body.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a> {
    object: &'a Object<'a>,
    /// What stands before a member's name in its path: empty, or such as `sections[0].`.
    prefix: String,
}

impl<'a> Fields<'a> {
    /// The members of the body itself.
    pub(crate) fn of(object: &'a Object<'a>) -> Self {
        Self {
            object,
            prefix: String::new(),
        }
    }

    /// A member's path in the body.
    pub(crate) fn path(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// A member that is there and not null.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Json<'a>> {
        let member = self.object.iter().find(|(own, _)| own == name);
        member
            .map(|(_, value)| value)
            .filter(|value| **value != Json::Null)
    }

    /// Whether a member is there and not null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A member that may be left out, or null.
    pub(crate) fn optional<T>(
        &self,
        errors: &mut Errors,
        name: &str,
        read: impl FnOnce(&'a Json<'a>) -> Result<T, Rule>,
    ) -> Option<T> {
        match read(self.get(name)?) {
            Ok(value) => Some(value),
            Err(rule) => {
                errors.add(self.path(name), rule);
                None
            }
        }
    }

    /// A member that must be there.
    pub(crate) fn required<T>(
        &self,
        errors: &mut Errors,
        name: &str,
        read: impl FnOnce(&'a Json<'a>) -> Result<T, Rule>,
    ) -> Option<T> {
        if !self.has(name) {
            errors.add(self.path(name), "is required");
            return None;
        }
        self.optional(errors, name, read)
    }

    /// The members of an object that may be left out, or null.
    pub(crate) fn object(&self, errors: &mut Errors, name: &str) -> Option<Self> {
        match self.get(name)? {
            Json::Object(object) => Some(Self {
                object,
                prefix: format!("{}{name}.", self.prefix),
            }),
            _ => {
                errors.add(self.path(name), "must be an object");
                None
            }
        }
    }

    /// What `read` makes of each object of a list that may be left out, or null. At most `most` of them.
    pub(crate) fn objects<T>(
        &self,
        errors: &mut Errors,
        name: &str,
        most: usize,
        mut read: impl FnMut(&mut Errors, Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Json::List(list) = self.get(name)? else {
            errors.add(self.path(name), "must be a list of objects");
            return None;
        };
        if list.len() > most {
            errors.add(self.path(name), format!("must be at most {most}"));
            return None;
        }
        let mut values = Vec::with_capacity(list.len());
        for (index, value) in list.iter().enumerate() {
            let place = format!("{}{name}[{index}]", self.prefix);
            if let Json::Object(object) = value {
                let prefix = place + ".";
                values.extend(read(errors, Self { object, prefix }));
            } else {
                errors.add(place, "must be an object");
            }
        }
        Some(values)
    }
}
