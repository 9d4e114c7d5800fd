//! Every command in `infra/README.md` exists.

use admin::CommandLine;
use clap::Parser as _;

/// Placeholders in the handbook, and values for them.
const PLACES: [(&str, &str); 8] = [
    ("\"ITS NAME\"", "Boutique"),
    ("ACCOUNT", "acc_01hqxz0000000000000a"),
    ("CAMPAIGN", "cmp_01hqxz0000000000000a"),
    (" ID", " 01hqxz0000000000000a.01hqxz0000000000000b.42"),
    ("KEY", "key_01hqxz0000000000000a"),
    ("--name …", "--name caisse"),
    ("--scopes …", "--scopes read"),
    ("EMAIL", "jeanne@example.com"),
];

#[test]
fn every_command_of_the_handbook_is_understood() {
    let handbook = include_str!("../../../README.md");
    let commands: Vec<_> = handbook
        .split('`')
        .filter_map(|code| code.strip_prefix("cargo admin "))
        .map(|command| {
            PLACES.iter().fold(command.to_owned(), |text, (deployment, thing)| text.replace(deployment, thing))
        })
        .collect();
    assert!(commands.len() >= 10, "the handbook's commands are not found: {commands:?}");
    for command in commands {
        let words = std::iter::once("envol-admin").chain(command.split_whitespace());
        if let Err(error) = CommandLine::try_parse_from(words) {
            panic!("{command}: {error}");
        }
    }
}
