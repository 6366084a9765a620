//! Answers of the API as tables: `/api/v1/csv/...` asks `/api/v1/...` and writes the rows of its answer as CSV, with the
//! document's own names as columns. Nothing is computed here, and what an answer does not have has no column.

use std::collections::HashSet;
use std::fmt;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use tower::ServiceExt;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::{OpenApi, RefOr, Schema};

use super::problem::Problem;

/// The answers that are tables, and where their rows are: of two names the second is a list in each row of the first, and
/// its columns begin with its name.
const TABLES: &[(&str, &[&str])] = &[
    ("/api/v1/cheapest", &["items"]),
    ("/api/v1/offers", &["items"]),
    ("/api/v1/gpus", &["items"]),
    ("/api/v1/providers", &["items"]),
    ("/api/v1/collections", &["items"]),
    ("/api/v1/workloads", &["items"]),
    ("/api/v1/changes", &["items"]),
    ("/api/v1/history", &["items", "points"]),
    ("/api/v1/simulate", &["items"]),
    ("/api/v1/busy-share/{gpu}/{other}", &["curve"]),
    ("/api/v1/compare", &["workloads", "on"]),
    ("/api/v1/guides/{slug}", &["tiers", "gpus"]),
];
/// What stands before the rest of an address.
const PREFIX: &str = "/api/v1/csv";
const MEDIA_TYPE: &str = "text/csv; charset=utf-8; header=present";
/// Of the answer itself, in each row: of when it is, and whether its figures are made up.
const OF_THE_ANSWER: [&str; 2] = ["as_of", "sample"];

/// The address of an answer's table.
pub(super) fn address(path: &str) -> String {
    format!("{PREFIX}{}", path.strip_prefix("/api/v1").unwrap_or(path))
}

/// Adds the tables: each asks `api`, the same service without them.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(mut router: Router<S>, api: &Router) -> Router<S> {
    for (path, steps) in TABLES {
        let api = api.clone();
        router = router.route(&address(path), axum::routing::get(move |request: Request| table(api.clone(), steps, request)));
    }
    router
}

/// Describes the tables as their answers are described.
pub(super) fn describe(document: &mut OpenApi) {
    for (path, _) in TABLES {
        let Some(get) = document.paths.paths.get(*path).and_then(|item| item.get.clone()) else { continue };
        let mut operation = get;
        operation.operation_id = operation.operation_id.map(|id| format!("{id}_csv"));
        operation.summary = operation.summary.map(|summary| format!("As a table (CSV): {summary}"));
        if let Some(RefOr::T(response)) = operation.responses.responses.get_mut("200") {
            let text = utoipa::openapi::schema::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String).build();
            response.content.clear();
            response.content.insert("text/csv".to_owned(), ContentBuilder::new().schema(Some(Schema::Object(text))).build().into());
        }
        let mut item = utoipa::openapi::PathItem::default();
        item.get = Some(operation);
        document.paths.paths.insert(address(path), item);
    }
}

async fn table(api: Router, steps: &'static [&'static str], request: Request) -> Response {
    let asked = request.uri().path_and_query().map_or("", |asked| asked.as_str());
    let Some(uri) = asked.strip_prefix(PREFIX).and_then(|rest| format!("/api/v1{rest}").parse::<Uri>().ok()) else {
        return Problem::internal().into_response();
    };
    let own = asked.to_owned();
    // A request of its own: what the router noted on the first one, such as parts of its address, is not of this one.
    let mut inner = Request::new(Body::empty());
    *inner.uri_mut() = uri;
    let Ok(response) = api.oneshot(inner).await;
    if response.status() != StatusCode::OK {
        return response;
    }
    let Ok(body) = to_bytes(response.into_body(), usize::MAX).await else { return Problem::internal().into_response() };
    let share = super::clients::held();
    let work = move || {
        let _until_it_ends = share;
        rendered(&body, steps)
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok((csv, next))) => {
            let mut response = ([(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE))], csv).into_response();
            // RFC 8288: a table has no place to say that there is more.
            if let Some(next) =
                next.and_then(|cursor| HeaderValue::from_str(&format!("<{}>; rel=\"next\"", with_cursor(&own, &cursor))).ok())
            {
                response.headers_mut().insert(header::LINK, next);
            }
            response
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "an answer cannot be written as CSV");
            Problem::internal().into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a request's work ended badly");
            Problem::internal().into_response()
        }
    }
}

/// The same question, from a cursor on.
fn with_cursor(asked: &str, cursor: &str) -> String {
    let (path, query) = asked.split_once('?').unwrap_or((asked, ""));
    let kept = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "cursor");
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).append_pair("cursor", cursor).finish();
    format!("{path}?{query}")
}

/// JSON with its names in their order.
enum Node {
    Scalar(String),
    /// A number, or yes or no: without quotes in JSON.
    Bare(serde_json::Value),
    Null,
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

type Cells = Vec<(String, String)>;

impl Node {
    /// As it stands in a cell of its own.
    fn cell(&self) -> String {
        match self {
            Self::Scalar(text) => text.clone(),
            Self::Bare(value) => value.to_string(),
            Self::Null | Self::List(_) | Self::Object(_) => String::new(),
        }
    }
}

/// The table, and the answer's `next_cursor`.
fn rendered(json: &[u8], steps: &[&str]) -> Result<(Vec<u8>, Option<String>), String> {
    let document: Node = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    let Node::Object(fields) = document else { return Err("the answer is no object".to_owned()) };
    let mut head = Cells::new();
    for name in OF_THE_ANSWER {
        if let Some((_, node @ (Node::Scalar(_) | Node::Bare(_)))) = fields.iter().find(|(known, _)| known == name) {
            head.push((name.to_owned(), node.cell()));
        }
    }
    let mut rows = Vec::new();
    explode(&fields, steps, &head, "", &mut rows);
    let (mut columns, mut seen) = (Vec::<String>::new(), HashSet::new());
    for (name, _) in head.iter().chain(rows.iter().flatten()) {
        if seen.insert(name.clone()) {
            columns.push(name.clone());
        }
    }
    // A name that is an object in one row and null in another has its inner names only.
    let is_outer = |name: &String| columns.iter().any(|other| other.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.')));
    let columns: Vec<String> = columns.iter().filter(|name| !is_outer(name)).cloned().collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&columns).map_err(|error| error.to_string())?;
    for row in rows {
        let row: std::collections::HashMap<String, String> = row.into_iter().collect();
        let cells = columns.iter().map(|column| row.get(column).map_or("", String::as_str));
        writer.write_record(cells).map_err(|error| error.to_string())?;
    }
    let next = fields.iter().find_map(|(name, node)| match node {
        Node::Scalar(cursor) if name == "next_cursor" => Some(cursor.clone()),
        _ => None,
    });
    Ok((writer.into_inner().map_err(|error| error.to_string())?, next))
}

/// The rows at the end of `steps`, each with the plain fields of those it is in.
fn explode(fields: &[(String, Node)], steps: &[&str], before: &Cells, prefix: &str, rows: &mut Vec<Cells>) {
    let Some((step, rest)) = steps.split_first() else { return };
    let Some((_, Node::List(items))) = fields.iter().find(|(name, _)| name == step) else { return };
    for item in items {
        let Node::Object(fields) = item else { continue };
        let mut cells = before.clone();
        if rest.is_empty() {
            flatten(fields, prefix, &mut cells);
            rows.push(cells);
            continue;
        }
        for (name, node) in fields {
            match node {
                Node::Scalar(_) | Node::Bare(_) | Node::Null => cells.push((name.clone(), node.cell())),
                Node::List(_) | Node::Object(_) => {}
            }
        }
        explode(fields, rest, &cells, &format!("{}.", rest[0]), rows);
    }
}

fn flatten(fields: &[(String, Node)], prefix: &str, cells: &mut Cells) {
    for (name, node) in fields {
        let name = format!("{prefix}{name}");
        match node {
            Node::Object(inner) if !inner.is_empty() => flatten(inner, &format!("{name}."), cells),
            Node::Object(_) => cells.push((name, String::new())),
            list @ Node::List(_) => cells.push((name, list.to_string())),
            other => cells.push((name, other.cell())),
        }
    }
}

/// JSON again, for a list in a cell. Numbers and words alike stand in quotes there only where they did.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl serde::Serialize for Node {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Scalar(text) => serializer.serialize_str(text),
            Self::Bare(value) => value.serialize(serializer),
            Self::Null => serializer.serialize_none(),
            Self::List(items) => serializer.collect_seq(items),
            Self::Object(fields) => serializer.collect_map(fields.iter().map(|(name, node)| (name, node))),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bare(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Bare(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Bare(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Bare(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Node, A::Error> {
        let mut object = Vec::new();
        while let Some(field) = fields.next_entry()? {
            object.push(field);
        }
        Ok(Node::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, steps: &[&str], csv: &str) {
        assert_eq!(String::from_utf8(rendered(json.as_bytes(), steps).expect("a table").0).expect("text"), csv);
    }

    #[test]
    fn rows_keep_the_answer_s_names_in_their_order_and_objects_become_columns() {
        check(
            r#"{"as_of":"t","sample":true,"items":[{"z":"1","a":null,"o":{"x":2,"y":null},"l":["p",1,false]},{"z":"say \"a, b\"","a":"3","o":null,"l":[]}]}"#,
            &["items"],
            "as_of,sample,z,a,o.x,o.y,l\nt,true,1,,2,,\"[\"\"p\"\",1,false]\"\nt,true,\"say \"\"a, b\"\"\",3,,,[]\n",
        );
        check(r#"{"as_of":"t","items":[]}"#, &["items"], "as_of\n");
    }

    #[test]
    fn a_list_in_each_row_gives_a_row_of_each_with_what_it_is_in() {
        check(
            r#"{"sample":false,"workloads":[{"workload":"w","on":[{"gpu":"a"},{"gpu":"b"}],"x":{"y":1}},{"workload":"v","on":[]}]}"#,
            &["workloads", "on"],
            "sample,workload,on.gpu\nfalse,w,a\nfalse,w,b\n",
        );
    }

    #[test]
    fn every_table_is_of_an_answer_that_is_described() {
        let document = super::super::router::document();
        for (path, _) in TABLES {
            let table = document.paths.paths.get(&address(path)).and_then(|item| item.get.as_ref()).unwrap_or_else(|| panic!("{path}"));
            let RefOr::T(response) = &table.responses.responses["200"] else { panic!("{path}") };
            assert!(response.content.contains_key("text/csv") && response.content.len() == 1, "{path}");
        }
    }
}
