//! The filters of prices as flags, made from the one list of them that the API has: same names, same errors.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};

use crate::prices::{FilterError, Filters, PARAMETERS, Parameter};

/// What was asked, as the pairs of a query string.
#[derive(Clone, Debug, Default)]
pub(super) struct Question {
    pairs: Vec<(String, String)>,
}

/// A flag that may stand without a value, and what it then means.
fn alone(name: &str) -> Option<&'static str> {
    match name {
        "free_egress" | "persistent_storage" => Some("true"),
        "slices" | "unverified" | "retired" => Some("include"),
        _ => None,
    }
}

/// GPUs stand without a flag; a cursor is for pages, and a command line has none.
fn is_flag(parameter: &&Parameter) -> bool {
    !matches!(parameter.name, "gpu" | "cursor")
}

/// The pairs of a question about the past: lists, values that stand once, and what is asked for by a flag alone. What was not
/// given is left out, so that the API's own defaults hold.
pub(super) fn pairs(lists: &[(&str, &[String])], single: &[(&str, Option<&str>)], flags: &[(&str, bool)]) -> Vec<(String, String)> {
    let lists = lists.iter().flat_map(|(name, values)| values.iter().map(|value| (*name, value.as_str())));
    let single = single.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
    let flags = flags.iter().filter(|(_, given)| *given).map(|(name, _)| (*name, "true"));
    lists.chain(single).chain(flags).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

impl Question {
    /// Reads the filters.
    ///
    /// # Errors
    /// The API's own.
    pub(super) fn filters(&self) -> Result<Filters, FilterError> {
        Filters::parse(self.pairs.iter().cloned())
    }

    /// The same for a list of offers.
    pub(super) fn filters_for_offers(&self) -> Result<Filters, FilterError> {
        Filters::parse_for_offers(self.pairs.iter().cloned())
    }
}

impl Args for Question {
    fn augment_args(command: Command) -> Command {
        let gpus =
            Arg::new("gpu").value_name("GPU").action(ArgAction::Append).num_args(0..).help("slugs, names or families: rtx-4090, h100");
        let flags = PARAMETERS.iter().filter(is_flag).map(|parameter| {
            let flag = Arg::new(parameter.name).long(parameter.name.replace('_', "-")).help(parameter.description);
            let flag = flag.action(if parameter.list { ArgAction::Append } else { ArgAction::Set }).hide_possible_values(true);
            match alone(parameter.name) {
                // With `=` only, so that the GPU that follows is not taken for its value.
                Some(value) => flag.num_args(0..=1).require_equals(true).default_missing_value(value).value_name("VALUE"),
                None => flag.value_name(if parameter.list { "VALUE,..." } else { "VALUE" }).allow_negative_numbers(true),
            }
        });
        command.arg(gpus).next_help_heading("Filters").args(flags).next_help_heading(None)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Question {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut question = Self::default();
        question.update_from_arg_matches(matches)?;
        Ok(question)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.pairs.clear();
        for parameter in PARAMETERS.iter().filter(|parameter| parameter.name != "cursor") {
            for value in matches.get_many::<String>(parameter.name).into_iter().flatten() {
                self.pairs.push((parameter.name.to_owned(), value.clone()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(arguments: &[&str]) -> Question {
        let command = Question::augment_args(Command::new("cheapest"));
        let matches = command.try_get_matches_from(std::iter::once(&"cheapest").chain(arguments)).unwrap_or_else(|error| panic!("{error}"));
        Question::from_arg_matches(&matches).unwrap_or_else(|error| panic!("{error}"))
    }

    fn parsed(pairs: &[(&str, &str)]) -> Filters {
        Filters::parse(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
            .unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn flags_ask_what_a_query_string_asks() {
        let asked =
            ask(&["rtx-4090", "h100", "--vram-min-gib", "24", "--market=spot", "--country", "FR,DE", "--by", "provider", "--limit", "3"]);
        let expected = parsed(&[
            ("gpu", "rtx-4090,h100"),
            ("vram_min_gib", "24"),
            ("market", "spot"),
            ("country", "FR,DE"),
            ("by", "provider"),
            ("limit", "3"),
        ]);
        assert_eq!(asked.filters(), Ok(expected));
    }

    #[test]
    fn a_flag_without_a_value_does_not_eat_the_gpu_behind_it() {
        let asked = ask(&["--unverified", "rtx-4090", "--free-egress"]);
        assert_eq!(asked.filters(), Ok(parsed(&[("gpu", "rtx-4090"), ("unverified", "include"), ("free_egress", "true")])));
        assert_eq!(ask(&["--unverified=exclude"]).filters(), Ok(parsed(&[("unverified", "exclude")])));
    }

    #[test]
    fn a_mistake_is_the_api_s_own_error() {
        let error = ask(&["rtx4900"]).filters().expect_err("no such GPU").to_string();
        assert!(error.contains("`rtx4900`") && error.contains("rtx-4090"), "{error}");
        assert!(ask(&["--price-max", "-1"]).filters().is_err());
        assert!(ask(&["--provider", "nobody"]).filters().is_err());
    }

    #[test]
    fn every_filter_of_the_api_is_a_flag() {
        let command = Question::augment_args(Command::new("cheapest"));
        for parameter in PARAMETERS.iter().filter(|parameter| parameter.name != "cursor") {
            assert!(command.get_arguments().any(|argument| argument.get_id() == parameter.name), "{}", parameter.name);
        }
    }
}
