//! Templates by example, and properties of any text.

use proptest::prelude::*;

use super::*;

/// A text rendered with these fields.
fn rendered(text: &str, fields: &[(&str, &str)]) -> String {
    let mut out = String::from("somebody else's text");
    let value = |name: &str| fields.iter().find(|(field, _)| *field == name).map(|(_, value)| *value);
    Template::parse(text).unwrap().render(|_, name| value(name), &mut out);
    out
}

fn refused(text: &str) -> (TemplateError, usize) {
    let problem = Template::parse(text).unwrap_err();
    (problem.fault, problem.at)
}

#[test]
fn a_variable_becomes_its_value_or_its_fallback() {
    let text = "Bonjour {{prenom|cher client}} {{nom}}!";
    assert_eq!(rendered(text, &[("prenom", "Léa"), ("nom", "Roy")]), "Bonjour Léa Roy!");
    assert_eq!(rendered(text, &[("prenom", "  "), ("nom", "Roy")]), "Bonjour cher client Roy!");
    assert_eq!(rendered(text, &[("prenom", "\u{a0}\n")]), "Bonjour cher client !");
    assert_eq!(rendered(text, &[]), "Bonjour cher client !");
}

#[test]
fn names_match_without_case_accents_and_spaces() {
    let template = Template::parse("{{Prénom}} {{ CODE  postal |?}} {{prenom}} {{e-mail}}").unwrap();
    assert_eq!(template.variables(), ["prenom", "code_postal", "e-mail"]);
    assert_eq!(variable_name(" Prénom du\u{a0}client "), "prenom_du_client");
}

#[test]
fn variables_of_other_products_are_recognised_and_prices_are_not() {
    let template = Template::parse("{Prénom} {{nom}} [ville] -20% avec %code% {} [] -5 % {a{b}").unwrap();
    let found = template.lookalikes();
    for written in ["{Prénom}", "[ville]", "%code%", "{b}"] {
        assert!(found.contains(&written), "{written} in {found:?}");
    }
    assert!(
        !found.iter().any(|written| written.contains("nom}}") || *written == "{}" || *written == "[]"),
        "{found:?}"
    );
}

#[test]
fn the_lookup_gets_the_index_of_the_variable() {
    let template = Template::parse("{{b}}{{a}}{{b|x}}").unwrap();
    let mut out = String::new();
    template.render(|index, _| ["1", "2"].get(index).copied(), &mut out);
    assert_eq!(out, "121");
}

#[test]
fn values_cannot_break_lines_change_direction_or_contain_variables() {
    for (value, clean) in [
        ("Léa\r\nRoy", "Léa Roy"),
        ("Léa\u{2028}Roy\0", "Léa Roy"),
        ("Léa \tRoy", "Léa Roy"),
        ("\u{feff}Léa\u{202e}", "Léa"),
        ("{{nom}}", "{{nom}}"),
        ("👩\u{200d}🚀", "👩\u{200d}🚀"),
    ] {
        assert_eq!(rendered("{{prenom}}", &[("prenom", value)]), clean);
    }
}

#[test]
fn line_ends_become_one_character() {
    assert_eq!(rendered("a\r\nb\rc\nd", &[]), "a\nb\nc\nd");
}

#[test]
fn single_braces_are_text() {
    assert_eq!(rendered("{prenom} } {", &[("prenom", "Léa")]), "{prenom} } {");
}

#[test]
fn an_invalid_text_is_refused_with_the_position_of_the_error() {
    use TemplateError::*;
    for (text, fault, at) in [
        ("été {{prenom", Unclosed, 4),
        ("été {{prenom}", Unclosed, 4),
        ("{{a {{b}}", Unclosed, 0),
        ("été prenom}} {{a}}", Unopened, 10),
        ("{{a}} {b}}", Unopened, 8),
        ("é {{}}", EmptyName, 2),
        ("{{ |cher client}}", EmptyName, 0),
        ("{{{prenom}}}", ForbiddenInVariable, 0),
        ("{{a|b{c}}", ForbiddenInVariable, 0),
        ("x {{a\nb}}", ForbiddenInVariable, 2),
        ("a\0", ControlCharacter, 1),
    ] {
        assert_eq!(refused(text), (fault, at), "{text}");
    }
}

#[test]
fn limits_are_kept() {
    let name = |length| format!("{{{{{}}}}}", "n".repeat(length));
    assert!(Template::parse(&name(MAX_NAME_CHARS)).is_ok());
    assert_eq!(refused(&name(MAX_NAME_CHARS + 1)), (TemplateError::NameTooLong, 0));
    let fallback = |length| format!("{{{{n|{}}}}}", "é".repeat(length));
    assert!(Template::parse(&fallback(MAX_FALLBACK_CHARS)).is_ok());
    assert_eq!(refused(&fallback(MAX_FALLBACK_CHARS + 1)), (TemplateError::FallbackTooLong, 0));
    assert!(Template::parse(&"é".repeat(MAX_TEXT_CHARS)).is_ok());
    assert_eq!(refused(&"é".repeat(MAX_TEXT_CHARS + 1)), (TemplateError::TextTooLong, MAX_TEXT_CHARS));
    let many = |count: usize| (0..count).map(|n| format!("{{{{v{n:02}}}}}")).collect::<String>();
    assert!(Template::parse(&(many(MAX_VARIABLES) + "{{v00}}")).is_ok());
    assert_eq!(refused(&many(MAX_VARIABLES + 1)), (TemplateError::TooManyVariables, MAX_VARIABLES * 7));
}

#[test]
fn codes_of_errors_differ() {
    let codes: std::collections::BTreeSet<_> = TemplateError::ALL.iter().map(|error| error.code()).collect();
    assert_eq!(codes.len(), TemplateError::ALL.len());
}

proptest! {
    #[test]
    fn no_text_makes_parsing_panic(text in any::<String>(), braces in "[{}|a é\n]{0,30}") {
        let _ = Template::parse(&text);
        let _ = Template::parse(&braces);
    }

    #[test]
    fn a_text_without_braces_renders_as_itself(text in "[^{}\r\\p{Cc}]{0,200}[\n\t]?") {
        prop_assert_eq!(rendered(&text, &[]), text);
    }

    #[test]
    fn values_are_inserted_between_the_texts(
        texts in prop::collection::vec("[^{}\\p{Cc}]{0,20}", 1..6),
        value in "[a-zé]{1,10}",
    ) {
        prop_assert_eq!(rendered(&texts.join("{{x}}"), &[("x", &value)]), texts.join(&value));
    }

    #[test]
    fn a_rendered_value_holds_no_control_character(value in any::<String>()) {
        prop_assert!(!rendered("{{x}}", &[("x", &value)]).contains(char::is_control));
    }

    #[test]
    fn an_error_points_into_the_text(text in "[{}|a é\n\0]{0,30}") {
        if let Err(problem) = Template::parse(&text) {
            prop_assert!(problem.at < text.chars().count());
        }
    }
}

#[test]
fn a_variable_has_a_fallback_only_if_it_has_one_everywhere() {
    let template = Template::parse("{{a|x}} {{b}} {{b|y}} {{a|z}}").unwrap();
    assert_eq!((template.has_fallback("a"), template.has_fallback("b")), (true, false));
}
