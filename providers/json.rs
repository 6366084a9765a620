//! Reading foreign JSON: every field is optional until proven, a bad one costs its row, never the answer.

use gpurate_domain::Nanos;
use serde_json::Value;

use crate::ShapeError;

/// Why a field cannot be used; becomes the reason of a rejected row.
pub type FieldError = String;

/// The array at `pointer`.
///
/// # Errors
/// [`ShapeError`] that says what stands there instead.
pub fn array<'a>(value: &'a Value, pointer: &str) -> Result<&'a Vec<Value>, ShapeError> {
    match value.pointer(pointer) {
        Some(Value::Array(rows)) => Ok(rows),
        other => Err(ShapeError::new(pointer, format!("expected a list, found {}", kind(other)))),
    }
}

/// The object at `pointer`.
///
/// # Errors
/// [`ShapeError`] that says what stands there instead.
pub fn object<'a>(value: &'a Value, pointer: &str) -> Result<&'a serde_json::Map<String, Value>, ShapeError> {
    match value.pointer(pointer) {
        Some(Value::Object(fields)) => Ok(fields),
        other => Err(ShapeError::new(pointer, format!("expected an object, found {}", kind(other)))),
    }
}

/// Text that must be there and not be empty.
///
/// # Errors
/// The reason for rejecting the row.
pub fn text<'a>(row: &'a Value, field: &str) -> Result<&'a str, FieldError> {
    optional_text(row, field)?.ok_or_else(|| format!("`{field}` is missing"))
}

/// Text that may be missing, null or empty (then `None`).
///
/// # Errors
/// The reason for rejecting the row, where something else stands there.
pub fn optional_text<'a>(row: &'a Value, field: &str) -> Result<Option<&'a str>, FieldError> {
    match row.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
        other => Err(format!("`{field}` is {} where text is expected", kind(other))),
    }
}

/// A decimal number that must be there: a JSON number, or text that reads as one.
///
/// # Errors
/// The reason for rejecting the row.
pub fn decimal(row: &Value, field: &str) -> Result<Nanos, FieldError> {
    optional_decimal(row, field)?.ok_or_else(|| format!("`{field}` is missing"))
}

/// A decimal number that may be missing or null.
///
/// # Errors
/// The reason for rejecting the row, where something else stands there.
pub fn optional_decimal(row: &Value, field: &str) -> Result<Option<Nanos>, FieldError> {
    match row.get(field) {
        None | Some(Value::Null) => Ok(None),
        // With exact numbers on, this is the text as the source wrote it.
        Some(Value::Number(number)) => parse_decimal(field, &number.to_string()).map(Some),
        Some(Value::String(text)) => parse_decimal(field, text).map(Some),
        other => Err(format!("`{field}` is {} where a number is expected", kind(other))),
    }
}

/// A whole number that may be missing or null; `2.0` counts as whole, `2.5` does not.
///
/// # Errors
/// The reason for rejecting the row.
pub fn optional_whole(row: &Value, field: &str) -> Result<Option<u64>, FieldError> {
    // Byte counts exceed a decimal's nine billion, so plain integers are read as such first.
    if let Some(Value::Number(number)) = row.get(field)
        && let Some(whole) = number.as_u64()
    {
        return Ok(Some(whole));
    }
    let Some(number) = optional_decimal(row, field)? else { return Ok(None) };
    let unit = gpurate_domain::money::NANOS_PER_UNIT;
    if number.0 < 0 || number.0 % unit != 0 {
        return Err(format!("`{field}` is `{number}` where a whole number is expected"));
    }
    Ok(u64::try_from(number.0 / unit).ok())
}

/// A decimal rounded to the nearest whole number, for speeds and sizes that are only attributes; missing, negative
/// or unreadable is `None`.
pub fn attribute_whole(row: &Value, field: &str) -> Option<u64> {
    if let Some(Value::Number(number)) = row.get(field)
        && let Some(whole) = number.as_u64()
    {
        return Some(whole);
    }
    let nanos = optional_decimal(row, field).ok()??.0;
    u64::try_from(nanos).ok().map(|nanos| (nanos + 500_000_000) / 1_000_000_000)
}

/// A truth value that may be missing or null.
///
/// # Errors
/// The reason for rejecting the row, where something else stands there.
pub fn optional_bool(row: &Value, field: &str) -> Result<Option<bool>, FieldError> {
    match row.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(truth)) => Ok(Some(*truth)),
        other => Err(format!("`{field}` is {} where true or false is expected", kind(other))),
    }
}

/// What stands somewhere, in words.
pub fn kind(value: Option<&Value>) -> &'static str {
    match value {
        None => "nothing",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "a truth value",
        Some(Value::Number(_)) => "a number",
        Some(Value::String(_)) => "text",
        Some(Value::Array(_)) => "a list",
        Some(Value::Object(_)) => "an object",
    }
}

fn parse_decimal(field: &str, text: &str) -> Result<Nanos, FieldError> {
    text.parse().map_err(|error| format!("`{field}`: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn d14_a_missing_field_is_said_and_a_null_is_none() {
        let row = json!({"a": null, "b": "x", "c": 0.24666666666666665, "d": {"e": 1}, "f": 3, "g": "NaN", "h": ""});
        assert_eq!(optional_text(&row, "a"), Ok(None));
        assert_eq!(optional_text(&row, "h"), Ok(None));
        assert_eq!(text(&row, "z"), Err("`z` is missing".to_owned()));
        assert!(text(&row, "c").is_err());
        assert_eq!(optional_whole(&row, "f"), Ok(Some(3)));
        assert!(optional_whole(&row, "c").is_err());
        assert!(decimal(&row, "g").is_err());
        assert!(decimal(&row, "d").is_err());
        assert!(optional_bool(&row, "f").is_err());
    }

    #[test]
    fn a_number_keeps_the_digits_of_its_source() {
        let row: Value = serde_json::from_str(r#"{"p": 1.3e-06, "q": 98.320000000}"#).expect("JSON");
        assert_eq!(decimal(&row, "p"), Ok(Nanos(1300)));
        assert_eq!(decimal(&row, "q"), Ok(Nanos(98_320_000_000)));
    }
}
