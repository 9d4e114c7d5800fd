//! The AWS bill for counted requests, and its table in `infra/README.md`. Pure.

use std::fmt::Write;

/// Prices of eu-west-3 as of September 2026 from the price pages of each service, in USD per million; arm64, on demand.
mod usd_a_million {
    pub const WRITE_UNITS: f64 = 0.7423;
    pub const READ_UNITS: f64 = 0.1487;
    pub const QUEUE_REQUESTS: f64 = 0.40;
    pub const FILE_WRITES: f64 = 5.3;
    /// The only figure not confirmed by a second page.
    pub const FILE_READS: f64 = 0.42;
    pub const RUNS: f64 = 0.20;
    pub const GB_SECONDS: f64 = 13.33;
    pub const HTTP_REQUESTS: f64 = 1.17;
}

/// Runs of one function, whose duration depends on the carrier and Lambda and cannot be measured locally.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Runs {
    pub function: &'static str,
    pub runs: f64,
    pub seconds_each: f64,
    pub memory_mb: f64,
}

/// The counts for some messages.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counted {
    pub messages: f64,
    pub write_units: f64,
    pub read_units: f64,
    /// As SQS bills them: one for each started 64 KB, including those of pollers.
    pub queue_requests: f64,
    pub file_writes: f64,
    pub file_reads: f64,
    /// Callbacks of the carrier.
    pub http_requests: f64,
    pub runs: Vec<Runs>,
}

/// A line of a bill: what is billed, the quantity, the cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub what: String,
    pub amount: String,
    pub usd: f64,
}

impl Counted {
    /// The bill for a million messages.
    pub fn bill(&self) -> Vec<Line> {
        let scale = 1e6 / self.messages;
        let line = |what: &str, amounts: &[(f64, &str, f64)]| Line {
            what: what.to_owned(),
            amount: amounts
                .iter()
                .map(|(n, unit, _)| format!("{} {unit}", grouped(n * scale)))
                .collect::<Vec<_>>()
                .join(", "),
            usd: amounts.iter().map(|(n, _, price)| n * scale / 1e6 * price).sum(),
        };
        let units = [
            (self.write_units, "write units", usd_a_million::WRITE_UNITS),
            (self.read_units, "read units", usd_a_million::READ_UNITS),
        ];
        let files = [
            (self.file_writes, "writes", usd_a_million::FILE_WRITES),
            (self.file_reads, "reads", usd_a_million::FILE_READS),
        ];
        let mut bill = vec![
            line("DynamoDB", &units),
            line("SQS", &[(self.queue_requests, "requests", usd_a_million::QUEUE_REQUESTS)]),
            line("S3", &files),
            line("HTTP API", &[(self.http_requests, "requests", usd_a_million::HTTP_REQUESTS)]),
        ];
        bill.extend(self.runs.iter().map(|Runs { function, runs, seconds_each, memory_mb }| {
            let gb_seconds = seconds_each * memory_mb / 1_024.0;
            let each = usd_a_million::RUNS + usd_a_million::GB_SECONDS * gb_seconds;
            let unit = format!("runs of {seconds_each} s at {memory_mb} MB");
            line(&format!("Lambda `{function}`"), &[(*runs, unit.as_str(), each)])
        }));
        bill
    }
}

/// The bills of several ways to get the same messages, side by side, in Markdown. All have the same lines.
pub fn table(bills: &[(&str, Vec<Line>)]) -> String {
    let mut text = "| per million messages |".to_owned();
    for (name, _) in bills {
        let _ = write!(text, " {name} | USD |");
    }
    text += &format!("\n|---|{}\n", "---|---|".repeat(bills.len()));
    let lines = bills.first().map_or(0, |(_, bill)| bill.len());
    for at in 0..lines {
        let _ = write!(text, "| {} |", bills[0].1[at].what);
        for (_, bill) in bills {
            let _ = write!(text, " {} | {:.2} |", bill[at].amount, bill[at].usd);
        }
        text.push('\n');
    }
    text += "| together |";
    for (_, bill) in bills {
        let _ = write!(text, " | {:.2} |", bill.iter().map(|line| line.usd).sum::<f64>());
    }
    text.push('\n');
    text
}

/// A number rounded to two digits: 130,000.
fn grouped(number: f64) -> String {
    let magnitude = 10_f64.powf((number.max(1.0).log10().floor() - 1.0).max(0.0));
    let digits = format!("{:.0}", (number / magnitude).round() * magnitude);
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bill_is_scaled_to_a_million_messages() {
        let send = Runs { function: "send", runs: 20.0, seconds_each: 2.0, memory_mb: 512.0 };
        let counted = Counted { messages: 10_000.0, write_units: 1_330.0, runs: vec![send], ..Counted::default() };
        let bill = counted.bill();
        assert_eq!(bill[0].amount, "130,000 write units, 0 read units");
        assert!((bill[0].usd - 0.098_7).abs() < 0.001, "{}", bill[0].usd);
        assert_eq!(bill[4].amount, "2,000 runs of 2 s at 512 MB");
        assert!((bill[4].usd - 0.027_1).abs() < 0.001, "{}", bill[4].usd);
        let table = table(&[("bulk", bill.clone()), ("one by one", bill)]);
        assert!(table.starts_with("| per million messages | bulk | USD | one by one | USD |\n|---|---|---|---|---|\n"));
        assert!(table.ends_with("| together | | 0.13 | | 0.13 |\n"), "{table}");
    }

    #[test]
    fn numbers_are_grouped_and_rounded_to_two_digits() {
        for (number, text) in [(0.0, "0"), (7.4, "7"), (99.0, "99"), (1_234.0, "1,200"), (2_849_000.0, "2,800,000")] {
            assert_eq!(grouped(number), text);
        }
    }
}
