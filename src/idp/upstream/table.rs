//! The customer's people as rows of a report or a file, and these as JSON, NDJSON or CSV.

use serde_json::{Map, Value};

use super::faults::FaultKind;
use super::people::{People, Person, Standing};

/// One row: column and text, none where the report leaves it out.
pub type Row = Vec<(String, Option<String>)>;

/// The columns of a Workday report as its owner named them.
pub fn report_row(people: &People, person: &Person) -> Row {
    let status = match person.standing {
        Standing::Active => "Active",
        Standing::Expected => "Future Hire",
        Standing::Suspended | Standing::Archived => "On Leave",
        Standing::Terminated | Standing::Deleted => "Terminated",
    };
    let manager = person.manager.and_then(|number| people.persons.get(&number));
    row(&[
        ("Employee_ID", Some(person.employee_id())),
        ("User_Name", Some(person.email.clone())),
        ("Email_Work", Some(person.email.clone())),
        ("Legal_First_Name", Some(person.given_name.clone())),
        ("Legal_Last_Name", Some(person.family_name.clone())),
        ("Business_Title", Some(person.title.clone())),
        ("Department", Some(person.department.clone())),
        ("Cost_Center", Some(person.cost_center.clone())),
        ("Manager_ID", manager.map(Person::employee_id)),
        ("Manager_Email", manager.map(|manager| manager.email.clone())),
        ("Worker_Type", Some(if person.is_contractor { "Contingent Worker" } else { "Employee" }.to_owned())),
        ("Worker_Status", Some(status.to_owned())),
        ("Active", Some(if person.standing == Standing::Active { "1" } else { "0" }.to_owned())),
        ("Hire_Date", Some(person.hire_date().to_owned())),
        ("Termination_Date", person.termination_date().map(str::to_owned)),
        ("Phone", Some(person.phone.clone())),
        ("City", Some(person.city.clone())),
        ("Country", Some(person.country.clone())),
    ])
}

/// The columns of a file that some HR system writes.
pub fn file_row(people: &People, person: &Person) -> Row {
    let groups: Vec<&str> = people
        .groups
        .values()
        .filter(|group| group.members.contains(&super::people::Member::Person(person.number)))
        .map(|group| group.name.as_str())
        .collect();
    let manager = person.manager.and_then(|number| people.persons.get(&number));
    row(&[
        ("id", Some(person.employee_id())),
        ("login", Some(person.email.clone())),
        ("email", Some(person.email.clone())),
        ("first_name", Some(person.given_name.clone())),
        ("last_name", Some(person.family_name.clone())),
        ("title", Some(person.title.clone())),
        ("department", Some(person.department.clone())),
        ("manager", manager.map(|manager| manager.email.clone())),
        ("status", Some(person.standing.name().to_owned())),
        ("groups", Some(groups.join(";")).filter(|names| !names.is_empty())),
    ])
}

fn row(cells: &[(&str, Option<String>)]) -> Row {
    cells.iter().map(|(column, text)| ((*column).to_owned(), text.clone())).collect()
}

/// What a fault makes of the rows.
pub fn spoil(rows: &mut Vec<Row>, fault: Option<&FaultKind>) {
    match fault {
        Some(FaultKind::EmptyListing) => rows.clear(),
        Some(FaultKind::Reordered) => rows.reverse(),
        Some(FaultKind::DuplicateRows) => rows.extend(rows.first().cloned()),
        Some(FaultKind::DuplicateIds) => {
            let mut twin = rows.first().cloned().unwrap_or_default();
            // Every text but the id's is another.
            for (_, text) in twin.iter_mut().skip(3) {
                *text = text.as_ref().map(|_| "Twin".to_owned());
            }
            rows.push(twin);
        }
        Some(FaultKind::RenamedColumn { column, to }) => {
            for (name, _) in rows.iter_mut().flatten().filter(|(name, _)| name == column) {
                name.clone_from(to);
            }
        }
        _ => {}
    }
}

/// Rows as objects; a cell without text is left out, as Workday does.
pub fn objects(rows: &[Row]) -> Vec<Value> {
    let object = |row: &Row| {
        let cells = row.iter().filter_map(|(column, text)| Some((column.clone(), text.clone()?.into())));
        Value::Object(cells.collect::<Map<String, Value>>())
    };
    rows.iter().map(object).collect()
}

/// RFC 4180, with the header even when there is no row.
pub fn csv(header: &[String], rows: &[Row], delimiter: char) -> String {
    let mut text = String::new();
    let line = |text: &mut String, cells: &mut dyn Iterator<Item = &str>| {
        let cells: Vec<String> = cells.map(|cell| quoted(cell, delimiter)).collect();
        text.push_str(&cells.join(&delimiter.to_string()));
        text.push_str("\r\n");
    };
    line(&mut text, &mut header.iter().map(String::as_str));
    for row in rows {
        line(&mut text, &mut row.iter().map(|(_, cell)| cell.as_deref().unwrap_or_default()));
    }
    text
}

fn quoted(cell: &str, delimiter: char) -> String {
    match cell.contains([delimiter, '"', '\r', '\n']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}

/// One object on each line.
pub fn ndjson(rows: &[Row]) -> String {
    objects(rows).iter().map(|object| format!("{object}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let header = ["a".to_owned(), "b".to_owned()];
        let rows = [row(&[("a", Some("x, \"y\"".into())), ("b", None)])];
        assert_eq!(csv(&header, &rows, ','), "a,b\r\n\"x, \"\"y\"\"\",\r\n");
        assert_eq!(csv(&header, &rows, ';'), "a;b\r\n\"x, \"\"y\"\"\";\r\n");
        assert_eq!(csv(&header, &[], '\t'), "a\tb\r\n");
    }

    #[test]
    fn an_empty_cell_is_left_out_of_an_object() {
        let rows = [row(&[("a", Some("1".into())), ("b", None)])];
        assert_eq!(ndjson(&rows), "{\"a\":\"1\"}\n");
    }

    #[test]
    fn a_renamed_column_is_renamed_in_every_row() {
        let mut rows = vec![row(&[("a", None)]), row(&[("a", None)])];
        spoil(&mut rows, Some(&FaultKind::RenamedColumn { column: "a".into(), to: "z".into() }));
        assert!(rows.iter().all(|row| row[0].0 == "z"));
    }
}
