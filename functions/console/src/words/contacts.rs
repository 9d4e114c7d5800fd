//! Words of lists, imports and exclusions.

use super::{Word, words};

words! {
    LISTS_LEAD: "Vos contacts, une ligne par numéro de mobile.", "Your contacts, one row per mobile number.";
    NEW_LIST: "Créer une liste de contacts", "Create a contact list";
    EMPTY: "Aucune liste de contacts", "No contact list";
    EMPTY_LEAD: "Importez un fichier CSV ou XLSX : les numéros sont reconnus, corrigés et dédoublonnés.", "Import a CSV or XLSX file: numbers are recognised, repaired and deduplicated.";
    CONTACTS: "Contacts", "Contacts";
    EXCLUDED: "dont exclus", "of which excluded";
    AUTHOR: "Auteur", "Author";
    STATUS: "État", "Status";
    AWAITING: "En attente du fichier", "Waiting for the file";
    IMPORTING: "Import en cours", "Importing";
    READY: "Prête", "Ready";
    FAILED: "Import échoué", "Import failed";
    DISABLED: "Désactivée", "Disabled";
    SEARCH: "Rechercher une liste par son nom", "Find a list by its name";
    NONE_FOUND: "Aucune liste ne porte ce nom.", "No list has this name.";
    RENAME_TITLE: "Modifier la liste", "Edit the list";
    IMPORT_TITLE: "Importer des contacts", "Import contacts";
    NAME: "Nom de la liste", "List name";
    NAME_BAD: "Donnez un nom à la liste, de 100 caractères au plus.", "Give the list a name of 100 characters at most.";
    FILE: "Fichier CSV ou XLSX", "CSV or XLSX file";
    FILE_HINT: "Avec ou sans en-tête, virgule, point-virgule ou tabulation : tout est reconnu. Jusqu’à 512 Mo.", "With or without header, comma, semicolon or tab: everything is detected. Up to 512 MB.";
    IMPORT: "Importer", "Import";
    PASTE: "Ou collez des numéros", "Or paste numbers";
    PASTE_HINT: "Un par ligne. Formats acceptés : 06 12 34 56 78, +33 6…, 0033 6…", "One per line. Accepted formats: 06 12 34 56 78, +33 6…, 0033 6…";
    PASTE_BAD: "Choisissez un fichier, ou collez au moins un numéro.", "Choose a file, or paste at least one number.";
    NO_SCRIPT: "Sans JavaScript, collez les numéros ci-dessous.", "Without JavaScript, paste the numbers below.";
    SENT: "Envoi du fichier", "Uploading the file";
    READING: "Lecture et tri des contacts…", "Reading and sorting the contacts…";
    WAITING: "Fichier reçu, l’import va commencer…", "File received, the import is about to begin…";
    SUMMARY: "Votre liste est prête", "Your list is ready";
    ROWS: "Lignes lues", "Rows read";
    DUPLICATES: "Doublons", "Duplicates";
    INVALID: "Invalides", "Invalid";
    FINAL: "Contacts finaux", "Final contacts";
    PHONE_COLUMN: "Colonne du numéro de téléphone", "Column of the phone number";
    PHONE_COLUMN_HINT: "Détectée automatiquement. Si elle est incorrecte, choisissez-en une autre : la liste est relue.", "Detected automatically. If it is wrong, choose another: the list is read again.";
    SHEET: "Feuille du classeur", "Sheet of the workbook";
    SHEET_HINT: "La première feuille visible est lue. Si vos contacts sont sur une autre, choisissez-la.", "The first visible sheet is read. If your contacts are on another, choose it.";
    REREAD_SHEET: "Lire cette feuille", "Read this sheet";
    FAILED_SHEET: "« {} » n’a rien donné : le classeur a d’autres feuilles.", "“{}” contains no contacts: the workbook has other sheets.";
    NOT_KEPT: "Le fichier d’origine n’est plus conservé : importez-le à nouveau.", "The original file is no longer kept: import it again.";
    REREAD: "Relire avec cette colonne", "Read again with this column";
    VALIDATE: "Valider", "Confirm";
    REJECTS: "Télécharger les lignes rejetées", "Download the rejected rows";
    REJECTS_FILE: "{}-rejets.csv", "{}-rejects.csv";
    COLUMN_AND_SHEET: "Feuille et colonne du numéro", "Sheet and column of the number";
    EXPORT: "Exporter", "Export";
    ENABLE: "Réactiver", "Enable";
    DISABLE: "Désactiver", "Disable";
    DELETE_ASK: "Supprimer la liste « {} » ?", "Delete the list “{}”?";
    DELETE_HELP: "Ses contacts disparaissent. La liste d’exclusion, elle, reste.", "Its contacts disappear. The exclusion list stays.";
    IN_USE: "La campagne « {} » l’utilise encore : terminez-la ou retirez-en la liste d’abord.", "The campaign “{}” still uses it: finish it or remove the list from it first.";
    BY_REASON: "Motifs de rejet", "Reasons of rejection";
    FIRST_CONTACTS: "Premiers contacts", "First contacts";
    PHONE: "Numéro", "Number";
    SUMMARY_TITLE: "Synthèse des destinataires", "Summary of the recipients";
    SUMMARY_LISTS: "Listes", "Lists";
    SUMMARY_CONTACTS: "Contacts", "Contacts";
    SUMMARY_DUPLICATES: "Doublons entre listes", "Duplicates across lists";
    SUMMARY_EXCLUDED: "Exclus", "Excluded";
    SUMMARY_INVALID: "Invalides à l’import", "Invalid at import";
    SUMMARY_FINAL: "Destinataires finaux", "Final recipients";
    SUMMARY_NONE: "Choisissez au moins une liste prête.", "Choose at least one list that is ready.";
    EXCLUSIONS_LEAD: "Ces numéros ne reçoivent jamais de marketing. Les réponses STOP s’y ajoutent d’elles-mêmes.", "These numbers never get marketing. STOP replies are added automatically.";
    EXCLUSION_SOURCE: "Origine", "Source";
    EXCLUSION_REASON: "Motif", "Reason";
    EXCLUSION_REASON_HINT: "Facultatif : pourquoi, et à la demande de qui.", "Optional: why, and on whose request.";
    EXCLUSION_DO: "Exclure", "Exclude";
    EXCLUSION_ALLOW: "Retirer", "Remove";
    EXCLUSION_ALLOW_OF: "Retirer {} de la liste d’exclusion", "Remove {} from the exclusion list";
    EXCLUSION_ALLOW_HELP: "Ce numéro pourra de nouveau recevoir du marketing. Ne le faites qu’à sa demande.", "This number may get marketing again. Do it only on its holder’s request.";
    EXCLUSION_SEARCH: "Rechercher un numéro ou ses chiffres", "Find a number or its digits";
    EXCLUSION_EMPTY: "Aucun numéro exclu.", "No excluded number.";
    EXCLUSION_NOT: "{} n’est pas exclu.", "{} is not excluded.";
    EXCLUSION_IMPORT: "Importer des exclusions", "Import exclusions";
    EXCLUSION_IMPORTS: "Fichiers importés", "Imported files";
    EXCLUSION_EXPORT: "Exporter (CSV)", "Export (CSV)";
    EXCLUSION_PART: "Recherche dans les numéros exclus un par un, par {}. Pour chercher aussi dans les fichiers importés, indiquez le numéro entier.", "Searching the numbers that were excluded one by one for {}. To search the imported files too, enter the whole number.";
    EXCLUSION_PART_NONE: "Aucun numéro exclu un par un ne contient {}.", "No number that was excluded one by one contains {}.";
    EXCLUSION_GO_ON: "Continuer la recherche", "Go on searching";
    NUMBERS: "{} numéros", "{} numbers";
    BY_STOP: "Réponse STOP", "STOP reply";
    BY_HAND: "Saisie", "Entered";
    BY_IMPORT: "Import", "Import";
    BY_ERASURE: "Effacement", "Erasure";
    BY: "Par", "By";
    PHONE_BAD: "Ce n’est pas un numéro de mobile : écrivez-le comme 06 12 34 56 78 ou +33 6 12 34 56 78.", "This is not a mobile number: write it as 06 12 34 56 78 or +33 6 12 34 56 78.";
    F_EMPTY: "Le fichier est vide : choisissez-en un autre.", "The file is empty: choose another.";
    F_NO_COLUMN: "Aucune colonne ne contient de numéros de mobile : vérifiez le fichier.", "No column holds mobile numbers: check the file.";
    F_COLUMN: "La colonne choisie n’existe pas dans le fichier.", "The chosen column is not in the file.";
    F_MANY: "Le fichier a trop de colonnes : gardez celles dont vous avez besoin.", "The file has too many columns: keep those you need.";
    F_LARGE: "Le fichier est trop gros : partagez-le en plusieurs listes.", "The file is too large: split it into several lists.";
    F_ENCODING: "Le fichier n’est pas un texte lisible : enregistrez-le en CSV UTF-8.", "The file is not readable text: save it as CSV UTF-8.";
    F_WORKBOOK: "Le classeur est illisible : ouvrez-le, enregistrez-le en XLSX ou CSV et réessayez.", "The workbook cannot be read: open it, save it as XLSX or CSV and try again.";
    F_SHEET: "Le classeur n’a pas cette feuille : choisissez-en une autre.", "The workbook has no such sheet: choose another.";
    F_FORMAT: "Ce format n’est pas pris en charge : enregistrez-le en CSV ou XLSX.", "This format is not supported: save it as CSV or XLSX.";
    F_MISSING: "Le fichier n’est pas arrivé ou n’est plus conservé : déposez-le à nouveau.", "The file did not arrive or is no longer kept: upload it again.";
    F_CUT_OFF: "L’import a été interrompu : déposez le fichier à nouveau.", "The import was cut off: upload the file again.";
    F_OTHER: "Le fichier n’a pas pu être lu : enregistrez-le en CSV et réessayez.", "The file could not be read: save it as CSV and try again.";
    R_EMPTY: "numéro vide", "empty number";
    R_LANDLINE: "ligne fixe", "landline";
    R_SHORT: "trop court", "too short";
    R_LONG: "trop long", "too long";
    R_SCIENTIFIC: "notation scientifique (3,36E+10)", "scientific notation (3.36E+10)";
    R_LETTERS: "contient des lettres", "contains letters";
    R_COUNTRY: "pays inconnu", "unknown country";
    R_NOT_MOBILE: "pas un mobile", "not a mobile";
    R_CHARACTER: "caractère inattendu", "unexpected character";
    R_SPECIAL: "numéro spécial", "special number";
    R_OTHER: "autre motif ({})", "another reason ({})";
    T_FR: "France métropolitaine", "Metropolitan France";
    T_GP: "Guadeloupe", "Guadeloupe";
    T_MF: "Saint-Martin", "Saint-Martin";
    T_BL: "Saint-Barthélemy", "Saint-Barthélemy";
    T_GF: "Guyane", "French Guiana";
    T_MQ: "Martinique", "Martinique";
    T_RE: "La Réunion", "Réunion";
    T_YT: "Mayotte", "Mayotte";
    T_PM: "Saint-Pierre-et-Miquelon", "Saint-Pierre and Miquelon";
    T_NC: "Nouvelle-Calédonie", "New Caledonia";
    T_PF: "Polynésie française", "French Polynesia";
    T_WF: "Wallis-et-Futuna", "Wallis and Futuna";
    T_OTHER: "Autres pays", "Other countries";
}

/// A territory by its code.
pub fn territory(code: &str) -> Word {
    match code {
        "FR" => T_FR,
        "GP" => T_GP,
        "MF" => T_MF,
        "BL" => T_BL,
        "GF" => T_GF,
        "MQ" => T_MQ,
        "RE" => T_RE,
        "YT" => T_YT,
        "PM" => T_PM,
        "NC" => T_NC,
        "PF" => T_PF,
        "WF" => T_WF,
        _ => T_OTHER,
    }
}

/// Why a file gave no list, by its code.
pub fn failure(code: &str) -> Word {
    match code {
        "empty_file" => F_EMPTY,
        "no_phone_column" => F_NO_COLUMN,
        "phone_column_not_found" => F_COLUMN,
        "too_many_columns" => F_MANY,
        "too_large" => F_LARGE,
        "unreadable_encoding" => F_ENCODING,
        "unsupported_format" | "no_workbook" => F_FORMAT,
        "unreadable_workbook" => F_WORKBOOK,
        "sheet_not_found" => F_SHEET,
        "upload_missing" => F_MISSING,
        "cut_off" => F_CUT_OFF,
        _ => F_OTHER,
    }
}

/// Why a row was refused, by its code; `R_OTHER` takes the code.
pub fn reason(code: &str) -> Word {
    match code {
        "empty" => R_EMPTY,
        "landline" => R_LANDLINE,
        "too_short" => R_SHORT,
        "too_long" => R_LONG,
        "scientific_notation" => R_SCIENTIFIC,
        "letters" => R_LETTERS,
        "unknown_country" => R_COUNTRY,
        "not_mobile" => R_NOT_MOBILE,
        "unexpected_character" => R_CHARACTER,
        "special" => R_SPECIAL,
        _ => R_OTHER,
    }
}
