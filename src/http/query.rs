//! The query string as pairs, and the few parameters that are not filters of prices. A bad one is the project's problem
//! document, never the framework's plain text.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::problem::Problem;
use crate::parameters;
use crate::words::nearest;

/// More pairs than any question has.
const PAIRS_MAX: usize = 64;
/// More characters than any value has.
const VALUE_CHARACTERS_MAX: usize = 2000;

/// The pairs of a query string, decoded, in order.
#[derive(Debug)]
pub(super) struct Pairs(pub(super) Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Pairs {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        pairs(parts.uri.query().unwrap_or("")).map(Self)
    }
}

/// The pairs of a query string, decoded, in order. Pure: the same for every address.
///
/// # Errors
/// [`Problem`] where there are too many of them, or one is too long.
pub fn pairs(query: &str) -> Result<Vec<(String, String)>, Problem> {
    let mut pairs = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if pairs.len() == PAIRS_MAX || value.chars().count() > VALUE_CHARACTERS_MAX {
            let shown: String = name.chars().take(40).collect();
            return Err(Problem::parameter(
                shown,
                "",
                Vec::new(),
                format!("a query has at most {PAIRS_MAX} parameters of {VALUE_CHARACTERS_MAX} characters"),
            ));
        }
        pairs.push((name.into_owned(), value.into_owned()));
    }
    Ok(pairs)
}

/// One segment of an address, decoded; one that is no text is nobody's name.
pub(super) struct Segment(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let segment = axum::extract::Path::<String>::from_request_parts(parts, state).await;
        segment.map(|axum::extract::Path(text)| Self(text)).map_err(|_| Problem::not_found("this address holds bytes that are no text"))
    }
}

impl Pairs {
    /// The value of each known name; another name, or one twice, is an error.
    pub(super) fn only<const N: usize>(self, known: [&str; N]) -> Result<[Option<String>; N], Problem> {
        let mut values = [const { None }; N];
        for (name, value) in self.0 {
            let Some(position) = known.iter().position(|known| *known == name) else {
                let error = parameters::unknown_beside_list(&name, &known);
                let allowed = known.iter().map(|name| (*name).to_owned()).collect();
                return Err(Problem::parameter(error.parameter, value, allowed, error.message));
            };
            if values[position].is_some() {
                let error = parameters::twice_in_short(&name);
                return Err(Problem::parameter(error.parameter, value, Vec::new(), error.message));
            }
            values[position] = Some(value);
        }
        Ok(values)
    }
}

/// A whole number between bounds.
pub(super) fn number(name: &str, value: Option<String>, default: u32, most: u32) -> Result<u32, Problem> {
    let Some(value) = value else { return Ok(default) };
    value.parse().ok().filter(|number| (1..=most).contains(number)).ok_or_else(|| {
        Problem::parameter(name, value.clone(), vec![format!("1 to {most}")], format!("`{name}` must be a whole number from 1 to {most}"))
    })
}

/// A provider's slug that is known.
pub(super) fn provider(value: Option<String>) -> Result<Option<String>, Problem> {
    let Some(value) = value else { return Ok(None) };
    let known = crate::catalogue::slugs();
    if known.contains(&value.as_str()) {
        return Ok(Some(value));
    }
    let hint = nearest(&value, known.iter().copied()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    let detail = format!("no provider is called `{value}`{hint}");
    Err(Problem::parameter("provider", value, known.iter().map(|slug| (*slug).to_owned()).collect(), detail))
}
