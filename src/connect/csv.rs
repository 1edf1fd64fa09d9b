//! Reads CSV (RFC 4180) with whatever delimiter, and says whether it ended as a whole file ends.

use std::collections::HashSet;

use crate::base::limits;

use super::trouble::Trouble;

/// A table with its header.
#[derive(Debug, Default, PartialEq)]
pub struct Table {
    pub columns: Vec<String>,
    /// Rows with as many fields as there are columns.
    pub rows: Vec<Vec<String>>,
    /// Why there may have been more; nothing when the file is whole.
    pub gaps: Vec<Trouble>,
    /// The last record, when a file ends in one that is no data.
    pub trailer: Option<Vec<String>>,
}

/// How a table is written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Format {
    /// Found out from the header when absent.
    pub delimiter: Option<char>,
    /// The first field of the last record, which is no data but says that the file is whole.
    pub trailer: Option<String>,
}

/// # Errors
///
/// No header; two columns of one name; more columns or longer records than are taken.
pub fn parse(text: &str, format: &Format) -> Result<Table, Trouble> {
    let delimiter = format.delimiter.unwrap_or_else(|| detect(text));
    let mut reader = Records { rest: text, delimiter, number: 0, ends_open: false };
    let columns: Vec<String> = match reader.next()? {
        Some(columns) => columns.iter().map(|name| name.trim().to_owned()).collect(),
        None => {
            return Err(Trouble::content(
                "the file is empty",
                "write a first line with the names of the columns",
            ));
        }
    };
    check_columns(&columns)?;
    let mut table = Table { columns, ..Table::default() };
    while let Some(record) = reader.next()? {
        let values_max = limits::CONNECTOR_VALUES_MAX;
        if values_max < (table.rows.len() + 1) * table.columns.len() || values_max < reader.number {
            let message = format!("the file has more than {values_max} fields");
            return Err(Trouble::content(message, "leave out columns and people that nobody needs"));
        }
        let is_trailer =
            format.trailer.is_some() && record.first().map(|field| field.trim()) == format.trailer.as_deref();
        if is_trailer {
            table.trailer = Some(record);
            if !reader.rest.trim().is_empty() {
                table.gaps.push(Trouble::content("records follow the trailer", "the trailer must come last"));
            }
        } else if record.len() == table.columns.len() {
            table.rows.push(record);
        } else {
            // The first says enough, and a file can hold millions.
            if table.gaps.is_empty() {
                table.gaps.push(width(reader.number, record.len(), table.columns.len()));
            }
        }
    }
    if reader.ends_open {
        // Its last field may be cut in the middle.
        if table.trailer.is_none() {
            table.rows.pop();
        }
        table.gaps.push(Trouble::content(
            "the file does not end with a line break: it may have been cut off",
            "end the last line with a line break, or a record that the setting complete.trailer names",
        ));
    }
    match (&format.trailer, &table.trailer) {
        (Some(_), None) => table.gaps.push(Trouble::content(
            "the trailer is missing: the file may have been cut off",
            "let the last record begin with what complete.trailer says",
        )),
        (Some(_), Some(trailer)) => check_count(trailer, table.rows.len(), &mut table.gaps),
        (None, _) => {}
    }
    Ok(table)
}

fn width(record: usize, found: usize, wanted: usize) -> Trouble {
    Trouble::content(
        format!("record {record} has {found} fields, but there are {wanted} columns"),
        "put fields that hold the delimiter or a line break in quotes",
    )
}

fn check_count(trailer: &[String], rows: usize, gaps: &mut Vec<Trouble>) {
    let declared = trailer.iter().skip(1).find_map(|field| field.trim().parse::<usize>().ok());
    if let Some(declared) = declared.filter(|declared| *declared != rows) {
        gaps.push(Trouble::content(
            format!("the trailer says {declared} records, but there are {rows}"),
            "the file may have been cut off or written twice",
        ));
    }
}

fn check_columns(columns: &[String]) -> Result<(), Trouble> {
    if limits::CONNECTOR_COLUMNS_MAX < columns.len() {
        let message = format!(
            "the file has {} columns; at most {} are taken",
            columns.len(),
            limits::CONNECTOR_COLUMNS_MAX
        );
        return Err(Trouble::content(message, "leave out columns that nobody needs, or name the delimiter"));
    }
    let mut seen = HashSet::new();
    match columns.iter().find(|name| !name.is_empty() && !seen.insert(name.as_str())) {
        Some(name) => Err(Trouble::settings(
            "columns",
            format!("two columns of the file are called {name:?}"),
            "give each column a name of its own",
        )),
        None => Ok(()),
    }
}

/// The delimiter that the header has most of, outside quotes.
fn detect(text: &str) -> char {
    let mut quoted = false;
    let mut counts = [(',', 0), (';', 0), ('\t', 0), ('|', 0)];
    for letter in text.chars() {
        match letter {
            '"' => quoted = !quoted,
            '\n' if !quoted => break,
            _ if !quoted => {
                counts.iter_mut().filter(|(known, _)| *known == letter).for_each(|(_, count)| *count += 1)
            }
            _ => {}
        }
    }
    // The first of equals: a comma when there is a single column.
    counts.iter().fold((',', 0), |best, next| if best.1 < next.1 { *next } else { best }).0
}

struct Records<'t> {
    rest: &'t str,
    delimiter: char,
    number: usize,
    /// The text ended before the record did.
    ends_open: bool,
}

impl Records<'_> {
    /// The next record that isn't an empty line.
    fn next(&mut self) -> Result<Option<Vec<String>>, Trouble> {
        loop {
            if self.rest.is_empty() {
                return Ok(None);
            }
            self.number += 1;
            let record = self.record()?;
            if record.iter().any(|field| !field.trim().is_empty()) {
                return Ok(Some(record));
            }
        }
    }

    fn record(&mut self) -> Result<Vec<String>, Trouble> {
        let mut fields = Vec::new();
        let mut field = String::new();
        let (mut quoted, mut bytes) = (false, 0);
        let mut letters = self.rest.char_indices().peekable();
        let mut end = None;
        while let Some((at, letter)) = letters.next() {
            bytes += letter.len_utf8();
            if limits::CONNECTOR_RECORD_BYTES_MAX < bytes {
                return Err(too_long(self.number));
            }
            match letter {
                '"' if quoted && letters.peek().is_some_and(|(_, next)| *next == '"') => {
                    letters.next();
                    field.push('"');
                }
                '"' if quoted => quoted = false,
                '"' if field.is_empty() => quoted = true,
                '\n' if !quoted => {
                    end = Some(at + 1);
                    break;
                }
                '\r' if !quoted && letters.peek().is_none_or(|(_, next)| *next == '\n') => {}
                _ if letter == self.delimiter && !quoted => fields.push(std::mem::take(&mut field)),
                _ => field.push(letter),
            }
        }
        fields.push(field);
        self.ends_open = end.is_none();
        self.rest = &self.rest[end.unwrap_or(self.rest.len())..];
        Ok(fields)
    }
}

fn too_long(record: usize) -> Trouble {
    Trouble::content(
        format!("record {record} is longer than {} bytes", limits::CONNECTOR_RECORD_BYTES_MAX),
        "a quote may be missing at the end of a field",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        parse(text, &Format::default()).expect("a table")
    }

    #[test]
    fn quotes_delimiters_and_line_ends_are_read() {
        let expected = [["1", "Doe, Jane"], ["2", "a \"b\"\nc"]].map(|row| row.map(str::to_owned).to_vec());
        for delimiter in [',', ';', '\t', '|'] {
            for end in ["\n", "\r\n"] {
                let text = format!(
                    "id{delimiter}name{end}1{delimiter}\"Doe, Jane\"{end}2{delimiter}\"a \"\"b\"\"\nc\"{end}{end}"
                );
                let table = table(&text);
                assert_eq!(table.rows, expected, "{text:?}");
                assert!(table.gaps.is_empty(), "{:?}", table.gaps);
            }
        }
    }

    #[test]
    fn a_file_cut_anywhere_is_never_taken_for_whole() {
        let whole = "id,name\n1,Jane\n2,\"Doe, Joe\"\n3,Zoë\nEND,3\n";
        let format = Format { trailer: Some("END".to_owned()), ..Format::default() };
        assert!(parse(whole, &format).expect("a table").gaps.is_empty());
        for at in (1..whole.len()).filter(|at| whole.is_char_boundary(*at)) {
            let is_whole = parse(&whole[..at], &format).is_ok_and(|table| table.gaps.is_empty());
            assert!(!is_whole, "cut at {at}");
        }
        // Without a trailer a cut between two lines can't be seen; within one it is, and that line is left out.
        let cut = table("id,name\n1,Jane\n2,Jo");
        assert_eq!((cut.rows.len(), cut.gaps.len()), (1, 1));
    }

    #[test]
    fn a_row_of_another_width_is_left_out_and_ends_completeness() {
        let table = table("id,name\n1,Doe, Jane\n2,Joe\n");
        assert_eq!((table.rows.len(), table.gaps.len()), (1, 1));
    }

    #[test]
    fn two_columns_of_one_name_are_refused() {
        assert_eq!(parse("id,mail,mail\n", &Format::default()).expect_err("refused").field, "columns");
    }

    #[test]
    fn a_record_is_read_up_to_its_limit_and_refused_beyond() {
        let text = |bytes: usize| format!("id\n{}\n", "x".repeat(bytes));
        // The line break counts.
        assert!(parse(&text(limits::CONNECTOR_RECORD_BYTES_MAX - 1), &Format::default()).is_ok());
        assert!(parse(&text(limits::CONNECTOR_RECORD_BYTES_MAX), &Format::default()).is_err());
    }

    #[test]
    fn columns_are_taken_up_to_their_limit_and_refused_beyond() {
        let text = |count: usize| (0..count).map(|at| format!("c{at}")).collect::<Vec<_>>().join(",") + "\n";
        assert!(parse(&text(limits::CONNECTOR_COLUMNS_MAX), &Format::default()).is_ok());
        assert!(parse(&text(limits::CONNECTOR_COLUMNS_MAX + 1), &Format::default()).is_err());
    }

    #[test]
    fn fields_are_taken_up_to_their_limit_and_refused_beyond() {
        let rows = limits::CONNECTOR_VALUES_MAX / 100;
        let header = (0..100).map(|at| format!("c{at}")).collect::<Vec<_>>().join(",") + "\n";
        let text = |rows: usize| header.clone() + &("x".to_owned() + &",".repeat(99) + "\n").repeat(rows);
        assert!(parse(&text(rows), &Format::default()).is_ok());
        assert!(parse(&text(rows + 1), &Format::default()).is_err());
    }
}
