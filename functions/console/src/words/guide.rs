//! Words of the user guide. Labels of buttons and menus, and limits, are filled in by the page.

use super::words;

words! {
    MENU: "Mode d’emploi", "User guide";
    TITLE: "Envoyer une campagne, pas à pas", "Sending a campaign, step by step";
    LEAD: "De votre fichier de contacts aux résultats. Rien ne part avant votre validation : vous pouvez tout essayer.", "From your contact file to the results. Nothing is sent before you validate: you can try everything.";
    CONTENTS: "Sommaire", "Contents";
    FIRST_TIME: "Première campagne ? Suivez le mode d’emploi", "Your first campaign? Follow the user guide";
    CONTACTS: "1. Importer vos contacts", "1. Import your contacts";
    CONTACTS_FILE: "Dans « {} », cliquez sur « {} ». Nommez la liste, puis choisissez un fichier CSV ou XLSX ({} Mo maximum) ou collez des numéros.", "Under “{}”, click “{}”. Name the list, then choose a CSV or XLSX file ({} MB at most) or paste numbers.";
    CONTACTS_ROWS: "Il faut une ligne par personne et une colonne avec le numéro de mobile. Les autres colonnes (prénom, ville…) servent à personnaliser le message.", "The file needs one row per person and a column with the mobile number. The other columns (first name, town…) are there to personalise the message.";
    CONTACTS_NUMBERS: "Écrivez les numéros comme vous voulez : 06 12 34 56 78, +33 6…, 0033 6… Les doublons sont retirés ; les lignes fixes et les numéros incorrects sont écartés.", "Write numbers as you like: 06 12 34 56 78, +33 6…, 0033 6… Duplicates are removed; landlines and wrong numbers are left out.";
    CONTACTS_CHECK: "Vérifiez le bilan de l’import et la colonne du numéro. « {} » donne chaque ligne écartée, avec son motif.", "Check the result of the import and the column of the number. “{}” gives every row that was left out, with the reason.";
    CONTACTS_PURGE: "Une liste qui n’a pas servi pendant {} jours est supprimée automatiquement.", "A list that has not been used for {} days is deleted automatically.";
    EXCLUSIONS: "2. Exclusions et STOP", "2. Exclusions and STOP";
    EXCLUSIONS_RULE: "Un numéro de la « {} » ne reçoit jamais de marketing, même s’il figure dans vos listes ou s’il est importé à nouveau.", "A number of the “{}” never gets marketing, even if it is in your lists or is imported again.";
    EXCLUSIONS_STOP: "Quand une personne répond STOP, son numéro y est ajouté aussitôt, même pendant un envoi.", "When somebody answers STOP, their number is added at once, even while a campaign is being sent.";
    EXCLUSIONS_OWN: "Ajoutez-y les personnes qui se sont désinscrites autrement (téléphone, e-mail, boutique) : une par une, ou par fichier avec « {} ».", "Add the people who unsubscribed in another way (by phone, by e-mail, in a shop): one by one, or from a file with “{}”.";
    EXCLUSIONS_MENTION: "Un message marketing doit dire comment se désinscrire : cochez « {} » et « {} » est ajouté à la fin.", "A marketing message has to say how to unsubscribe: tick “{}” and “{}” is added at the end.";
    EXCLUSIONS_ERASURE: "Une personne demande l’effacement de ses données ? Utilisez « {} ».", "Somebody asks for their data to be erased? Use “{}”.";
    MESSAGE: "3. Écrire le message", "3. Write the message";
    MESSAGE_STEPS: "« {} » avance en cinq étapes, enregistrées au fur et à mesure : vous pouvez quitter et reprendre plus tard.", "“{}” has five steps, saved as you go: you can leave and carry on later.";
    MESSAGE_SENDER: "L’expéditeur est le nom qui s’affiche : {} à {} lettres sans accent ou chiffres, sans espace.", "The sender is the name that is shown: {} to {} plain letters or digits, no spaces.";
    MESSAGE_VARIABLES: "Une variable prend la donnée de chaque contact : {{prenom}} devient son prénom. Si elle peut être vide, prévoyez une valeur par défaut : {{prenom|cher client}}. {} variables maximum.", "A variable takes the value of each contact: {{prenom}} becomes their first name. If it may be empty, give a default: {{prenom|dear customer}}. {} variables at most.";
    MESSAGE_LINKS: "Un lien court est différent pour chaque destinataire : vous saurez qui a cliqué. Il peut aussi mener à une image ({} Mo maximum). {} liens maximum.", "A short link differs for each recipient: you will know who clicked. It can also lead to an image ({} MB at most). {} links at most.";
    MESSAGE_LENGTH: "Un SMS contient {} caractères. Un message plus long est découpé en parties de {} caractères, {} au maximum. Chaque partie coûte un crédit.", "An SMS holds {} characters. A longer message is cut into parts of {} characters, {} at most. Each part costs one credit.";
    MESSAGE_UNICODE: "Un emoji ou un caractère comme ê ou œ ramène ces limites à {} et {} caractères. La console le signale et propose de le remplacer.", "An emoji or a character such as ê or œ lowers these limits to {} and {} characters. The console tells you and offers to replace it.";
    MESSAGE_PREVIEW: "L’aperçu montre le message avec les données d’un vrai contact. Gardez vos textes habituels dans « {} ».", "The preview shows the message with the values of a real contact. Keep the texts that you use often in “{}”.";
    PROOF: "4. Tester : SMS de test et BAT", "4. Try it: test SMS and proof";
    PROOF_TEST: "« {} », à la dernière étape, envoie le message à {} numéros maximum. Chaque SMS de test coûte ses crédits.", "“{}”, at the last step, sends the message to {} numbers at most. Each test SMS costs its credits.";
    PROOF_WHAT: "Un BAT est une vraie campagne sur une petite liste, par exemple vous et vos collègues. Cochez « {} » à la première étape.", "A proof (BAT) is a real campaign to a small list, such as you and your colleagues. Tick “{}” at the first step.";
    PROOF_THEN: "Le BAT est bon ? Créez la campagne finale et choisissez-le dans « {} » : tout est repris, il reste à changer les listes.", "The proof is fine? Make the final campaign and choose it under “{}”: everything is copied, and only the lists are left to change.";
    PROOF_REQUIRED: "Votre compte peut l’exiger : la campagne finale attend alors qu’un BAT avec exactement le même message soit terminé.", "Your account may require it: the final campaign then waits until a proof of the very same message is finished.";
    WINDOW: "5. Date, horaires légaux et cadence", "5. Date, legal hours and pace";
    WINDOW_WHEN: "Envoyez « {} » ou « {} », à l’heure de votre compte ({}).", "Send “{}” or “{}”, in the time zone of your account ({}).";
    WINDOW_LEGAL: "Le marketing part seulement dans les horaires légaux, à l’heure du destinataire : La Réunion et les Antilles ont la leur. Ce qui tombe en dehors attend l’ouverture suivante.", "Marketing goes out within the legal hours only, at the recipient’s time: Réunion and the French Antilles have their own. What falls outside waits for the next opening.";
    WINDOW_ALERT: "Une campagne de type « {} » part à toute heure, sans mention STOP, y compris aux numéros exclus. Réservez-la aux messages de service, comme un rappel de produit.", "A campaign of the kind “{}” goes out at any hour, without a STOP mention, to excluded numbers too. Keep it for service messages, such as a product recall.";
    WINDOW_PACE: "La cadence limite les SMS par heure, par exemple pour ne pas saturer votre standard. Laissez vide pour envoyer au plus vite.", "The pace limits the SMS per hour, for example so that your phone lines can follow. Leave it empty to send as fast as possible.";
    VALIDATE: "6. Vérifier et valider", "6. Check and validate";
    VALIDATE_COUNT: "Le récapitulatif donne le nombre exact de destinataires, de SMS et de crédits, et ce qui manque encore. Chaque numéro reçoit un seul message, même s’il est dans plusieurs listes.", "The summary gives the exact numbers of recipients, SMS and credits, and what is still missing. Each number gets one message, even if it is in several lists.";
    VALIDATE_CREDITS: "« {} » réserve les crédits. Ceux qui n’ont pas servi vous sont rendus à la fin.", "“{}” reserves the credits. Those that were not used are given back at the end.";
    VALIDATE_EDIT: "Avant l’heure de départ, « {} » ramène la campagne en brouillon.", "Before sending begins, “{}” makes the campaign a draft again.";
    FOLLOW: "7. Suivre l’envoi", "7. Follow the sending";
    FOLLOW_WHERE: "« {} » montre l’avancement de chaque campagne, et se met à jour toute seule.", "“{}” shows how far each campaign is, and refreshes by itself.";
    FOLLOW_PAUSE: "« {} » suspend l’envoi et « {} » le continue où il en était : personne ne reçoit le message deux fois. « {} » est définitif : ce qui n’est pas parti ne partira pas.", "“{}” stops the sending and “{}” continues where it was: nobody gets the message twice. “{}” is final: messages not sent yet will not be sent.";
    FOLLOW_PAUSED: "Une campagne peut se mettre en pause elle-même : crédits épuisés, opérateur en panne, liste supprimée. Sa page dit pourquoi et que faire.", "A campaign can pause by itself: no credits left, the carrier is down, a list was deleted. Its page says why and what to do.";
    FOLLOW_END: "« {} » : tout est remis à l’opérateur, et les accusés de réception arrivent encore, pendant {} heures au maximum.", "“{}”: all messages are handed over to the carrier, and receipts still come in, for {} hours at most.";
    STATISTICS: "8. Lire les statistiques", "8. Read the statistics";
    STATISTICS_RESULTS: "« {} » : le téléphone a confirmé. « {} », « {} », « {} » : le message n’est pas arrivé, et le motif est indiqué. « {} » : l’opérateur n’a rien dit.", "“{}”: the phone confirmed. “{}”, “{}”, “{}”: the message did not arrive, and the reason is shown. “{}”: the carrier did not confirm.";
    STATISTICS_CLICKS: "Certains téléphones et antivirus ouvrent les liens eux-mêmes : ces clics sont comptés à part, sous « {} ».", "Some phones and virus scanners open links by themselves: these clicks are counted apart, under “{}”.";
    STATISTICS_REPLIES: "« {} » réunit ce que vos destinataires ont répondu ; les réponses sont conservées {} ans.", "“{}” holds what your recipients answered; replies are kept for {} years.";
    STATISTICS_EXPORT: "Quand la campagne est terminée, « {} » donne le résultat de chaque destinataire.", "When the campaign is finished, “{}” gives the result of each recipient.";
    RETRY: "9. Relancer les échecs", "9. Retry the failures";
    RETRY_WHAT: "Certains échecs sont passagers : téléphone éteint, réseau indisponible. « {} », dans les statistiques de la campagne, crée un brouillon pour ces personnes seulement.", "Some failures pass: a phone that is off, a network that is down. “{}”, in the statistics of the campaign, makes a draft for these people only.";
    RETRY_THEN: "Relisez le message, changez ce qui n’est plus vrai (une date, une offre), puis validez. Les numéros inconnus ou bloqués ne sont pas relancés.", "Read the message again, change what is no longer true (a date, an offer), then validate. Unknown and blocked numbers are not written to again.";
}
