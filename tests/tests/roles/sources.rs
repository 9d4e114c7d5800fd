//! Rust sources as a graph of functions: where each is defined, which words it contains, which others it may call. By
//! names, not by types, so the graph may have too many edges, never too few.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// One `fn` and its body.
#[derive(Debug)]
pub struct Function {
    pub file: PathBuf,
    pub name: String,
    pub is_async: bool,
    /// Whether it takes `self`, so that it is called on a value.
    pub is_method: bool,
    /// Types that its file has implementations for.
    pub types: Rc<BTreeSet<String>>,
    /// Without comments and string contents; white space is a single blank.
    pub body: String,
}

/// The functions of every source below a folder, or of one file, without test code.
pub fn functions(path: &Path) -> Vec<Function> {
    if path.is_dir() {
        let entries = fs::read_dir(path).unwrap().flatten().map(|entry| entry.path());
        return entries
            .filter(|path| !path.ends_with("tests") && !path.ends_with("tests.rs"))
            .flat_map(|path| functions(&path))
            .collect();
    }
    if path.extension().is_none_or(|extension| extension != "rs") {
        return Vec::new();
    }
    let text = code(path);
    let types = Rc::new(types(&text));
    let mut found = Vec::new();
    for (at, _) in text.match_indices("fn ") {
        let is_word = text[..at].chars().next_back().is_none_or(|before| !is_name(before));
        let name: String = text[at + 3..].chars().take_while(|letter| is_name(*letter)).collect();
        let Some(body) = body(&text[at..]).filter(|_| is_word && !name.is_empty()) else { continue };
        let is_async = text[..at].ends_with("async ");
        let first = text[at..].split_once('(').map_or("", |(_, arguments)| arguments.trim_start());
        let first = first.split([',', ')', ':']).next().unwrap_or_default();
        let is_method = first.split_whitespace().last().is_some_and(|word| word.trim_start_matches('&') == "self");
        let (file, types, body) = (path.to_owned(), types.clone(), body.to_owned());
        found.push(Function { file, name, is_async, is_method, types, body });
    }
    found
}

/// `Grant` of `impl Grant {`, `impl<T> Grant<T> {` and `impl Debug for Grant {`.
fn types(text: &str) -> BTreeSet<String> {
    let heads = text.split("impl").skip(1).filter_map(|rest| rest.split('{').next());
    let own = heads.filter_map(|head| match (head.split_once(" for "), head.strip_prefix('<')) {
        (Some((_, own)), _) => Some(own),
        (None, Some(generic)) => generic.split_once("> ").map(|(_, own)| own),
        (None, None) => head.strip_prefix(' '),
    });
    own.map(|own| own.chars().take_while(|letter| is_name(*letter)).collect()).collect()
}

/// Code of a file without comments, strings and unit tests; white space is a single blank.
pub fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let mut code = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '/' if rest.peek() == Some(&'/') => while rest.next_if(|letter| *letter != '\n').is_some() {},
            '"' => {
                code.push_str("\"\"");
                while let Some(inside) = rest.next() {
                    match inside {
                        '\\' => _ = rest.next(),
                        '"' => break,
                        _ => (),
                    }
                }
            }
            '\'' => {
                // A character, unless it is a lifetime.
                let ahead: Vec<char> = rest.clone().take(3).collect();
                let bytes = match ahead.as_slice() {
                    ['\\', _, ..] => rest.clone().skip(2).position(|letter| letter == '\'').map(|at| at + 3),
                    [_, '\'', ..] => Some(2),
                    _ => None,
                };
                for _ in 0..bytes.unwrap_or(0) {
                    rest.next();
                }
            }
            // A chain of calls is on as many lines as it takes.
            '.' if code.ends_with(' ') => {
                code.pop();
                code.push('.');
            }
            letter if letter.is_whitespace() => {
                if !code.ends_with(' ') {
                    code.push(' ');
                }
            }
            letter => code.push(letter),
        }
    }
    code
}

/// The body of the function at the beginning of the text; `None` for a declaration.
fn body(text: &str) -> Option<&str> {
    let (mut brackets, mut braces, mut begin) = (0, 0, None);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets -= 1,
            ';' if brackets == 0 && begin.is_none() => return None,
            '{' => {
                begin = begin.or(Some(at));
                braces += 1;
            }
            '}' => braces -= 1,
            _ => (),
        }
        if let Some(begin) = begin.filter(|_| braces == 0) {
            return Some(&text[begin..=at]);
        }
    }
    None
}

pub fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Calls in a body: what precedes the name (`store.`, `reading::`, or nothing), and the name.
pub fn calls(body: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for (at, _) in body.match_indices('(') {
        let before = body[..at].trim_end_matches("::<_>");
        let name_at = before.rfind(|letter| !is_name(letter)).map_or(0, |at| at + 1);
        let name = &before[name_at..];
        if name.is_empty() {
            continue;
        }
        let whom = body[..name_at].trim_end();
        let whom_at = match whom.strip_suffix("::").or_else(|| whom.strip_suffix('.')) {
            None => whom.len(),
            Some(path) => path.trim_end().rfind(|letter: char| !is_name(letter)).map_or(0, |at| at + 1),
        };
        found.push((&whom[whom_at..], name));
    }
    found
}
