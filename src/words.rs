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

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_hint_is_given_only_where_it_is_near() {
        assert_eq!(nearest("rtx4900", ["rtx-4090", "a100", "h100"]), Some("rtx-4090"));
        assert_eq!(nearest("zzzz", ["rtx-4090", "a100"]), None);
    }
}
