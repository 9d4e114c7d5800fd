//! Words of the erasure of a number.

use domain::erasure::Stage;

use super::{Word, words};

words! {
    TITLE: "Effacement d’un numéro", "Erasure of a number";
    MENU: "Droit à l’effacement", "Right to erasure";
    LEAD: "Quand une personne demande l’effacement de ses données : son numéro disparaît de tout le compte, pour de bon.", "When somebody asks for their data to be erased: their number leaves the whole account, for good.";
    PHONE: "Numéro à effacer", "Number to erase";
    PHONE_HINT: "Celui de la personne qui le demande, comme 06 12 34 56 78 ou +33 6 12 34 56 78.", "That of the person who asks, such as 06 12 34 56 78 or +33 6 12 34 56 78.";
    NEXT: "Effacer ce numéro", "Erase this number";
    GOES: "Ce qui est effacé", "What is erased";
    GOES_LISTS: "Ses lignes dans toutes les listes de contacts et d’exclusion, leurs rejets et leurs exports. Le fichier d’origine d’une liste qui le contenait est supprimé : elle ne pourra plus être relue avec une autre colonne ou une autre feuille.", "Its rows in every contact and exclusion list, their rejects and exports. The original file of a list that held it is deleted: it can no longer be read again with another column or sheet.";
    GOES_CAMPAIGNS: "Sa ligne parmi les destinataires et dans le rapport de chaque campagne. Une campagne en cours ne lui écrit plus ; sa ligne disparaît dès qu’elle est terminée.", "Its row among the recipients and in the report of every campaign. A campaign under way no longer writes to it; its row goes as soon as it is finished.";
    GOES_REPLIES: "Ses réponses, et ce que les webhooks en gardaient.", "Its replies, and what webhooks kept of them.";
    GOES_EXCLUSION: "Sa ligne dans la liste d’exclusion : numéro, motif, auteur.", "Its row in the exclusion list: number, reason, author.";
    STAYS: "Ce qui reste", "What stays";
    STAYS_FINGERPRINT: "Une empreinte à clé (HMAC-SHA256) à la place du numéro. Elle ne permet pas de le retrouver sans la clé secrète de la plateforme, et ne sert qu’à une chose : ne plus jamais lui envoyer de marketing, même s’il est importé à nouveau. Si la personne le souhaite un jour, « Retirer » dans la liste d’exclusion l’oublie.", "A keyed fingerprint (HMAC-SHA256) in place of the number. Nobody gets the number back from it without the platform’s secret key, and it serves one end: never sending it marketing again, even when it is imported anew. Should the person wish so one day, “Remove” in the exclusion list forgets it.";
    STAYS_COUNTS: "Les totaux des statistiques, sans aucun numéro.", "The totals of statistics, without any number.";
    STAYS_TRAIL: "Au journal : la date de la demande et son auteur, sans le numéro.", "In the audit log: when it was asked for and by whom, without the number.";
    STAYS_A_WHILE: "Pour un temps : les sauvegardes, 35 jours ; un fichier déposé où le numéro n’a pas été reconnu, 7 jours ; un export déjà préparé, un jour.", "For a while: backups, 35 days; an uploaded file in which the number was not recognised, 7 days; an export that was made already, one day.";
    STAYS_FILES: "Les fichiers que vous avez déjà téléchargés : supprimez-le aussi chez vous.", "Files that you downloaded already: delete it there too.";
    ASK: "Effacer définitivement {} ?", "Erase {} for good?";
    ASK_HELP: "Cela ne peut pas être annulé.", "This cannot be undone.";
    YES: "Effacer définitivement", "Erase for good";
    PAST: "Demandes", "Requests";
    PAST_NONE: "Aucune demande d’effacement.", "No erasure was asked for.";
    ASKED: "Demandé le", "Asked on";
    BY: "Par", "By";
    STATE: "État", "Status";
    DONE_AT: "Terminé le", "Done on";
    RUNNING: "En cours", "Running";
    WAITING: "En attente", "Waiting";
    DONE: "Terminé", "Done";
    ONE: "Demande d’effacement", "Request for erasure";
    ONE_RUNNING: "Plus aucune campagne n’écrit à ce numéro. Ses traces disparaissent en quelques minutes ; vous pouvez quitter cette page.", "No campaign writes to this number any more. Its traces go within minutes; you may leave this page.";
    ONE_WAITING: "Plus aucune campagne n’écrit à ce numéro. Il reste à l’ôter de ce qui est en cours d’utilisation ; cela se fera de soi-même.", "No campaign writes to this number any more. It is still to be taken out of what is in use; that happens by itself.";
    ONE_DONE: "Le numéro n’est plus nulle part dans ce compte. Seule son empreinte reste.", "The number is nowhere in this account any more. Only its fingerprint stays.";
    IN_LISTS: "Listes qui le contenaient", "Lists that held it";
    IN_CAMPAIGNS: "Campagnes qui le contenaient", "Campaigns that held it";
    IN_REPLIES: "Réponses effacées", "Replies erased";
    WAITS_LIST: "Liste en cours d’import", "List being imported";
    WAITS_CAMPAIGN: "Campagne non terminée", "Campaign not finished";
    SEE: "Voir la demande du {}", "See the request of {}";
}

pub fn stage(stage: &Stage) -> Word {
    match stage {
        Stage::Lists { .. } | Stage::Campaigns { .. } => RUNNING,
        Stage::Waiting => WAITING,
        Stage::Done => DONE,
    }
}
