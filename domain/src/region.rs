//! Countries and regions. A region's code is the provider's own; a country is ISO 3166-1 alpha-2 as the source or the
//! provider's manifest says it, never guessed from a city's name.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The finest place that has its own price, in the provider's own code; [`RegionCode::GLOBAL`] where one price holds
/// everywhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RegionCode(pub String);

impl RegionCode {
    /// The code of a price that is the same everywhere.
    pub const GLOBAL: &'static str = "global";
    /// The code of a place the source does not name.
    pub const UNKNOWN: &'static str = "unknown";

    /// One price everywhere.
    pub fn global() -> Self {
        Self(Self::GLOBAL.to_owned())
    }
}

impl fmt::Display for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An ISO 3166-1 alpha-2 country code that exists.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

/// Not the code of a country.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an ISO 3166-1 alpha-2 country code")]
pub struct CountryError(pub String);

impl Country {
    /// The two letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("only ASCII letters are accepted")
    }

    /// The continent: `AF`, `AN`, `AS`, `EU`, `NA`, `OC`, `SA`.
    pub fn continent(&self) -> &'static str {
        let number = place(self.0).and_then(|place| NUMBERS[place]).expect("only codes of the table are accepted");
        CONTINENTS[usize::from(number)].0
    }

    /// Every country of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        CONTINENTS.iter().flat_map(|(_, countries)| countries.split(' ')).filter_map(|code| code.parse().ok())
    }
}

/// The continents' codes, in the order of the table.
pub fn continents() -> impl Iterator<Item = &'static str> {
    CONTINENTS.iter().map(|(code, _)| *code)
}

impl FromStr for Country {
    type Err = CountryError;
    fn from_str(text: &str) -> Result<Self, CountryError> {
        let error = || CountryError(text.chars().take(20).collect());
        let &[a, b] = text.as_bytes() else { return Err(error()) };
        let code = [a.to_ascii_uppercase(), b.to_ascii_uppercase()];
        let known = place(code).is_some_and(|place| NUMBERS[place].is_some());
        if known { Ok(Self(code)) } else { Err(error()) }
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The continent's number of each pair of letters: a market has countries by the hundred thousand.
static NUMBERS: LazyLock<[Option<u8>; 26 * 26]> = LazyLock::new(|| {
    let mut numbers = [None; 26 * 26];
    for (number, (_, countries)) in (0..).zip(CONTINENTS) {
        for code in countries.split(' ') {
            if let &[a, b] = code.as_bytes()
                && let Some(place) = place([a, b])
            {
                numbers[place] = Some(number);
            }
        }
    }
    numbers
});

/// Where a pair of capital letters stands.
fn place([a, b]: [u8; 2]) -> Option<usize> {
    let letter = |byte: u8| byte.is_ascii_uppercase().then(|| usize::from(byte - b'A'));
    Some(letter(a)? * 26 + letter(b)?)
}

/// ISO 3166-1 alpha-2 by continent; transcontinental states stand where their capital does.
const CONTINENTS: [(&str, &str); 7] = [
    (
        "AF",
        "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW IO KE KM LR LS LY MA MG ML MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW",
    ),
    ("AN", "AQ BV GS HM TF"),
    (
        "AS",
        "AE AF AM AZ BD BH BN BT CC CN CX CY GE HK ID IL IN IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN MO MV MY NP OM PH PK PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE",
    ),
    (
        "EU",
        "AD AL AT AX BA BE BG BY CH CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK",
    ),
    ("NA", "AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC MF MQ MS MX NI PA PM PR SV SX TC TT US VC VG VI"),
    ("OC", "AS AU CK FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS"),
    ("SA", "AR BO BR CL CO EC FK GF GY PE PY SR UY VE"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_has_one_continent() {
        let all: Vec<_> = Country::all().collect();
        let unique: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(all.len(), unique.len());
        assert_eq!("fr".parse::<Country>().map(|country| country.continent()), Ok("EU"));
        assert_eq!("MX".parse::<Country>().map(|country| country.continent()), Ok("NA"));
    }

    #[test]
    fn what_is_no_country_is_refused() {
        for text in ["", "USA", "ZZ", "U", "é"] {
            assert!(text.parse::<Country>().is_err(), "{text}");
        }
    }
}
