//! JSON merge patch (RFC 7396).

use super::json::{Json, Object};

/// Merges a patch into a target: objects member by member, `null` removes, anything else replaces.
pub(crate) fn merge<'a>(target: &mut Json<'a>, patch: Json<'a>) {
    let Json::Object(members) = patch else {
        *target = patch;
        return;
    };
    if !matches!(target, Json::Object(_)) {
        *target = Json::Object(Object::new());
    }
    let Json::Object(object) = target else {
        return;
    };
    for (name, value) in members {
        let place = object.iter().position(|(own, _)| *own == name);
        match (place, value) {
            (Some(place), Json::Null) => {
                object.remove(place);
            }
            (None, Json::Null) => {}
            (Some(place), value) => {
                if let Some((_, own)) = object.get_mut(place) {
                    merge(own, value);
                }
            }
            (None, value) => {
                let mut own = Json::Null;
                merge(&mut own, value);
                object.push((name, own));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 7396, appendix A (those whose target is JSON that a body can hold).
    #[test]
    fn the_rfcs_examples_hold() {
        for (target, patch, merged) in [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"a":null}"#, r#"{}"#),
            (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
            (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
            (
                r#"{"a":{"b":"c"}}"#,
                r#"{"a":{"b":"d","c":null}}"#,
                r#"{"a":{"b":"d"}}"#,
            ),
            (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
            (r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#),
            (r#"{"a":"b"}"#, r#"["c"]"#, r#"["c"]"#),
            (r#"{"a":"foo"}"#, r#"null"#, r#"null"#),
            (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
            (r#"[1,2]"#, r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
            (r#"{}"#, r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
        ] {
            let mut json = Json::parse(target.as_bytes()).unwrap();
            merge(&mut json, Json::parse(patch.as_bytes()).unwrap());
            assert_eq!(
                serde_json::to_string(&json).unwrap(),
                merged,
                "{target} + {patch}"
            );
        }
    }
}
