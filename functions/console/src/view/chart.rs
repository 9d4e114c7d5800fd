//! Charts as SVG: printable, without scripts, with a table of the same figures beside them.

use maud::{Markup, html};

const WIDTH: u32 = 760;
const HEIGHT: u32 = 220;
const LEFT: u32 = 56;
const BOTTOM: u32 = 24;
const TOP: u32 = 10;

/// One part of a whole: colour class, name and count.
pub struct Part {
    pub class: &'static str,
    pub name: String,
    pub count: u64,
    /// Count and share as text.
    pub text: String,
}

/// A bar divided into parts, with its legend.
pub fn breakdown(label: &str, parts: &[Part]) -> Markup {
    let total: u64 = parts.iter().map(|part| part.count).sum();
    let mut x = 0;
    let mut cut = Vec::new();
    for part in parts.iter().filter(|part| part.count > 0) {
        let width = scale(part.count, total, u64::from(WIDTH)).max(2);
        cut.push((part.class, x, width));
        x += width;
    }
    html! {
        // Text alternative for screen readers.
        @let said: Vec<_> = parts.iter().filter(|part| part.count > 0).map(|part| format!("{} {}", part.name, part.text)).collect();
        svg.chart.breakdown viewBox={ "0 0 " (WIDTH) " 34" } role="img" aria-label={ (label) " – " (said.join(", ")) } preserveAspectRatio="none" {
            @for (class, x, width) in cut { rect class=(class) x=(x) y="0" width=(width) height="34" {} }
        }
        ul.legend { @for part in parts.iter().filter(|part| part.count > 0) { li { (swatch(part.class)) span { (part.name) } strong { (part.text) } } } }
    }
}

pub fn swatch(class: &str) -> Markup {
    html! { svg width="12" height="12" aria-hidden="true" { rect class=(class) width="12" height="12" rx="3" {} } }
}

/// One step of a timeline: its label and one value per series.
pub struct Step {
    pub label: String,
    pub values: [u32; 3],
}

/// Grouped bars, step by step.
pub fn timeline(label: &str, classes: [&'static str; 3], steps: &[Step], number: &dyn Fn(u64) -> String) -> Markup {
    let top = u64::from(steps.iter().flat_map(|step| step.values).max().unwrap_or(0)).max(1);
    let count = u32::try_from(steps.len()).unwrap_or(1).max(1);
    let slot = (WIDTH - LEFT) / count;
    let bar = ((slot * 8 / 10) / 3).clamp(1, 40);
    let height = HEIGHT - BOTTOM - TOP;
    let lines = [0, 1, 2].map(|half| (top * half / 2, TOP + height - height * u32::try_from(half).unwrap_or(0) / 2));
    // As many labels as are readable.
    let every = (steps.len() / 8).max(1);
    html! {
        svg.chart viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(label) {
            @for (value, y) in lines {
                line.axis x1=(LEFT) x2=(WIDTH) y1=(y) y2=(y) {}
                text x=(LEFT - 8) y=(y + 4) text-anchor="end" { (number(value)) }
            }
            @for (index, step) in steps.iter().enumerate() {
                @let x = LEFT + u32::try_from(index).unwrap_or(0) * slot + (slot - bar * 3) / 2;
                @for (series, value) in step.values.iter().enumerate() {
                    @let tall = u32::try_from(scale(u64::from(*value), top, u64::from(height))).unwrap_or(0);
                    rect class=(classes[series]) x=(x + u32::try_from(series).unwrap_or(0) * bar) y=(TOP + height - tall)
                        width=(bar.saturating_sub(1).max(1)) height=(tall) rx="1" {}
                }
                @if index % every == 0 {
                    text x=(x + bar * 3 / 2) y=(HEIGHT - 6) text-anchor="middle" { (step.label) }
                }
            }
        }
    }
}

fn scale(part: u64, whole: u64, length: u64) -> u64 {
    (part * length).checked_div(whole).unwrap_or(0)
}
