//! Icons as SVG strokes of 24 by 24, in the colour of the text beside them.

use maud::{Markup, PreEscaped, html};

fn icon(paths: &'static str) -> Markup {
    html! {
        svg.icon viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.8"
            stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false" {
            (PreEscaped(paths))
        }
    }
}

macro_rules! icons {
    ($($name:ident: $paths:literal;)*) => {$(
        pub fn $name() -> Markup {
            icon($paths)
        }
    )*};
}

icons! {
    plane: r#"<path d="M21 3 10.5 13.5"/><path d="M21 3l-6.6 18-3.9-7.5L3 9.600z"/>"#;
    list: r#"<path d="M4 6h16M4 12h16M4 18h10"/>"#;
    plus: r#"<path d="M12 5v14M5 12h14"/>"#;
    minus: r#"<path d="M5 12h14"/>"#;
    people: r#"<circle cx="9" cy="8" r="3.5"/><path d="M2.500 20c.6-3.600 3.200-5.500 6.500-5.500s5.900 1.900 6.500 5.500"/><path d="M16 4.800a3.500 3.500 0 0 1 0 6.400M18.500 14.900c1.700.8 2.700 2.500 3 5.100"/>"#;
    shield: r#"<path d="M12 3 5 5.800v5.400c0 4.600 2.900 8 7 9.800 4.100-1.800 7-5.200 7-9.800V5.800z"/><path d="m9 9.500 6 5M15 9.500l-6 5"/>"#;
    bookmark: r#"<path d="M6 3.500h12v17l-6-4.300-6 4.300z"/>"#;
    chart: r#"<path d="M4 20h16"/><path d="M7 16v-5M12 16V5M17 16v-8"/>"#;
    gear: r#"<circle cx="12" cy="12" r="3.200"/><path d="M12 2.800v2.700M12 18.500v2.700M21.200 12h-2.700M5.500 12H2.800M18.500 5.500l-1.900 1.900M7.400 16.600l-1.900 1.900M18.500 18.500l-1.900-1.900M7.400 7.400 5.500 5.500"/>"#;
    refresh: r#"<path d="M20 11a8 8 0 0 0-14.300-4.200L3.500 9M3.500 4v5h5"/><path d="M4 13a8 8 0 0 0 14.300 4.200l2.200-2.200M20.500 20v-5h-5"/>"#;
    pause: r#"<path d="M9 5v14M15 5v14"/>"#;
    play: r#"<path d="M7 4.500v15l12-7.500z"/>"#;
    pencil: r#"<path d="M4 20l1-4.500L16.500 4 20 7.500 8.500 19z"/>"#;
    trash: r#"<path d="M4 6.500h16M9.500 6V4h5v2M6.500 6.500l1 13.500h9l1-13.500"/>"#;
    eye: r#"<path d="M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12z"/><circle cx="12" cy="12" r="2.800"/>"#;
    search: r#"<circle cx="11" cy="11" r="6.500"/><path d="m16 16 4.500 4.500"/>"#;
    link: r#"<path d="M10 14a4 4 0 0 0 5.700 0l3.500-3.500a4 4 0 0 0-5.700-5.700L12 6.300"/><path d="M14 10a4 4 0 0 0-5.700 0l-3.500 3.500a4 4 0 0 0 5.700 5.700l1.500-1.500"/>"#;
    image: r#"<rect x="3.500" y="5" width="17" height="14" rx="2"/><circle cx="9" cy="10" r="1.600"/><path d="m4.500 18 5-5 3 3 3.500-3.500 4 4"/>"#;
    upload: r#"<path d="M12 16V5M7.500 9 12 4.500 16.500 9"/><path d="M4.500 15v4.500h15V15"/>"#;
    download: r#"<path d="M12 4.500v11M7.500 11.500 12 16l4.500-4.500"/><path d="M4.500 16v3.500h15V16"/>"#;
    coins: r#"<ellipse cx="12" cy="6.500" rx="7.500" ry="3"/><path d="M4.500 6.500v5c0 1.700 3.400 3 7.500 3s7.500-1.300 7.500-3v-5M4.500 11.500v5c0 1.700 3.400 3 7.500 3s7.500-1.300 7.500-3v-5"/>"#;
    check: r#"<path d="m5 12.500 4.500 4.500L19 7.500"/>"#;
    warning: r#"<path d="M12 4 2.800 19.500h18.400z"/><path d="M12 10v4.500M12 17.200v.1"/>"#;
    leave: r#"<path d="M14 4.500H5.500v15H14M10.500 12h10M17 8.500l3.500 3.500-3.500 3.500"/>"#;
    menu: r#"<path d="M4 7h16M4 12h16M4 17h16"/>"#;
    copy: r#"<rect x="8.500" y="8.500" width="11" height="11" rx="2"/><path d="M15.500 8.500v-4h-11v11h4"/>"#;
    person: r#"<circle cx="12" cy="8" r="4"/><path d="M4.500 20.500c.8-4 3.800-6 7.500-6s6.700 2 7.500 6"/>"#;
    key: r#"<circle cx="8" cy="15.500" r="4.500"/><path d="m11.500 12.500 8.500-8.500M16.500 7.500l3 3"/>"#;
    message: r#"<path d="M4 5.500h16v11h-9l-4.500 3.500v-3.500H4z"/><path d="M8 9.500h8M8 12.500h5"/>"#;
    eraser: r#"<path d="M8.500 19.500 3.500 14.500 14 4l6.500 6.500-9 9z"/><path d="m8.500 9.500 6.500 6.500M11 19.500h9"/>"#;
    book: r#"<path d="M12 6.500C10 5 7.500 4.500 3.500 4.500v13.500c4 0 6.500.5 8.500 2 2-1.500 4.500-2 8.500-2V4.500c-4 0-6.500.5-8.500 2z"/><path d="M12 6.500V20"/>"#;
    phone: r#"<rect x="7" y="3" width="10" height="18" rx="2.500"/><path d="M11 18h2"/>"#;
}

/// The product's logo.
pub fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false" {
            (PreEscaped(r#"<path d="M29 3 2.500 12.700l9.300 4.300z" fill="currentColor"/><path d="M29 3 11.800 17l3.900 11.500 4-6.600z" fill="currentColor" opacity=".72"/><path d="m11.800 17 7.900 4.900L29 3z" fill="currentColor" opacity=".5"/>"#))
        }
    }
}
