//! Names the columns of a file and finds the one with the phone numbers. Pure.

use domain::country::Country;
use domain::{letters, phone};

use super::{cells::unquote, dialect::is_number_shaped};

/// Words of column names, folded, with their weight for or against phone numbers, added to the share of cells that are
/// numbers. The first row with a word of the name counts.
const HINTS: [(&[&str], f64); 5] = [
    (&["fixe", "fax", "telecopie", "landline"], -0.5), // phones that take no SMS
    (&["mobile", "portable", "gsm", "msisdn", "cell", "cellulaire", "sms", "smartphone"], 1.0),
    (&["tel", "telephone", "phone", "phonenumber", "telmobile", "telportable", "destinataire"], 0.5),
    (&["client", "siret", "siren", "commande", "facture", "rue", "carte", "id"], -0.5), // numbers of something else
    (&["numero", "num", "number", "n", "contact", "liste"], 0.05),
];
/// Smallest share of sampled rows with a number for a column whose name has no such word.
const MIN_SHARE: f64 = 0.1;

/// Normalises names for comparison: lower case, no accents, words joined by `_`; `N° de Téléphone ` is
/// `n_de_telephone`.
pub fn fold(name: &str) -> String {
    let folded = letters::fold(name);
    let words = folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_")
}

/// Names of `count` columns: from the header, trimmed, on one line; `column_3` without one. A repeated name gets `_2`,
/// so that no field hides another.
pub fn names(header: Option<&[&[u8]]>, count: usize) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(count);
    for index in 0..count {
        let cell = header.and_then(|cells| cells.get(index)).map(|cell| text(cell)).unwrap_or_default();
        let name = if cell.is_empty() { format!("column_{}", index + 1) } else { cell };
        let mut unique = name.clone();
        let mut copy = 1;
        while names.contains(&unique) {
            copy += 1;
            unique = format!("{name}_{copy}");
        }
        names.push(unique);
    }
    names
}

/// A header cell as one line of trimmed text.
fn text(cell: &[u8]) -> String {
    let cell = unquote(cell);
    String::from_utf8_lossy(&cell).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Weight of a column name for (or against) phone numbers.
pub fn hint(name: &str) -> f64 {
    let folded = fold(name);
    let words: Vec<&str> =
        folded.split('_').map(|word| word.trim_end_matches(|last: char| last.is_numeric())).collect();
    let is_known = |known: &[&str], word: &str| known.contains(&word) || known.contains(&word.trim_end_matches('s'));
    HINTS.iter().find(|(known, _)| words.iter().any(|word| is_known(known, word))).map_or(0.0, |(_, weight)| *weight)
}

/// The column that most likely holds phone numbers, by its cells and its name.
///
/// If no column has numbers that can get an SMS, returns one that is only named or only looks like a phone column, so
/// that the rejects can give a reason for every row.
pub fn find_phone(header: Option<&[&[u8]]>, rows: &[Vec<&[u8]>], columns: usize, country: Country) -> Option<usize> {
    let rows_count = rows.len().max(1) as f64;
    let share = |column: usize, is_right: &dyn Fn(&[u8]) -> bool| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.filter(|cell| is_right(&unquote(cell))).count() as f64 / rows_count
    };
    let candidates: Vec<Candidate> = (0..columns)
        .map(|index| Candidate {
            index,
            numbers: share(index, &|cell| phone::parse_bytes(cell, country).is_ok()),
            shaped: share(index, &|cell| is_number_shaped(cell, country)),
            hint: header.and_then(|cells| cells.get(index)).map_or(0.0, |cell| hint(&text(cell))),
        })
        .collect();
    let best = |is_eligible: &dyn Fn(&Candidate) -> bool, score: &dyn Fn(&Candidate) -> f64| {
        let eligible = candidates.iter().filter(|candidate| is_eligible(candidate));
        eligible.rev().max_by(|a, b| score(a).total_cmp(&score(b))).map(|candidate| candidate.index)
    };
    best(&|one| one.numbers >= if one.hint > 0.0 { f64::MIN_POSITIVE } else { MIN_SHARE }, &|one| {
        one.numbers + one.hint
    })
    .or_else(|| best(&|one| one.hint > 0.0, &|one| one.shaped + one.hint))
    .or_else(|| best(&|one| one.shaped >= 0.5, &|one| one.shaped))
}

struct Candidate {
    index: usize,
    /// Share of the rows with a number that can get an SMS.
    numbers: f64,
    /// Share of the rows with something like a number.
    shaped: f64,
    hint: f64,
}

/// Whether the first row names the columns: none of its cells looks like a number, and one is a word used for phone
/// columns, or its cell in the phone column has letters. The latter is not enough with a single column: a pasted list
/// may begin with an invalid number, which must be rejected visibly.
pub fn is_header(first: &[&[u8]], phone: Option<usize>, country: Country) -> bool {
    if first.iter().any(|cell| is_number_shaped(&unquote(cell), country)) {
        return false;
    }
    if first.iter().any(|cell| hint(&text(cell)) > 0.0) {
        return true;
    }
    let has_letters = |cell: &&[u8]| text(cell).chars().any(char::is_alphabetic);
    first.len() > 1 && phone.and_then(|index| first.get(index)).is_some_and(has_letters)
}
