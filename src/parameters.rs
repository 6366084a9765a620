//! What is said of a parameter that there is not, or that stands twice: every question's errors of this kind are worded here. The
//! pages know them by their words (`said::ERRORS`), so that another wording is one there too; a test holds the two together.

use crate::prices::FilterError;
use crate::words::nearest;

/// A name as it was typed, no longer than an error may quote.
pub(crate) fn shown(name: &str) -> String {
    name.chars().take(40).collect()
}

/// There is none of this name: one that is near, or all.
pub(crate) fn unknown(name: &str, known: &[&str]) -> FilterError {
    let shown = shown(name);
    let near = nearest(&shown, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
    let way_out = near.unwrap_or_else(|| format!("known are `{}`", known.join("`, `")));
    FilterError { message: format!("there is no parameter `{shown}`; {way_out}"), parameter: shown }
}

/// The same where the names that there are stand in a field of their own.
pub(crate) fn unknown_beside_list(name: &str, known: &[&str]) -> FilterError {
    let shown = shown(name);
    let hint = nearest(&shown, known.iter().copied()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    FilterError { message: format!("no parameter is called `{shown}`{hint}"), parameter: shown }
}

/// It takes one value, and has two.
pub(crate) fn twice(name: &str) -> FilterError {
    FilterError { parameter: name.to_owned(), message: format!("`{name}` is given twice; give it once") }
}

/// The same for the few parameters that are no filters.
pub(crate) fn twice_in_short(name: &str) -> FilterError {
    FilterError { parameter: name.to_owned(), message: format!("`{name}` is given twice") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::said::recognised;

    #[test]
    fn every_error_is_known_by_its_words_with_what_was_typed() {
        let known = ["gpu", "since"];
        for (error, text, message_id, values) in [
            (
                unknown("sinec", &known),
                "there is no parameter `sinec`; did you mean `since`?",
                "error-no-filter-near",
                vec!["sinec", "since"],
            ),
            (
                unknown("other", &known),
                "there is no parameter `other`; known are `gpu`, `since`",
                "error-no-filter",
                vec!["other", "gpu`, `since"],
            ),
            (
                unknown_beside_list("gpus", &known),
                "no parameter is called `gpus`; did you mean `gpu`?",
                "error-no-parameter-near",
                vec!["gpus", "gpu"],
            ),
            (unknown_beside_list("other", &known), "no parameter is called `other`", "error-no-parameter", vec!["other"]),
            (twice("since"), "`since` is given twice; give it once", "error-twice-once", vec!["since"]),
            (twice_in_short("since"), "`since` is given twice", "error-twice", vec!["since"]),
        ] {
            assert_eq!(error.message, text);
            let said = recognised(text).unwrap_or_else(|| panic!("no page knows `{text}`"));
            assert_eq!(said.message_id, message_id, "{text}");
            assert_eq!(said.arguments.iter().map(|argument| argument.value.as_str()).collect::<Vec<_>>(), values, "{text}");
        }
    }

    #[test]
    fn a_long_name_is_quoted_in_part_and_named_in_part() {
        let long = "x".repeat(500);
        for error in [unknown(&long, &["gpu"]), unknown_beside_list(&long, &["gpu"])] {
            assert_eq!(error.parameter, "x".repeat(40));
            assert!(error.message.contains(&format!("`{}`", error.parameter)) && error.message.len() < 100, "{error}");
        }
    }
}
