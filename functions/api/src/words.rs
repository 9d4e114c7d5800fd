//! Texts for the errors of the domain, in both languages.

use domain::local_time::LocalTimeProblem;
use domain::phone::PhoneProblem;
use domain::sender::{MAX_CHARS, MIN_CHARS, SenderProblem};
use domain::template::{
    MAX_FALLBACK_CHARS, MAX_NAME_CHARS, MAX_TEXT_CHARS, MAX_VARIABLES, TemplateError, TemplateProblem,
};
use web::Text;

pub fn sender_problem(problem: SenderProblem) -> Text {
    let french = match problem {
        SenderProblem::Empty => "l’expéditeur manque".to_owned(),
        SenderProblem::TooShort => format!("un expéditeur compte au moins {MIN_CHARS} caractères"),
        SenderProblem::TooLong => format!("un expéditeur compte au plus {MAX_CHARS} caractères"),
        SenderProblem::ForbiddenCharacter { character, at } => {
            let place = at + 1;
            format!("« {character} » (caractère {place}) n’est pas admis : lettres sans accent et chiffres seulement")
        }
        SenderProblem::NotRented => {
            "un expéditeur en chiffres doit être mis en place par l’opérateur de la plateforme".to_owned()
        }
    };
    Text::new(problem.to_string(), french)
}

pub fn phone_problem(problem: PhoneProblem) -> Text {
    let french = match problem {
        PhoneProblem::Empty => "aucun numéro de téléphone",
        PhoneProblem::TooShort => "trop peu de chiffres pour un numéro de téléphone",
        PhoneProblem::TooLong => "trop de chiffres pour un numéro de téléphone",
        PhoneProblem::ScientificNotation => {
            "un tableur a converti le numéro en notation scientifique ; ses chiffres sont perdus"
        }
        PhoneProblem::Letters => "un numéro de téléphone ne contient pas de lettres",
        PhoneProblem::UnexpectedCharacter => "un caractère étranger aux numéros de téléphone",
        PhoneProblem::UnknownCountry => "indicatif de pays inconnu",
        PhoneProblem::Landline => "une ligne fixe ne reçoit pas de SMS",
        PhoneProblem::Special => "un numéro spécial ne reçoit pas de SMS",
        PhoneProblem::NotMobile => "hors des tranches mobiles de son pays",
    };
    Text::new(problem.to_string(), french)
}

pub fn template_error(problem: TemplateProblem) -> Text {
    let french = match problem.fault {
        TemplateError::Unclosed => "`{{` n’est jamais fermé".to_owned(),
        TemplateError::Unopened => "`}}` ne ferme rien".to_owned(),
        TemplateError::EmptyName => "une variable sans nom".to_owned(),
        TemplateError::ForbiddenInVariable => "une accolade ou un saut de ligne dans une variable".to_owned(),
        TemplateError::NameTooLong => format!("un nom de variable compte au plus {MAX_NAME_CHARS} caractères"),
        TemplateError::FallbackTooLong => format!("une valeur de repli compte au plus {MAX_FALLBACK_CHARS} caractères"),
        TemplateError::TooManyVariables => format!("{MAX_VARIABLES} variables différentes au plus"),
        TemplateError::TextTooLong => format!("{MAX_TEXT_CHARS} caractères au plus"),
        TemplateError::ControlCharacter => "un caractère de contrôle".to_owned(),
    };
    Text::new(problem.to_string(), format!("{french} (caractère {})", problem.at + 1))
}

pub fn time_problem(problem: &LocalTimeProblem) -> Text {
    let french = match problem {
        LocalTimeProblem::Malformed => "une date et une heure telles que 2026-12-01T09:00:00".to_owned(),
        LocalTimeProblem::Skipped { skipped, next_valid, .. } => {
            format!("{skipped} n’existe pas (changement d’heure) ; la prochaine heure valide est {next_valid}")
        }
    };
    Text::new(problem.to_string(), french)
}
