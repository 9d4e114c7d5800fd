//! The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038, 6.2.1 and 6.2.1.1). Pure.

/// Marks an octet in [`OCTETS`] that begins or continues a character of several octets.
const WIDE: u8 = 0x40;
/// Marks an ASCII byte that is not in GSM-7.
const LACKING: u8 = 0x80;

/// ASCII characters of the extension table, two septets each.
const ASCII_EXTENSION: &[u8] = b"^{}\\[]~|\x0c";
/// ASCII characters outside the table, besides the control characters.
const ASCII_LACKING: &[u8] = b"`\x7f";
/// Latin-1 characters of the basic table.
const LATIN_1: &[char] = &[
    '¡', '£', '¤', '¥', '§', '¿', 'Ä', 'Å', 'Æ', 'Ç', 'É', 'Ñ', 'Ö', 'Ø', 'Ü', 'ß', 'à', 'ä', 'å', 'æ', 'è', 'é', 'ì',
    'ñ', 'ò', 'ö', 'ø', 'ù', 'ü',
];

/// Septets by octet of an ASCII character, or a mark.
const OCTETS: [u8; 256] = {
    let mut septets = [1; 256];
    let mut octet = 0;
    while octet < septets.len() {
        septets[octet] = match octet as u8 {
            b'\n' | b'\r' => 1,
            b'\x0c' => 2,
            0..0x20 => LACKING,
            0x80.. => WIDE,
            _ => 1,
        };
        octet += 1;
    }
    let mut next = 0;
    while next < ASCII_EXTENSION.len() {
        septets[ASCII_EXTENSION[next] as usize] = 2;
        next += 1;
    }
    next = 0;
    while next < ASCII_LACKING.len() {
        septets[ASCII_LACKING[next] as usize] = LACKING;
        next += 1;
    }
    septets
};

/// Septets of U+0080 to U+00FF, 0 for a character outside GSM-7.
const LATIN: [u8; 128] = {
    let mut septets = [0; 128];
    let mut next = 0;
    while next < LATIN_1.len() {
        septets[LATIN_1[next] as usize - 0x80] = 1;
        next += 1;
    }
    septets
};

/// Septets of a character, 0 if it is not in GSM-7.
pub(super) fn septets(character: char) -> u32 {
    match character {
        '\0'..='\x7f' => match OCTETS[character as usize] {
            LACKING => 0,
            septets => u32::from(septets),
        },
        '\u{80}'..='\u{ff}' => u32::from(LATIN[character as usize - 0x80]),
        'Δ' | 'Φ' | 'Γ' | 'Λ' | 'Ω' | 'Π' | 'Ψ' | 'Σ' | 'Θ' | 'Ξ' => 1,
        '€' => 2,
        _ => 0,
    }
}

/// Septets of a whole text, or `None` if one of its characters is not in GSM-7.
pub(super) fn septets_of(text: &str) -> Option<u32> {
    let (mut sum, mut marks) = (0, 0);
    // No early exit: most texts are ASCII, and a loop without branches is the fastest for them.
    for &octet in text.as_bytes() {
        let septets = OCTETS[octet as usize];
        sum += u32::from(septets);
        marks |= septets;
    }
    match marks {
        lacking if lacking & LACKING != 0 => None,
        wide if wide & WIDE != 0 => text.chars().try_fold(0, |sum, character| match septets(character) {
            0 => None,
            septets => Some(sum + septets),
        }),
        _ => Some(sum),
    }
}
