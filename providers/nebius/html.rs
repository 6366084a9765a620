//! Finds the tables of the price page: blocks of `div`s that are told by their class, not by `table` and `tr`.
//!
//! A scanner of tags, not a browser: scripts, styles and comments are skipped, unclosed elements end with what holds
//! them. It knows no prices. Classes: `pc-highlight-table-block` and its `__title`, `__head`, `__row`, `__cell`.

/// One block: a title, and rows of cells as text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) title: String,
    /// The row of headings; the first row where none is marked as head.
    pub(super) headings: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Block,
    Title,
    Head,
    Row,
    Cell,
    Other,
}

impl Role {
    /// By the classes of an element.
    fn of(class: &str) -> Self {
        let named = |word: &str| match word.strip_prefix("pc-highlight-table-block")? {
            "" => Some(Self::Block),
            "__title" => Some(Self::Title),
            "__head" => Some(Self::Head),
            "__row" => Some(Self::Row),
            "__cell" => Some(Self::Cell),
            _ => None,
        };
        class.split_ascii_whitespace().find_map(named).unwrap_or(Self::Other)
    }
}

enum Token<'a> {
    Text(&'a str),
    Open { name: String, class: String },
    Close(String),
}

/// Elements that hold nothing and have no end tag.
const VOID: [&str; 12] = ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"];

/// Real pages nest some dozens of elements; this only bounds the work that a foreign page may cost.
const DEPTH_MAX: usize = 500;

/// Every table of the page, in order. One that the end of the text cuts is not among them, nor what follows a place
/// that is too deeply nested.
pub(super) fn tables(text: &str) -> Vec<Table> {
    let mut builder = Builder::default();
    let mut rest = text;
    while let Some(token) = next(&mut rest) {
        builder.take(token);
        if builder.open.len() > DEPTH_MAX {
            break;
        }
    }
    builder.tables
}

#[derive(Default)]
struct Builder {
    tables: Vec<Table>,
    open: Vec<(String, Role)>,
    table: Table,
    row: Vec<String>,
    cell: String,
}

impl Builder {
    fn take(&mut self, token: Token<'_>) {
        match token {
            Token::Text(text) => self.text(&decoded(text)),
            Token::Open { name, class } => {
                if !matches!(name.as_str(), "a" | "b" | "em" | "i" | "span" | "strong" | "sup" | "sub") {
                    self.text(" ");
                }
                if VOID.contains(&name.as_str()) {
                    return;
                }
                let role = Role::of(&class);
                match role {
                    Role::Block => self.table = Table::default(),
                    Role::Row => self.row.clear(),
                    Role::Cell => self.cell.clear(),
                    _ => {}
                }
                self.open.push((name, role));
            }
            Token::Close(name) => {
                let Some(at) = self.open.iter().rposition(|(open, _)| *open == name) else { return };
                while self.open.len() > at {
                    if let Some((_, role)) = self.open.pop() {
                        self.end(role);
                    }
                }
            }
        }
    }

    fn is_in(&self, wanted: Role) -> bool {
        self.open.iter().any(|(_, role)| *role == wanted)
    }

    fn text(&mut self, text: &str) {
        if self.is_in(Role::Cell) {
            self.cell.push_str(text);
        } else if self.is_in(Role::Title) {
            self.table.title.push_str(text);
        }
    }

    fn end(&mut self, role: Role) {
        match role {
            Role::Cell => self.row.push(single_spaced(&std::mem::take(&mut self.cell))),
            Role::Row => {
                let row = std::mem::take(&mut self.row);
                if self.table.headings.is_empty() && (self.is_in(Role::Head) || self.table.rows.is_empty()) {
                    self.table.headings = row;
                } else {
                    self.table.rows.push(row);
                }
            }
            Role::Block => {
                let mut table = std::mem::take(&mut self.table);
                table.title = single_spaced(&table.title);
                self.tables.push(table);
            }
            _ => {}
        }
    }
}

/// The next token; `rest` is what follows it.
fn next<'a>(rest: &mut &'a str) -> Option<Token<'a>> {
    loop {
        let text = *rest;
        let Some(at) = text.find('<') else {
            *rest = "";
            return (!text.is_empty()).then_some(Token::Text(text));
        };
        if at > 0 {
            *rest = &text[at..];
            return Some(Token::Text(&text[..at]));
        }
        if let Some(comment) = text.strip_prefix("<!--") {
            *rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let inside = &text[1..];
        if !inside.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
            // A lone `<` is text.
            *rest = inside;
            return Some(Token::Text("<"));
        }
        let end = tag_end(inside);
        let tag = &inside[..end];
        *rest = inside.get(end + 1..).unwrap_or("");
        if tag.starts_with(['!', '?']) {
            continue;
        }
        if let Some(name) = tag.strip_prefix('/') {
            return Some(Token::Close(tag_name(name)));
        }
        let name = tag_name(tag);
        if matches!(name.as_str(), "script" | "style" | "noscript" | "template" | "svg") {
            if !tag.ends_with('/') {
                skip_past_end(rest, &name);
            }
            continue;
        }
        let class = attribute(&tag[name.len().min(tag.len())..], "class").map(decoded).unwrap_or_default();
        return Some(Token::Open { name, class });
    }
}

/// Where the tag ends: the first `>` outside of quotes, or the end of the text.
fn tag_end(text: &str) -> usize {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, '>') => return at,
            _ => {}
        }
    }
    text.len()
}

fn tag_name(tag: &str) -> String {
    tag.chars().take_while(|c| !c.is_ascii_whitespace() && *c != '/').map(|c| c.to_ascii_lowercase()).collect()
}

/// Past the end tag of an element whose inside is no markup, or to the end of the text.
fn skip_past_end(rest: &mut &str, name: &str) {
    while let Some(at) = rest.find("</") {
        *rest = &rest[at + 2..];
        if rest.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name)) {
            *rest = rest.find('>').map_or("", |end| &rest[end + 1..]);
            return;
        }
    }
    *rest = "";
}

/// The value of an attribute that is quoted, or a word.
fn attribute<'a>(attributes: &'a str, wanted: &str) -> Option<&'a str> {
    let mut rest = attributes;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '/')).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let Some(value) = after.trim_start().strip_prefix('=') else {
            // A name without a value; a lone sign is passed over.
            rest = if name.is_empty() { rest.get(1..).unwrap_or("") } else { after };
            continue;
        };
        let value = value.trim_start();
        let (value, after) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
            _ => value.split_at(value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len())),
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = after;
    }
}

/// Text with the few entities of such pages as characters; another stays as it is.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity = rest.find(';').filter(|end| *end <= 10).and_then(|end| Some((entity(&rest[1..end])?, end)));
        match entity {
            Some((c, end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        "ndash" => Some('–'),
        "mdash" => Some('—'),
        "dollar" => Some('$'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

fn single_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(inside: &str) -> String {
        format!("<div class=\"x pc-highlight-table-block\">{inside}</div>")
    }

    const ROW: &str = r#"<div class="pc-highlight-table-block__row"><div class="pc-highlight-table-block__cell">"#;

    #[test]
    fn a_table_is_its_title_its_headings_and_its_rows() {
        let text = block(&format!(
            "<h2 class='pc-highlight-table-block__title'>GPU <b>Inst</b>ances</h2><section class=\"pc-highlight-table-block__head\">{ROW}\
             <p>Item</p></div></div></section>{ROW}A&nbsp;&amp;<br/>B<sup>**</sup></div>\
             <div class=pc-highlight-table-block__cell>&#36;7.85</div></div>"
        ));
        let expected = Table {
            title: "GPU Instances".to_owned(),
            headings: vec!["Item".to_owned()],
            rows: vec![vec!["A & B**".to_owned(), "$7.85".to_owned()]],
        };
        assert_eq!(tables(&text), [expected]);
    }

    #[test]
    fn scripts_comments_and_quoted_signs_are_no_tags() {
        let text = block(&format!(
            "<script>\"<div class='pc-highlight-table-block__row'>\"</script><!-- {ROW} --><i title='a > b'></i>{ROW}Item</div></div>"
        ));
        let found = tables(&text);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].headings.len(), found[0].rows.len()), (1, 0));
    }

    #[test]
    fn a_table_that_is_cut_is_none() {
        assert_eq!(tables(&format!("<div class=\"pc-highlight-table-block\">{ROW}Item</div></div>")), []);
    }

    #[test]
    fn a_page_that_is_nested_without_end_is_given_up() {
        let text = block(&format!("{ROW}Item</div></div>"));
        assert_eq!(tables(&format!("{text}{}{text}", "<div>".repeat(100_000))).len(), 1);
    }

    #[test]
    fn no_text_makes_it_panic() {
        let text = block(&format!("{ROW}é &nbsp; &#x1F600; &bad; < 3 <br> <a href='x'>€</a></div></div><style>é</style><!-- é -->"));
        for start in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
            tables(&text[start..]);
            tables(&text[..start]);
        }
        for odd in
            ["<", "</", "<a", "<a =", "<a ='", "<a class=", "<!", "<!--", "<script", "<script/>", "&#x;", "&#99999999;", "<é>", "<a/=b>"]
        {
            tables(odd);
            tables(&block(odd));
        }
    }
}
