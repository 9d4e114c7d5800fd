//! The page as text. All outside content passes through `escape`.

use std::fmt::Write as _;

use super::super::fate::Status;
use super::super::memory::Stats;
use super::super::row::RowNumber;
use super::{Line, Open};
use crate::sandbox::listing::Message;

/// Everything on the page.
pub struct View {
    pub stats: Stats,
    pub list: Vec<Message>,
    pub before: Option<RowNumber>,
    pub next: Option<RowNumber>,
    pub open: Option<Open>,
    pub is_sent: bool,
}

/// Characters of a message in the list of phones.
const EXCERPT_CHARACTERS: usize = 60;
/// The time zone of the page: that of the platform.
const TIME_ZONE: &str = "Europe/Paris";

pub fn page(view: &View) -> String {
    let mut out = String::with_capacity(32 * 1024);
    // Writing to a String cannot fail.
    let _ = write_page(&mut out, view);
    out
}

fn write_page(out: &mut String, view: &View) -> std::fmt::Result {
    out.push_str(
        "<!doctype html><html lang=fr><head><meta charset=utf-8><title>Téléphones – opérateur simulé</title>\
         <meta name=viewport content=\"width=device-width,initial-scale=1\">\
         <link rel=stylesheet href=/style.css><script src=/page.js defer></script></head><body>",
    );
    write_header(out, &view.stats)?;
    out.push_str("<main><nav class=card aria-label=Téléphones>");
    out.push_str(
        "<form class=search action=/ role=search><input type=tel name=phone placeholder=\"+33612345678\" \
         aria-label=\"Numéro de téléphone\"><button>Ouvrir</button></form><div data-fresh=phones>",
    );
    write_phones(out, view)?;
    let class = if view.open.is_some() { " class=open" } else { "" };
    write!(out, "</div></nav><section{class} aria-label=Conversation>")?;
    match &view.open {
        Some(open) => write_open(out, open, view.is_sent)?,
        None => out.push_str(
            "<p class=\"card empty\">Choisissez un téléphone pour lire ses SMS, suivre ses liens et répondre.</p>",
        ),
    }
    out.push_str(LEGEND);
    out.push_str("</section></main></body></html>");
    Ok(())
}

fn write_header(out: &mut String, stats: &Stats) -> std::fmt::Result {
    out.push_str("<header><h1><a href=/>Téléphones du bac à sable</a></h1><ul data-fresh=stats>");
    for (count, label) in [
        (stats.messages, "messages"),
        (stats.phones, "téléphones"),
        (stats.delivered, "remis"),
        (stats.failed + stats.expired + stats.rejected, "non remis"),
        (stats.receipts_owed, "accusés à venir"),
        (stats.replies, if stats.replies > 1 { "réponses" } else { "réponse" }),
    ] {
        write!(out, "<li><b>{}</b> {label}</li>", grouped(count))?;
    }
    out.push_str("</ul></header>");
    Ok(())
}

fn write_phones(out: &mut String, view: &View) -> std::fmt::Result {
    if view.list.is_empty() {
        out.push_str("<p class=empty>Aucun SMS pour l’instant.</p>");
    }
    out.push_str("<ul class=phones>");
    for message in &view.list {
        let is_open = view.open.as_ref().is_some_and(|open| open.number == message.to);
        let current = if is_open { " aria-current=true" } else { "" };
        let to = message.row.to;
        write!(out, "<li><a href=\"/?phone=%2B{to}")?;
        if let Some(before) = view.before {
            write!(out, "&amp;before={before}")?;
        }
        write!(out, "\"{current}><span class=top><span class=number>+{to}</span>")?;
        write_time(out, super::instant(message.row.at_ms))?;
        out.push_str("</span><div class=excerpt>");
        escape(out, &message.text.chars().take(EXCERPT_CHARACTERS).collect::<String>());
        out.push_str("</div></a></li>");
    }
    out.push_str("</ul><div class=pager>");
    out.push_str(if view.before.is_some() { "<a href=/>« Les plus récents</a>" } else { "<span></span>" });
    if let Some(next) = view.next {
        write!(out, "<a href=\"/?before={next}\">Plus anciens »</a>")?;
    }
    out.push_str("</div>");
    Ok(())
}

fn write_open(out: &mut String, open: &Open, is_sent: bool) -> std::fmt::Result {
    if is_sent {
        out.push_str("<p class=notice role=status>Réponse envoyée.</p>");
    }
    out.push_str("<article class=phone><h2>");
    escape(out, &open.number);
    out.push_str("</h2><div class=thread data-fresh=thread tabindex=0>");
    if let Some(older) = open.older {
        write!(out, "<a href=\"/?phone=%2B{}&amp;older={older}\">Messages précédents</a>", digits(open))?;
    }
    if open.lines.is_empty() {
        out.push_str("<p class=empty>Ce téléphone n’a rien reçu.</p>");
    }
    for line in &open.lines {
        match line {
            Line::Received(message) => write_message(out, message)?,
            Line::Answered { to, text, at } => {
                out.push_str("<div class=\"message mine\"><div class=bubble>");
                escape(out, text);
                out.push_str("</div><div class=meta>au ");
                escape(out, to);
                out.push_str(" · ");
                write_time(out, *at)?;
                out.push_str("</div></div>");
            }
        }
    }
    out.push_str("</div><form class=answer method=post action=/answer><input type=hidden name=from value=\"");
    escape(out, &open.number);
    out.push_str("\"><label>Répondre au <input type=text name=to maxlength=20 value=\"");
    escape(out, &open.answers_to);
    out.push_str(
        "\"></label><input type=text id=text name=text required maxlength=2000 autocomplete=off aria-label=Réponse \
         placeholder=\"Votre réponse\"><button>Envoyer</button>\
         <button class=light type=button data-text=STOP>STOP</button></form></article>",
    );
    Ok(())
}

fn write_message(out: &mut String, message: &Message) -> std::fmt::Result {
    let status = message.row.status;
    let missing = match status {
        Status::Rejected | Status::Throttled | Status::Failed | Status::Expired => " missing",
        Status::Accepted | Status::Delivered => "",
    };
    write!(out, "<div class=\"message{missing}\"><div class=meta>")?;
    escape(out, &message.from);
    out.push_str(" · ");
    write_time(out, super::instant(message.row.at_ms))?;
    out.push_str("</div><div class=bubble>");
    write_linked(out, &message.text);
    let plural = if message.segments > 1 { "segments" } else { "segment" };
    write!(out, "</div><div class=meta><span class=\"state {}\">{}</span>", status.code(), label(status))?;
    write!(out, " · {} {plural}", message.segments)?;
    if message.row.times_submitted > 1 {
        write!(out, " · présenté {} fois", message.row.times_submitted)?;
    }
    out.push_str("</div></div>");
    Ok(())
}

fn label(status: Status) -> &'static str {
    match status {
        Status::Throttled => "freiné",
        Status::Rejected => "refusé",
        Status::Accepted => "accepté",
        Status::Expired => "expiré",
        Status::Failed => "en échec",
        Status::Delivered => "remis",
    }
}

fn digits(open: &Open) -> u64 {
    crate::sandbox::row::digits(&open.number)
}

/// `12 345`.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

fn write_time(out: &mut String, at: jiff::Timestamp) -> std::fmt::Result {
    let local = at.in_tz(TIME_ZONE).map(|zoned| zoned.strftime("%d/%m %H:%M:%S").to_string());
    write!(out, "<time datetime=\"{at}\">{}</time>", local.unwrap_or_default())
}

/// Text with its `http://` and `https://` words as links.
fn write_linked(out: &mut String, text: &str) {
    for word in text.split_inclusive(char::is_whitespace) {
        let url = word.trim_end().trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '"', '»', '’']);
        let is_link = ["http://", "https://"].iter().any(|scheme| {
            url.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme)) && url.len() > scheme.len()
        });
        if is_link {
            out.push_str("<a target=_blank rel=\"noopener noreferrer\" href=\"");
            escape(out, url);
            out.push_str("\">");
            escape(out, url);
            out.push_str("</a>");
            escape(out, word.get(url.len()..).unwrap_or(""));
        } else {
            escape(out, word);
        }
    }
}

/// Escapes text for element content and quoted attributes.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

const LEGEND: &str = "<details><summary>Ce que décident les deux derniers chiffres d’un numéro</summary><table>\
<tr><th>01</th><td>échec définitif</td></tr><tr><th>02</th><td>expire</td></tr>\
<tr><th>03</th><td>refusé aussitôt</td></tr><tr><th>04</th><td>freiné la première fois</td></tr>\
<tr><th>05</th><td>jamais d’accusé de réception</td></tr><tr><th>06</th><td>accusé reçu deux fois</td></tr>\
<tr><th>07</th><td>accusé reçu avant la réponse à l’envoi</td></tr><tr><th>autres</th><td>remis</td></tr></table></details>";

#[cfg(test)]
mod tests {
    use super::*;

    fn linked(text: &str) -> String {
        let mut out = String::new();
        write_linked(&mut out, text);
        out
    }

    #[test]
    fn only_web_addresses_become_links_and_nothing_becomes_markup() {
        let a = |url: &str| format!("<a target=_blank rel=\"noopener noreferrer\" href=\"{url}\">{url}</a>");
        for (text, expected) in [
            ("Voir https://e.nv/Ab12Cd34.", format!("Voir {}.", a("https://e.nv/Ab12Cd34"))),
            ("http://127.0.0.1:8080/x\nfin", format!("{}\nfin", a("http://127.0.0.1:8080/x"))),
            ("https://a/\"onload=x", a("https://a/&quot;onload=x")),
            ("javascript:alert(1)", "javascript:alert(1)".to_owned()),
            ("https://", "https://".to_owned()),
            ("<script>&'", "&lt;script&gt;&amp;&#39;".to_owned()),
            ("é\u{202f}€ 😀", "é\u{202f}€ 😀".to_owned()),
        ] {
            assert_eq!(linked(text), expected);
        }
    }

    #[test]
    fn large_counts_are_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1\u{202f}000", "1\u{202f}234\u{202f}567"]);
    }
}
