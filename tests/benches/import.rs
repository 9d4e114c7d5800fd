//! Measures the import of 1,000,000 rows × 5 columns relative to reading the same bytes with the `csv` crate as byte
//! records, in one run on one core: `cargo bench -p stories --bench import`. Fails beyond its limits.

use std::error::Error;
use std::fmt::Write;
use std::hint::black_box;
use std::process::Command;

use bytes::Bytes;
use contacts::{Options, import};

const ROWS: usize = 1_000_000;
const ROUNDS: usize = 15;
/// CPU time of an import, relative to the `csv` crate's.
const MAX_RATIO: f64 = 5.0;
/// Peak memory of the whole process, relative to the file.
const MAX_MEMORY: f64 = 2.5;

/// A measured variant: name, file, delimiter.
type Variant = (&'static str, fn() -> Result<Vec<u8>, Box<dyn Error>>, u8);

const VARIANTS: [Variant; 4] = [
    ("UTF-8, `;`", || Ok(people(';', "").into_bytes()), b';'),
    ("UTF-8, `,`", || Ok(people(',', "").into_bytes()), b','),
    ("UTF-8, `;`, every cell quoted", || Ok(people(';', "\"").into_bytes()), b';'),
    ("Windows-1252, `;`", || western(&people(';', "")), b';'),
];

fn main() -> Result<(), Box<dyn Error>> {
    // Each memory is measured in its own process: this program with the number of a variant.
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, command, variant] = arguments.as_slice()
        && command == "memory"
    {
        println!("{}", peak_memory(VARIANTS[variant.parse::<usize>()?].1()?)?);
        return Ok(());
    }
    if !arguments.iter().any(|argument| argument == "--bench") {
        return Ok(()); // `cargo test` runs benchmarks too, unoptimised
    }
    let mut is_within = true;
    for (number, (name, file, delimiter)) in VARIANTS.into_iter().enumerate() {
        let child = Command::new(std::env::current_exe()?).args(["memory", &number.to_string()]).output()?;
        let memory: f64 = String::from_utf8(child.stdout)?.trim().parse()?;
        let file = Bytes::from(file()?);
        let megabytes = file.len() as f64 / 1e6;
        let (yardstick, ours) = best_times(&file, delimiter)?;
        let ratio = ours / yardstick;
        println!(
            "{name:30} {megabytes:5.1} MB   csv {yardstick:5.1} ms   import {ours:5.1} ms   {ratio:.2} × csv   \
             peak memory {memory:.2} × file"
        );
        is_within &= ratio <= MAX_RATIO && memory <= MAX_MEMORY;
    }
    if is_within { Ok(()) } else { Err(format!("beyond {MAX_RATIO} × csv or {MAX_MEMORY} × file").into()) }
}

/// Lowest CPU time of both, in milliseconds; measured alternately, so that disturbances affect both.
fn best_times(file: &Bytes, delimiter: u8) -> Result<(f64, f64), Box<dyn Error>> {
    let (mut yardstick, mut ours) = (f64::MAX, f64::MAX);
    for _ in 0..ROUNDS {
        let start = cpu_ms()?;
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(&file[..]);
        let mut record = csv::ByteRecord::new();
        while reader.read_byte_record(&mut record)? {
            black_box(&record);
        }
        yardstick = yardstick.min(cpu_ms()? - start);

        let start = cpu_ms()?;
        let imported = import(file.clone(), &Options::default())?;
        black_box(&imported.rejects);
        for chunk in imported.contacts {
            black_box(&chunk);
        }
        ours = ours.min(cpu_ms()? - start);
    }
    Ok((yardstick, ours))
}

/// Peak memory of the process while it imports, with file and both outputs completely in memory, relative to the file.
fn peak_memory(file: Vec<u8>) -> Result<f64, Box<dyn Error>> {
    let bytes = file.len() as f64;
    // The peak of creating the file does not count.
    std::fs::write("/proc/self/clear_refs", "5")?;
    let imported = import(Bytes::from(file), &Options::default())?;
    black_box((imported.contacts.into_bytes(), imported.rejects));
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kibibytes: f64 = peak.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes * 1024.0 / bytes)
}

/// CPU time of this thread.
fn cpu_ms() -> Result<f64, Box<dyn Error>> {
    let schedule = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = schedule.split(' ').next().ok_or("no time")?.parse()?;
    Ok(nanoseconds / 1e6)
}

/// A file of people as a shop exports it; the same in every run. One row in twenty has no valid number.
fn people(delimiter: char, quote: &str) -> String {
    const FIRST: [&str; 10] =
        ["Marie", "Jean", "Éloïse", "Zoé", "Paul", "Nathalie", "François", "Léa", "Karim", "Anaïs"];
    const LAST: [&str; 10] =
        ["Dupont", "Martin", "Lefèvre", "Nguyen", "Bernard", "Petit", "Durand", "Moreau", "Garcia", "O'Brien"];
    const CITY: [&str; 8] = ["Lyon", "Paris", "Saint-Étienne", "Nice", "Le Mans", "Brest", "Lille", "Fort-de-France"];
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut file = ["Prénom", "Nom", "Portable", "Code postal", "Ville"].join(&delimiter.to_string()) + "\r\n";
    for _ in 0..ROWS {
        let (first, last, city) = (FIRST[random.below(10)], LAST[random.below(10)], CITY[random.below(8)]);
        let (phone, postcode) = (phone(&mut random), format!("{:05}", random.below(96_000)));
        for (index, cell) in [first, last, &phone, &postcode, city].into_iter().enumerate() {
            let before = if index == 0 { String::new() } else { delimiter.to_string() };
            let _ = write!(file, "{before}{quote}{cell}{quote}");
        }
        file.push_str("\r\n");
    }
    file.shrink_to_fit();
    file
}

fn phone(random: &mut Random) -> String {
    let national = match random.below(20) {
        0 => 690_000_000 + random.below(1_000_000),
        1 => 692_000_000 + random.below(1_000_000),
        2..=5 => 730_000_000 + random.below(60_000_000),
        _ => 600_000_000 + random.below(80_000_000),
    };
    let digits = national.to_string();
    let pairs = |by: &str| {
        let pairs: Vec<&str> = [1, 3, 5, 7].into_iter().map(|from| &digits[from..from + 2]).collect();
        format!("{}{by}{}", &digits[..1], pairs.join(by))
    };
    match random.below(40) {
        0..=9 => format!("0{digits}"),
        10..=17 => format!("0{}", pairs(" ")),
        18..=23 => format!("0{}", pairs(".")),
        24..=27 => format!("+33{digits}"),
        28..=29 => format!("+33 (0){}", pairs(" ")),
        30..=31 => format!("0033{digits}"),
        32..=34 => format!("33{digits}"),
        35..=37 => digits,
        38 => format!("01{:08}", random.below(100_000_000)),
        _ => ["3.36E+10", "", "inconnu", "06 12"][random.below(4)].into(),
    }
}

fn western(text: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    // Every character used is in Latin-1, whose bytes are the code points.
    text.chars().map(|letter| u8::try_from(u32::from(letter)).map_err(Into::into)).collect()
}

/// Xorshift: fast, and the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }
}
