//! Tables for people: no lines, no colour, readable at 100 columns. Programs take `--json`.

use std::fmt;

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Width, presets};

/// Columns where the output is no terminal.
const WIDTH: u16 = 100;

/// Rows under a header.
pub(super) struct Table {
    inner: comfy_table::Table,
    right: Vec<bool>,
}

impl Table {
    /// A header; a column whose name begins with `>` holds numbers, which stand at the right.
    pub(super) fn new(columns: &[&str]) -> Self {
        let mut inner = comfy_table::Table::new();
        inner.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        if !inner.is_tty() {
            inner.set_width(WIDTH);
        }
        let right: Vec<bool> = columns.iter().map(|column| column.starts_with('>')).collect();
        let header = columns.iter().zip(&right).map(|(column, right)| cell(column.trim_start_matches('>'), *right));
        inner.set_header(header.collect::<Vec<_>>());
        for (index, column) in inner.column_iter_mut().enumerate() {
            column.set_padding((0, 2));
            // A number that is broken over two lines is read wrongly.
            if right.get(index) == Some(&true) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        Self { inner, right }
    }

    /// Columns that are never broken, by number: names, ids.
    pub(super) fn whole(mut self, columns: &[usize]) -> Self {
        for column in columns {
            if let Some(column) = self.inner.column_mut(*column) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        self
    }

    /// The least a column is given.
    pub(super) fn at_least(mut self, column: usize, characters: u16) -> Self {
        if let Some(column) = self.inner.column_mut(column) {
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(characters)));
        }
        self
    }

    /// Adds a row.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let right = &self.right;
        let cells = cells.into_iter().enumerate().map(|(index, text)| cell(&text, right.get(index) == Some(&true)));
        self.inner.add_row(cells.collect::<Vec<_>>());
    }

    #[cfg(test)]
    fn narrow(mut self, width: u16) -> Self {
        self.inner.set_width(width);
        self
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No blanks at the ends of lines: they make a paste untidy and a comparison fail.
        self.inner.lines().try_for_each(|line| writeln!(f, "{}", line.trim_end()))
    }
}

/// `name   value` lines, values under one another.
pub(super) fn facts(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    rows.iter().map(|(name, value)| format!("{name:width$}  {value}\n")).collect()
}

/// A list that follows a word, in lines of at most [`WIDTH`] columns that break between items where they can.
pub(super) fn wrapped(head: &str, items: &[String], between: &str) -> String {
    let mut text = head.to_owned();
    let mut column = head.chars().count();
    for (index, item) in items.iter().enumerate() {
        let item = if index + 1 < items.len() { format!("{item}{between}") } else { item.clone() };
        let length = item.trim_end().chars().count();
        if column > head.chars().count() && column + length > usize::from(WIDTH) {
            text.truncate(text.trim_end().len());
            text.push_str("\n    ");
            column = 4;
        }
        text.push_str(&item);
        column += item.chars().count();
    }
    text.push('\n');
    text
}

fn cell(text: &str, right: bool) -> Cell {
    // A foreign text must not move the cursor or break the table.
    let text: String = text.chars().map(|character| if character.is_control() && character != '\n' { ' ' } else { character }).collect();
    Cell::new(text).set_alignment(if right { CellAlignment::Right } else { CellAlignment::Left })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_right_words_left_and_no_line_ends_in_a_blank() {
        let mut table = Table::new(&["gpu", ">USD/h", "at"]).narrow(100);
        table.row(["rtx-4090".to_owned(), "0.34".to_owned(), "runpod".to_owned()]);
        table.row(["l4".to_owned(), "12.5".to_owned(), String::new()]);
        assert_eq!(table.to_string(), "gpu       USD/h  at\nrtx-4090   0.34  runpod\nl4         12.5\n");
    }

    #[test]
    fn a_long_text_is_wrapped_and_a_number_is_not() {
        let mut table = Table::new(&["reason", ">USD/h"]).narrow(30);
        table.row(["a reason of many words that has no room".to_owned(), "1234.567891".to_owned()]);
        let text = table.to_string();
        assert!(text.contains("1234.567891") && text.lines().all(|line| line.chars().count() <= 30), "{text}");
    }

    #[test]
    fn a_list_breaks_between_its_items() {
        let items: Vec<String> = (1..=4).map(|number| format!("{number} {}", "x".repeat(40))).collect();
        let text = wrapped("seen: ", &items, ", ");
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 100 && !line.ends_with(' ')), "{text}");
        assert_eq!(wrapped("seen: ", &["a".to_owned(), "b".to_owned()], ", "), "seen: a, b\n");
    }

    #[test]
    fn a_foreign_text_cannot_steer_the_terminal() {
        let mut table = Table::new(&["a"]).narrow(100);
        table.row(["x\u{1b}[31my\r".to_owned()]);
        assert!(!table.to_string().contains(['\u{1b}', '\r']));
    }
}
