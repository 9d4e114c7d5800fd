//! Counts what campaigns cost on AWS, and prints the table of `infra/README.md`; `--write` writes it there.
//! `cargo bench -p stories --bench cost -- [--write] [RECIPIENTS]`; 50,000 by default.

use stories::Measured;
use stories::prices::table;

const RECIPIENTS: u32 = 50_000;
const PER_SECOND: [u32; 3] = [50, 300, 1_000];
/// The sending rate of the table.
const TABLE_PER_SECOND: u32 = 300;
const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/README.md");
const BEGIN: &str = "<!-- printed by `cargo bench -p stories --bench cost -- --write` -->\n";
const END: &str = "<!-- end -->\n";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let recipients = arguments.iter().find_map(|argument| argument.replace(['_', ','], "").parse().ok());
    let recipients = recipients.unwrap_or(RECIPIENTS);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut bills = Vec::new();
    for (name, receipts_of_a_call) in [("receipts by the hundreds", 500), ("receipts one by one", 1)] {
        for per_second in PER_SECOND {
            let measured = runtime.block_on(Measured::campaign(recipients, per_second, receipts_of_a_call));
            let (units, peak) = (measured.write_units_a_million(), measured.peak);
            println!(
                "{name}, {per_second} messages/s: {units:.0} write units a million messages, at most {peak} a second of one key"
            );
            if std::env::var_os("REQUESTS").is_some() {
                println!("{}", measured.requests);
            }
            if per_second == TABLE_PER_SECOND {
                bills.push((name, measured.counted.bill()));
            }
        }
    }
    let table = table(&bills);
    println!("\n{table}");
    if arguments.iter().any(|argument| argument == "--write") {
        let readme = std::fs::read_to_string(README).unwrap();
        let (head, rest) = readme.split_once(BEGIN).unwrap();
        let (_, tail) = rest.split_once(END).unwrap();
        std::fs::write(README, [head, BEGIN, &table, END, tail].concat()).unwrap();
    }
}
