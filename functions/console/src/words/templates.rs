//! Words of the templates.

use super::words;

words! {
    LEAD: "Des messages prêts à reprendre, avec leur expéditeur.", "Messages ready to be used again, with their sender.";
    NEW: "Créer un modèle", "Create a template";
    EDIT: "Modifier le modèle", "Edit the template";
    USE: "Créer une campagne", "Create a campaign";
    EMPTY: "Aucun modèle", "No template";
    EMPTY_LEAD: "Enregistrez les messages que vous envoyez souvent : vous les retrouverez à l’étape Message.", "Keep the messages that you send often: you will find them at the step Message.";
    NAME: "Nom du modèle", "Template name";
    NAME_BAD: "Donnez un nom au modèle, de 100 caractères au plus.", "Give the template a name of 100 characters at most.";
    DELETE_ASK: "Supprimer le modèle « {} » ?", "Delete the template “{}”?";
    DELETE_HELP: "Les campagnes déjà créées avec lui ne changent pas.", "Campaigns made with it do not change.";
}
