//! The fake customer's people and groups, and what its admins and HR do to them.

use std::collections::{BTreeMap, BTreeSet};

/// A person's number; never given to another.
pub type PersonNumber = usize;
/// A group's number, likewise.
pub type GroupNumber = usize;

pub const DOMAIN: &str = "upstream.example";

const GIVEN: &[&str] = &[
    "Ada", "Bruno", "Chloé", "Dmitri", "Eun-ji", "Fatima", "Grace", "Håkon", "Inés", "João", "Keiko",
    "Łukasz", "Mary Jo", "Noor", "Óscar", "Priya", "Quinn", "Rosa", "Søren", "Thu",
];
const FAMILY: &[&str] = &[
    "Abara",
    "Bergström",
    "Castillo",
    "D'Angelo",
    "Eriksen",
    "Fernández",
    "García López",
    "Haddad",
    "Ito",
    "Jensen",
    "Kowalski",
    "Lindqvist",
    "Müller",
    "Nguyen",
    "O'Brien",
    "Petrov",
    "Quispe",
    "Rossi",
    "Smith-Jones",
    "Takahashi",
];
const TITLES: &[&str] =
    &["Engineer", "Senior Engineer", "Account Executive", "Analyst", "Manager, Field", "Designer"];
const DEPARTMENTS: &[&str] =
    &["Engineering", "Sales", "Finance", "Support", "People, Places", "Legal \"EMEA\""];
const CITIES: &[(&str, &str)] =
    &[("Berlin", "DE"), ("São Paulo", "BR"), ("Austin", "US"), ("Pune", "IN"), ("Oslo", "NO")];
/// Paths of the organizational units, each below the one that its path says.
pub const ORG_UNITS: &[&str] = &["/Engineering", "/Engineering/Platform", "/Sales", "/Contractors"];

/// What the upstream says of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Hired, but the first day lies ahead.
    Expected,
    Active,
    Suspended,
    Archived,
    /// Gone, and still in the reports.
    Terminated,
    /// Deleted: in no listing but that of the deleted.
    Deleted,
}

impl Standing {
    pub fn name(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Archived => "archived",
            Self::Terminated => "terminated",
            Self::Deleted => "deleted",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub number: PersonNumber,
    pub standing: Standing,
    pub email: String,
    pub aliases: Vec<String>,
    pub given_name: String,
    pub family_name: String,
    pub title: String,
    pub department: String,
    pub cost_center: String,
    pub phone: String,
    pub city: String,
    pub country: String,
    pub org_unit: String,
    pub manager: Option<PersonNumber>,
    pub is_contractor: bool,
}

impl Person {
    /// As Google numbers its users: 21 digits.
    pub fn google_id(&self) -> String {
        format!("1{:020}", 7_000_000_000_000_u64 + self.number as u64)
    }

    pub fn employee_id(&self) -> String {
        format!("E{:06}", self.number + 1)
    }

    pub fn full_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }

    pub fn is_listed(&self) -> bool {
        self.standing != Standing::Deleted
    }

    /// Where the person's day began and, for those gone, ended; dates that a report shows.
    pub fn hire_date(&self) -> &'static str {
        if self.standing == Standing::Expected { "2099-01-04" } else { "2021-03-01" }
    }

    pub fn termination_date(&self) -> Option<&'static str> {
        (self.standing == Standing::Terminated).then_some("2026-10-31")
    }
}

/// Who is in a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Member {
    Person(PersonNumber),
    Group(GroupNumber),
    /// Somebody of another company, of whom only the address is known.
    Outsider(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub number: GroupNumber,
    pub email: String,
    pub name: String,
    pub members: BTreeSet<Member>,
}

impl Group {
    /// As Google names its groups: 15 letters and digits.
    pub fn google_id(&self) -> String {
        format!("01up{:011}", self.number + 1)
    }
}

/// What somebody at the customer does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Hire(PersonNumber),
    /// Hired for a day that lies ahead.
    Expect(PersonNumber),
    Rename {
        person: PersonNumber,
        given_name: String,
        family_name: String,
    },
    EmailChange {
        person: PersonNumber,
        email: String,
    },
    Retitle {
        person: PersonNumber,
        title: String,
    },
    MoveOrgUnit {
        person: PersonNumber,
        org_unit: String,
    },
    Suspend(PersonNumber),
    Archive(PersonNumber),
    Terminate(PersonNumber),
    Delete(PersonNumber),
    Rehire(PersonNumber),
    GroupCreate {
        group: GroupNumber,
        name: String,
    },
    GroupRename {
        group: GroupNumber,
        name: String,
    },
    GroupDelete(GroupNumber),
    AddMember {
        group: GroupNumber,
        member: Member,
    },
    RemoveMember {
        group: GroupNumber,
        member: Member,
    },
}

/// A change that names somebody or something that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    Person(PersonNumber),
    Group(GroupNumber),
}

/// Everyone and every group, deleted people included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People {
    pub seed: u64,
    pub persons: BTreeMap<PersonNumber, Person>,
    pub groups: BTreeMap<GroupNumber, Group>,
}

impl People {
    /// A customer of that size, the same for the same seed.
    pub fn generate(seed: u64, persons: usize, groups: usize) -> Self {
        let mut people = Self { seed, ..Self::default() };
        for number in 0..persons {
            people.persons.insert(number, person(seed, number));
        }
        for number in 0..groups {
            let mut made = group(number, &format!("Team {}", number + 1));
            let size = match number % 5 {
                0 => persons / 2,
                4 => 0,
                _ => (persons / 8).clamp(1, 40),
            };
            let picked =
                (0..size.min(persons)).map(|at| mixed(seed, 3, number * 1_000_003 + at) as usize % persons);
            made.members.extend(picked.map(Member::Person));
            // Every third group holds the one before it.
            if number % 3 == 2 {
                made.members.insert(Member::Group(number - 1));
            }
            people.groups.insert(number, made);
        }
        people
    }

    /// Makes the change true.
    ///
    /// # Errors
    ///
    /// [`Unknown`] when it names nobody or nothing here; nothing is changed then.
    pub fn apply(&mut self, change: &Change) -> Result<(), Unknown> {
        match change {
            Change::Hire(number) => self.hire(*number, Standing::Active),
            Change::Expect(number) => self.hire(*number, Standing::Expected),
            Change::GroupCreate { group: number, name } => {
                self.groups.insert(*number, group(*number, name));
            }
            Change::GroupRename { group, name } => self.group(*group)?.name.clone_from(name),
            Change::GroupDelete(number) => {
                self.groups.remove(number).ok_or(Unknown::Group(*number))?;
                self.forget(&Member::Group(*number));
            }
            Change::AddMember { group, member } => {
                self.known(member)?;
                self.group(*group)?.members.insert(member.clone());
            }
            Change::RemoveMember { group, member } => {
                self.group(*group)?.members.remove(member);
            }
            Change::Delete(number) => {
                self.person(*number)?.standing = Standing::Deleted;
                self.forget(&Member::Person(*number));
            }
            Change::Rename { person, .. }
            | Change::EmailChange { person, .. }
            | Change::Retitle { person, .. }
            | Change::MoveOrgUnit { person, .. }
            | Change::Suspend(person)
            | Change::Archive(person)
            | Change::Terminate(person)
            | Change::Rehire(person) => change_person(self.person(*person)?, change),
        }
        Ok(())
    }

    fn hire(&mut self, number: PersonNumber, standing: Standing) {
        let mut hired = person(self.seed, number);
        hired.standing = standing;
        self.persons.insert(number, hired);
    }

    fn person(&mut self, number: PersonNumber) -> Result<&mut Person, Unknown> {
        self.persons.get_mut(&number).ok_or(Unknown::Person(number))
    }

    fn group(&mut self, number: GroupNumber) -> Result<&mut Group, Unknown> {
        self.groups.get_mut(&number).ok_or(Unknown::Group(number))
    }

    fn known(&self, member: &Member) -> Result<(), Unknown> {
        match member {
            Member::Person(number) if !self.persons.contains_key(number) => Err(Unknown::Person(*number)),
            Member::Group(number) if !self.groups.contains_key(number) => Err(Unknown::Group(*number)),
            Member::Person(_) | Member::Group(_) | Member::Outsider(_) => Ok(()),
        }
    }

    fn forget(&mut self, member: &Member) {
        for group in self.groups.values_mut() {
            group.members.remove(member);
        }
    }

    /// Those that a listing shows, in the order of their numbers.
    pub fn listed(&self) -> impl Iterator<Item = &Person> {
        self.persons.values().filter(|person| person.is_listed())
    }

    /// A number that nobody has had.
    pub fn next_number(&self) -> PersonNumber {
        self.persons.keys().next_back().map_or(0, |last| last + 1)
    }
}

fn change_person(person: &mut Person, change: &Change) {
    match change {
        Change::Rename { given_name, family_name, .. } => {
            person.given_name.clone_from(given_name);
            person.family_name.clone_from(family_name);
        }
        Change::EmailChange { email, .. } => {
            let old = std::mem::replace(&mut person.email, email.clone());
            person.aliases.push(old);
        }
        Change::Retitle { title, .. } => person.title.clone_from(title),
        Change::MoveOrgUnit { org_unit, .. } => person.org_unit.clone_from(org_unit),
        Change::Suspend(_) => person.standing = Standing::Suspended,
        Change::Archive(_) => person.standing = Standing::Archived,
        Change::Terminate(_) => person.standing = Standing::Terminated,
        Change::Rehire(_) => person.standing = Standing::Active,
        _ => {}
    }
}

/// The person of that number, as on the first day.
fn person(seed: u64, number: PersonNumber) -> Person {
    let pick = |salt: u64, count: usize| (mixed(seed, salt, number) % count as u64) as usize;
    let (given, family) = (GIVEN[pick(10, GIVEN.len())], FAMILY[pick(11, FAMILY.len())]);
    let (city, country) = CITIES[pick(12, CITIES.len())];
    Person {
        number,
        standing: Standing::Active,
        email: format!("{}.{}{number}@{DOMAIN}", ascii(given), ascii(family)),
        aliases: Vec::new(),
        given_name: given.to_owned(),
        family_name: family.to_owned(),
        title: TITLES[pick(13, TITLES.len())].to_owned(),
        department: DEPARTMENTS[pick(14, DEPARTMENTS.len())].to_owned(),
        cost_center: format!("CC-{}", 100 + pick(15, 40)),
        phone: format!("+49 30 {:07}", pick(16, 10_000_000)),
        city: city.to_owned(),
        country: country.to_owned(),
        org_unit: ORG_UNITS[pick(17, ORG_UNITS.len())].to_owned(),
        // A tree: everyone but the first reports to somebody who came earlier.
        manager: (number > 0).then_some(number / 8),
        is_contractor: pick(18, 9) == 0,
    }
}

fn group(number: GroupNumber, name: &str) -> Group {
    let email = format!("team-{}@{DOMAIN}", number + 1);
    Group { number, email, name: name.to_owned(), members: BTreeSet::new() }
}

/// The letters of a name that stand in an address.
fn ascii(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

/// A number that looks random and is the same for the same three (the finalizer of SplitMix64).
fn mixed(seed: u64, salt: u64, number: usize) -> u64 {
    let mut z =
        seed ^ salt.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (number as u64).wrapping_mul(0xD1B5_4A32_D192_ED03);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_customer() {
        assert_eq!(People::generate(7, 40, 6), People::generate(7, 40, 6));
        assert_ne!(People::generate(7, 40, 6), People::generate(8, 40, 6));
    }

    #[test]
    fn addresses_are_unique_and_plain() {
        let people = People::generate(1, 500, 0);
        let emails: BTreeSet<&str> = people.listed().map(|person| person.email.as_str()).collect();
        assert_eq!(emails.len(), 500);
        assert!(emails.iter().all(|email| email.is_ascii()));
    }

    #[test]
    fn the_deleted_leave_every_group_and_every_listing() {
        let mut people = People::generate(1, 10, 2);
        people.apply(&Change::AddMember { group: 1, member: Member::Person(3) }).unwrap();
        people.apply(&Change::Delete(3)).unwrap();
        assert_eq!(people.listed().count(), 9);
        assert!(people.groups.values().all(|group| !group.members.contains(&Member::Person(3))));
    }

    #[test]
    fn the_suspended_stay_in_their_groups() {
        let mut people = People::generate(1, 10, 1);
        people.apply(&Change::AddMember { group: 0, member: Member::Person(3) }).unwrap();
        people.apply(&Change::Suspend(3)).unwrap();
        assert!(people.groups[&0].members.contains(&Member::Person(3)));
        assert_eq!(people.listed().count(), 10);
    }

    #[test]
    fn a_change_of_nobody_changes_nothing() {
        let mut people = People::generate(1, 3, 1);
        let before = people.clone();
        assert_eq!(people.apply(&Change::Suspend(99)), Err(Unknown::Person(99)));
        let nested = Change::AddMember { group: 0, member: Member::Group(9) };
        assert_eq!(people.apply(&nested), Err(Unknown::Group(9)));
        assert_eq!(people, before);
    }

    #[test]
    fn an_old_address_stays_as_an_alias() {
        let mut people = People::generate(1, 3, 0);
        let old = people.persons[&1].email.clone();
        people.apply(&Change::EmailChange { person: 1, email: "new@upstream.example".into() }).unwrap();
        assert_eq!(people.persons[&1].aliases, [old]);
    }
}
