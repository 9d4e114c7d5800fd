//! Which characters force a message into UCS-2, and their replacements. Replacements are offered, never silent. Pure.

use super::alphabet;
use crate::letters;

/// A character that forces UCS-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forcing {
    /// The character.
    pub character: char,
    /// Its position, in characters (Unicode scalar values) from the beginning of the text.
    pub at: usize,
    /// The replacement in GSM-7; empty for an invisible character, `None` if there is none, as for emoji.
    pub replacement: Option<&'static str>,
}

/// Every character that forces the text into UCS-2, in order; empty for a GSM-7 text.
pub fn unicode_because(text: &str) -> Vec<Forcing> {
    let lacking = text.chars().enumerate().filter(|(_, character)| alphabet::septets(*character) == 0);
    lacking.map(|(at, character)| Forcing { character, at, replacement: replacement(character) }).collect()
}

/// The text with every replacement made; other characters stay.
pub fn replace_unicode(text: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    for character in text.chars() {
        match replacement(character) {
            Some(plain) => replaced.push_str(plain),
            None => replaced.push(character),
        }
    }
    replaced
}

/// The GSM-7 replacement of a character; `None` if GSM-7 has it or there is no replacement.
pub fn replacement(character: char) -> Option<&'static str> {
    if alphabet::septets(character) > 0 {
        return None;
    }
    Some(match character {
        '’' | '‘' | '‚' | '‛' | '′' | '‹' | '›' | '´' | '`' | 'ʼ' | 'ʻ' | 'ˈ' => "'",
        '“' | '”' | '„' | '‟' | '″' | '«' | '»' | '¨' => "\"",
        '…' => "...",
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '•' | '‣' | '⁃' | '¯' => "-",
        '\t' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => " ",
        '\u{85}' | '\u{2028}' | '\u{2029}' => "\n",
        // Invisible: marks of width, direction and presentation, and combining accents.
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' => "",
        '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' => "",
        accent if letters::is_accent(accent) => "",
        '·' | '‧' | '∙' => ".",
        '°' | 'º' => "o",
        'ª' => "a",
        '¹' => "1",
        '²' => "2",
        '³' => "3",
        '¼' => "1/4",
        '½' => "1/2",
        '¾' => "3/4",
        '×' => "x",
        '÷' | '⁄' => "/",
        '±' => "+/-",
        '≤' => "<=",
        '≥' => ">=",
        '→' | '➜' | '➔' | '⇒' => "->",
        '←' | '⇐' => "<-",
        'µ' => "u",
        '¢' => "c",
        '¦' => "|",
        '©' => "(c)",
        '®' => "(R)",
        '™' => "TM",
        '№' => "No",
        '℮' => "e",
        'ﬀ' => "ff",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'ﬃ' => "ffi",
        'ﬄ' => "ffl",
        letter => return letters::plain(letter),
    })
}
