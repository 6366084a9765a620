//! Removes what the manifest lists (addresses of hosts, names of persons) from a JSON answer, before anything is hashed or
//! kept. All else stays byte for byte: digits of numbers, order and spelling. Pure.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// What is removed, as a tree of the pointers' tokens.
#[derive(Debug, Default)]
pub(super) struct Redactions(Node);

#[derive(Debug, Default)]
struct Node {
    children: BTreeMap<String, Node>,
    /// Holds for every member of an object and every element of a list.
    every: Option<Box<Node>>,
    remove: bool,
}

impl Redactions {
    /// From JSON pointers in which `*` stands for every element.
    pub(super) fn new(pointers: &[String]) -> Self {
        let mut root = Node::default();
        for pointer in pointers {
            let mut node = &mut root;
            for token in pointer.split('/').skip(1) {
                node = match token {
                    "*" => node.every.get_or_insert_default(),
                    token => node.children.entry(token.replace("~1", "/").replace("~0", "~")).or_default(),
                };
            }
            node.remove = true;
        }
        Self(root)
    }

    /// Whether nothing is removed.
    pub(super) fn is_empty(&self) -> bool {
        self.0.children.is_empty() && self.0.every.is_none() && !self.0.remove
    }

    /// The body with `null` in place of what is removed; `None` where it is not JSON.
    pub(super) fn apply(&self, body: &[u8]) -> Option<Vec<u8>> {
        let raw: &RawValue = serde_json::from_slice(body).ok()?;
        let mut out = Vec::with_capacity(body.len());
        copy(raw, &[&self.0], &mut out).ok()?;
        Some(out)
    }
}

/// Copies a value to which all of `nodes` apply. Only values on the way to a removed one are looked into.
fn copy(raw: &RawValue, nodes: &[&Node], out: &mut Vec<u8>) -> serde_json::Result<()> {
    let text = raw.get();
    if nodes.iter().any(|node| node.remove) {
        out.extend_from_slice(b"null");
    } else if nodes.is_empty() || !text.starts_with(['{', '[']) {
        out.extend_from_slice(text.as_bytes());
    } else {
        serde_json::Deserializer::from_str(text).deserialize_any(Elements { nodes, out })?;
    }
    Ok(())
}

struct Elements<'a> {
    nodes: &'a [&'a Node],
    out: &'a mut Vec<u8>,
}

impl Elements<'_> {
    fn below(&self, key: &str) -> Vec<&Node> {
        self.nodes.iter().flat_map(|node| node.children.get(key).into_iter().chain(node.every.as_deref())).collect()
    }
}

impl<'de> Visitor<'de> for Elements<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut before = b'{';
        // Entry by entry: of a key that stands there twice both values are seen. The key is read decoded, so that `\u0069p`
        // does not hide `ip`.
        while let Some((key, value)) = map.next_entry::<String, &'de RawValue>()? {
            self.out.push(before);
            serde_json::to_writer(&mut *self.out, &key).map_err(A::Error::custom)?;
            self.out.push(b':');
            let nodes: Vec<_> = self.below(&key);
            let mut inner = Vec::new();
            copy(value, &nodes, &mut inner).map_err(A::Error::custom)?;
            self.out.append(&mut inner);
            before = b',';
        }
        self.out.extend_from_slice(if before == b'{' { b"{}" } else { b"}" });
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut before = b'[';
        let mut index = 0_usize;
        while let Some(value) = list.next_element::<&'de RawValue>()? {
            self.out.push(before);
            let nodes = self.below(&index.to_string());
            let mut inner = Vec::new();
            copy(value, &nodes, &mut inner).map_err(A::Error::custom)?;
            self.out.append(&mut inner);
            before = b',';
            index += 1;
        }
        self.out.extend_from_slice(if before == b'[' { b"[]" } else { b"]" });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(Value::Null), any::<i32>().prop_map(Value::from), "[a-c\\\\\"é]{0,3}".prop_map(Value::from)];
        leaf.prop_recursive(4, 40, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[abé\"]{1,2}", inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    /// The same by the plain way: through values.
    fn remove(value: &mut Value, tokens: &[&str]) {
        let Some((token, rest)) = tokens.split_first() else { return *value = Value::Null };
        match value {
            Value::Object(map) => {
                map.iter_mut().filter(|(key, _)| *token == "*" || key == token).for_each(|(_, inner)| remove(inner, rest));
            }
            Value::Array(list) => {
                let fits = |index: usize| *token == "*" || index.to_string() == *token;
                list.iter_mut().enumerate().filter(|(index, _)| fits(*index)).for_each(|(_, inner)| remove(inner, rest));
            }
            _ => {}
        }
    }

    proptest! {
        #[test]
        fn the_same_is_removed_as_by_the_plain_way(
            value in any_json(),
            pointers in proptest::collection::vec("(/(\\*|a|b|é|0|1)){1,3}", 0..3),
        ) {
            let found = Redactions::new(&pointers).apply(value.to_string().as_bytes()).expect("JSON");
            let mut expected = value;
            for pointer in &pointers {
                remove(&mut expected, &pointer.split('/').skip(1).collect::<Vec<_>>());
            }
            prop_assert_eq!(serde_json::from_slice::<Value>(&found).expect("JSON"), expected);
        }
    }

    #[track_caller]
    fn check(pointers: &[&str], body: &str, expected: Option<&str>) {
        let pointers: Vec<_> = pointers.iter().map(|&pointer| pointer.to_owned()).collect();
        let found = Redactions::new(&pointers).apply(body.as_bytes());
        assert_eq!(found.map(|found| String::from_utf8(found).expect("UTF-8")).as_deref(), expected);
    }

    #[test]
    fn a_star_stands_for_every_element_of_a_list_or_object() {
        let body =
            r#"{"n":2,"offers":[{"public_ipaddr":"10.1.2.3","dph": 0.24666666666666665},{"public_ipaddr":["a"],"x":{"public_ipaddr":1}}]}"#;
        let expected =
            r#"{"n":2,"offers":[{"public_ipaddr":null,"dph":0.24666666666666665},{"public_ipaddr":null,"x":{"public_ipaddr":1}}]}"#;
        check(&["/offers/*/public_ipaddr"], body, Some(expected));
        check(&["/*/ip"], r#"{"a":{"ip":1,"b":1e-07},"b":{"ip":2}}"#, Some(r#"{"a":{"ip":null,"b":1e-07},"b":{"ip":null}}"#));
        check(&["/*/ip", "/a/b"], r#"{"a":{"ip":1,"b":2}}"#, Some(r#"{"a":{"ip":null,"b":null}}"#));
        check(&["/*/1"], r#"[[1,2],[],{}]"#, Some(r#"[[1,null],[],{}]"#));
        check(&["/a~1b/~0c"], r#"{"a/b":{"~c":1}}"#, Some(r#"{"a/b":{"~c":null}}"#));
    }

    #[test]
    fn neither_an_escaped_nor_a_doubled_key_hides_a_value() {
        check(&["/*/ip"], r#"[{"\u0069p":"10.0.0.1","ip":"10.0.0.2"}]"#, Some(r#"[{"ip":null,"ip":null}]"#));
    }

    #[test]
    fn what_is_not_json_is_not_passed_off_as_redacted() {
        check(&["/ip"], "<html>10.0.0.1</html>", None);
        check(&["/ip"], r#"{"ip":"10.0.0.1""#, None);
        check(&["/ip"], r#"{"ip":1} {"ip":2}"#, None);
        check(&["/ip"], r#""text""#, Some(r#""text""#));
    }
}
