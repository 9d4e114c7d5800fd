//! Randomness from the operating system, for identifiers and secrets.

/// Random bytes. The operating system's source does not fail once the machine is up; were it to, nothing that
/// follows would be safe, so this ends the process rather than go on with a guessable secret.
#[expect(clippy::expect_used, reason = "there is no safe way to go on without randomness")]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    bytes
}
