//! What happens at the fake customer, step by step: each once the step before it has been pulled.

use super::people::{Change, DOMAIN, GroupNumber, Member, People, PersonNumber};

/// Names that can be asked for.
pub const NAMES: &[&str] = &[
    "first-sync",
    "hire",
    "rename",
    "email-change",
    "move-team",
    "leave",
    "rehire",
    "group-rename",
    "big-group",
    "mass-offboard",
    "lifecycle",
];

/// One step: what the customer would call it, and its changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub name: &'static str,
    pub changes: Vec<Change>,
}

fn step(name: &'static str, changes: Vec<Change>) -> Step {
    Step { name, changes }
}

/// The steps of a scenario at this customer; None for a name that is none of [`NAMES`].
pub fn steps(name: &str, people: &People) -> Option<Vec<Step>> {
    let new = people.next_number();
    let group = people.groups.keys().next_back().map_or(0, |last| last + 1);
    let somebody = people.persons.len() / 2;
    let steps = match name {
        "first-sync" => Vec::new(),
        "hire" => hire(new, group),
        "rename" => vec![rename(somebody)],
        "email-change" => vec![email_change(somebody)],
        "move-team" => move_team(somebody, group),
        "leave" => leave(somebody),
        "rehire" => leave(somebody)
            .into_iter()
            .take(1)
            .chain([step("rehire", vec![Change::Rehire(somebody)])])
            .collect(),
        "group-rename" => group_rename(group),
        "big-group" => big_group(people, group),
        "mass-offboard" => mass_offboard(people),
        "lifecycle" => lifecycle(new, somebody, group),
        _ => return None,
    };
    Some(steps)
}

fn hire(new: PersonNumber, group: GroupNumber) -> Vec<Step> {
    let in_team = Change::AddMember { group, member: Member::Person(new) };
    vec![
        step(
            "hire for a day to come",
            vec![Change::GroupCreate { group, name: "Newcomers".into() }, Change::Expect(new)],
        ),
        step("the first day", vec![Change::Rehire(new), in_team]),
    ]
}

fn rename(person: PersonNumber) -> Step {
    let change = Change::Rename { person, given_name: "Zoë".into(), family_name: "O'Reilly-Nuñez".into() };
    step("rename", vec![change])
}

fn email_change(person: PersonNumber) -> Step {
    step("email-change", vec![Change::EmailChange { person, email: format!("zoe.{person}@{DOMAIN}") }])
}

fn move_team(person: PersonNumber, group: GroupNumber) -> Vec<Step> {
    let (from, to) = (group, group + 1);
    let member = Member::Person(person);
    vec![
        step(
            "two teams",
            vec![
                Change::GroupCreate { group: from, name: "Before".into() },
                Change::GroupCreate { group: to, name: "After".into() },
                Change::AddMember { group: from, member: member.clone() },
            ],
        ),
        step(
            "move-team",
            vec![
                Change::RemoveMember { group: from, member: member.clone() },
                Change::AddMember { group: to, member },
                Change::MoveOrgUnit { person, org_unit: "/Sales".into() },
            ],
        ),
    ]
}

fn leave(person: PersonNumber) -> Vec<Step> {
    vec![
        step("suspended", vec![Change::Suspend(person)]),
        step("terminated", vec![Change::Terminate(person)]),
        step("deleted", vec![Change::Delete(person)]),
    ]
}

fn group_rename(group: GroupNumber) -> Vec<Step> {
    vec![
        step("group-create", vec![Change::GroupCreate { group, name: "Old name".into() }]),
        step("group-rename", vec![Change::GroupRename { group, name: "New name".into() }]),
        step("group-delete", vec![Change::GroupDelete(group)]),
    ]
}

fn big_group(people: &People, group: GroupNumber) -> Vec<Step> {
    let mut changes = vec![Change::GroupCreate { group, name: "Everyone".into() }];
    changes.extend(
        people.persons.keys().map(|number| Change::AddMember { group, member: Member::Person(*number) }),
    );
    vec![step("big-group", changes)]
}

fn mass_offboard(people: &People) -> Vec<Step> {
    let leaving: Vec<PersonNumber> = people.persons.keys().copied().filter(|number| number % 5 < 2).collect();
    vec![step("two in five terminated", leaving.into_iter().map(Change::Terminate).collect())]
}

fn lifecycle(new: PersonNumber, somebody: PersonNumber, group: GroupNumber) -> Vec<Step> {
    let mut steps = vec![step("hire", vec![Change::Hire(new)]), rename(somebody), email_change(somebody)];
    steps.extend(group_rename(group));
    steps.extend(move_team(somebody, group + 1));
    steps.push(step("suspended", vec![Change::Suspend(new)]));
    steps.push(step("rehire", vec![Change::Rehire(new)]));
    steps.extend(leave(new));
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_can_be_played_at_customers_of_any_size() {
        for (persons, groups) in [(20, 4), (1, 0)] {
            for name in NAMES {
                let mut people = People::generate(5, persons, groups);
                for step in steps(name, &people).expect("a name of ours") {
                    for change in &step.changes {
                        assert_eq!(people.apply(change), Ok(()), "{name}, {}: {change:?}", step.name);
                    }
                }
            }
        }
        assert_eq!(steps("nonsense", &People::default()), None);
    }
}
