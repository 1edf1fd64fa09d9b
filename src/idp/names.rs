//! Names of the fake customer's people and groups: many scripts, quotes, apostrophes, spaces, signs.

pub const GIVEN: &[&str] = &[
    "Ana", "Bjørn", "Chloé", "Dmitri", "Élodie", "Farid", "Gülşen", "Hana", "İlker", "Jean-Luc", "Kübra", "Lê",
    "María José", "Nkechi", "Oisín", "Priya", "Quentin", "Rósa", "Søren", "Tamás", "Ulla", "Věra", "Wanjiru",
    "Xiomara", "Ying", "Zoë", "山田", "Ольга", "محمد", "D'Arcy", "Mary Ann", "Þóra", "Siân", "Łukasz", "Nuño",
    "Anne-Sophie", "Tomás", "Aoife", "Jürgen", "Emily", "Grace", "Noah", "Ravi", "Mei", "Kwame", "Liam",
];

pub const FAMILY: &[&str] = &[
    "O'Brien", "Müller", "van der Berg", "García Márquez", "Nguyễn", "Straße", "D'Angelo", "Smith-Jones", "Çelik",
    "Øverby", "Kowalski", "Okonkwo", "太郎", "Иванова", "الأحمد", "Ó Súilleabháin", "MacDonald", "Dvořák",
    "St. James", "de la Cruz", "Al-Fayed", "Þórsdóttir", "Ştefănescu", "Lund", "Patel", "Kim", "Silva", "Haddad",
    "N'Diaye", "Weiß", "Ek", "Featherstonehaugh-Cholmondeley", "Ng", "Rossi", "Novák", "Jansen", "Mbeki", "Cohen",
];

pub const NICKNAMES: &[&str] = &["Buzz", "Ace", "JJ", "Mäx", "D."];

pub const TITLES: &[&str] = &[
    "Engineer", "Senior Engineer", "Account Manager", "Sales & Marketing Lead", "VP, Operations", "Designer",
    "Data Analyst", "Head of \"People\"", "Geschäftsführer", "Support Specialist (L2)", "Recruiter", "Controller",
];

pub const DEPARTMENTS: &[&str] =
    &["Engineering", "Sales", "R&D", "People", "Finance", "Customer Success", "Forschung & Entwicklung", "Legal"];

pub const CITIES: &[(&str, &str)] = &[
    ("Berlin", "DE"), ("São Paulo", "BR"), ("Zürich", "CH"), ("Kraków", "PL"), ("Tokyo", "JP"), ("Austin", "US"),
    ("Reykjavík", "IS"), ("Nairobi", "KE"),
];

pub const LOCALES: &[&str] = &["en-US", "de-DE", "pt-BR", "fr-FR", "ja-JP", "en-GB"];

pub const GROUPS: &[&str] = &[
    "Engineering", "Sales (EMEA)", "R&D", "Administrators", "All Staff", "Vertrieb Süd", "Team \"Phoenix\"",
    "50% Club", "Ops + On-Call", "Finance/Accounting", "研究開発", "People #1", "O'Reilly Readers", "Data; Platform",
    "VPN Users", "Back\\Office",
];
