//! Hints for mistyped words.

/// The nearest of `known` to `typed`, where it is near enough to be meant.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&typed, &word.to_lowercase()), word))
        .filter(|(distance, word)| *distance <= 1 + word.chars().count() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Foreign text as it may be shown: what would move a terminal's cursor, begin a line or turn the reading direction is
/// replaced by `\u{fffd}`.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if is_plain(c) { c } else { '\u{fffd}' }).collect()
}

/// Whether a character may be shown as it is.
pub fn is_plain(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::{nearest, plain};

    #[test]
    fn a_hint_is_given_only_where_it_is_near() {
        assert_eq!(nearest("rtx4900", ["rtx-4090", "a100", "h100"]), Some("rtx-4090"));
        assert_eq!(nearest("zzzz", ["rtx-4090", "a100"]), None);
    }

    #[test]
    fn what_would_take_over_a_terminal_is_not_shown() {
        assert_eq!(plain("RTX\u{1b}[31m\n4090\u{202e}\u{9b}x"), "RTX\u{fffd}[31m\u{fffd}4090\u{fffd}\u{fffd}x");
        assert_eq!(plain("Île-de-France, FR"), "Île-de-France, FR");
    }
}
