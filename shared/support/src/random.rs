//! Randomness from the operating system, for identifiers and secrets.

/// Random bytes. The operating system's source does not fail on a running machine; if it did, no secret would be safe,
/// so the process ends.
#[expect(clippy::expect_used, reason = "there is no safe way to go on without randomness")]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    bytes
}
