// A campaign from signing in to its statistics, as a marketer does it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, contacts, looking, looksRight, next, ready, signIn, story } from '../browser.mjs';

test('a wrong password shows an error and does not sign in', () => story({}, async (page) => {
  await page.goto(ready.console_url);
  await looksRight(page, 'signin');
  await page.getByLabel('Adresse e-mail').fill(ready.email);
  await page.getByLabel('Mot de passe').fill('wrong');
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await page.getByRole('alert').waitFor();
  await page.goto(`${ready.console_url}/campaigns`);
  await page.getByRole('button', { name: 'Se connecter' }).waitFor();
}));

/** How long the counter takes to update after each of several keys, in milliseconds. */
const followed = (page) => page.evaluate(async () => {
  const area = document.querySelector('textarea[name=text]');
  const times = [];
  for (let key = 0; key < 9; key += 1) {
    const before = document.querySelector('#counter').textContent;
    const begun = performance.now();
    area.value += 'a';
    area.dispatchEvent(new Event('input', { bubbles: true }));
    while (document.querySelector('#counter').textContent === before) await new Promise((resolve) => { setTimeout(resolve, 2); });
    times.push(performance.now() - begun);
  }
  return times.sort((one, other) => one - other);
});

test('from sign-in to statistics through the five steps', (t) => story({}, async (page) => {
  const begun = Date.now() - looking.ms;
  await signIn(page);
  await page.getByText('Aucune campagne en cours').waitFor();
  await looksRight(page, 'campaigns-empty');
  await page.getByRole('link', { name: 'Nouvelle campagne' }).first().click();

  // 1 Général
  await page.getByRole('button', { name: 'Suivant' }).click();
  await page.getByText('Donnez un nom à la campagne.').first().waitFor();
  await page.getByLabel('Nom de la campagne').fill('Soldes d’hiver');
  await looksRight(page, 'step-1');
  await next(page);

  // 2 Contacts
  await page.waitForURL(/\/contacts$/);
  await page.getByRole('link', { name: 'Importer des contacts' }).click();
  const dialog = page.locator('dialog');
  await dialog.getByLabel('Nom de la liste').fill('Clients fidèles');
  await dialog.getByLabel('Fichier CSV ou XLSX').setInputFiles({ name: 'clients.csv', mimeType: 'text/csv', buffer: Buffer.from(contacts(1200)) });
  await looksRight(page, 'import-form');
  await dialog.getByRole('button', { name: 'Importer' }).click();
  await dialog.getByText('Votre liste est prête').waitFor();
  await dialog.getByText('Contacts finaux').waitFor();
  await looksRight(page, 'import-summary');
  await dialog.getByRole('button', { name: 'Valider' }).click();
  const chosen = page.locator('#chosen');
  await chosen.getByText('Clients fidèles').waitFor();
  await chosen.getByRole('button', { name: 'Retirer la liste Clients fidèles' }).click();
  await page.locator('#available').getByRole('button', { name: 'Ajouter la liste Clients fidèles' }).click();
  await chosen.getByText('Clients fidèles').waitFor();
  await page.locator('#chosen .list').dragTo(page.locator('#available'));
  await page.locator('#available').getByText('Clients fidèles').waitFor();
  await page.locator('#available .list').dragTo(page.locator('#chosen'));
  await chosen.getByText('Clients fidèles').waitFor();
  await looksRight(page, 'step-2');
  await page.getByRole('link', { name: 'Synthèse' }).click();
  await dialog.getByText('Destinataires finaux').waitFor();
  await looksRight(page, 'summary');
  await dialog.getByRole('button', { name: 'Fermer' }).click();
  await next(page);

  // 3 Message
  await page.waitForURL(/\/message$/);
  const text = page.getByLabel('Texte du message');
  await text.fill('Bonjour ');
  await page.getByRole('button', { name: '{{prenom}}' }).click();
  await text.press('End');
  await text.pressSequentially(', profitez de nos soldes…');
  await page.getByText('Unicode (70 par SMS)').waitFor();
  await page.getByRole('button', { name: 'Les remplacer' }).click();
  await page.getByText('Alphabet standard (160 par SMS)').waitFor();
  await page.getByText('Lien court', { exact: true }).click();
  await page.getByLabel('URL cible').fill('https://example.com/soldes');
  await page.getByRole('button', { name: 'Créer' }).first().click();
  await page.getByText('URL courte générée').waitFor();
  await page.locator('details[open]').getByRole('button', { name: 'Valider' }).click();
  await text.press('End');
  await text.pressSequentially(' ');
  await page.getByRole('button', { name: 'Tiny URL lien' }).click();
  assert.match(await text.inputValue(), /\{\{prenom\}\}, profitez de nos soldes\.\.\. \{\{lien\}\}$/);
  assert.match(await page.locator('#phone .bubble').textContent(), /Bonjour Prénom \d+, .*STOP au/);
  await looksRight(page, 'step-3');
  await next(page);

  // 4 Envoi
  await page.waitForURL(/\/schedule$/);
  await page.getByText('À une date et une heure').click();
  await page.getByLabel('Date et heure').fill('2027-03-28T02:30');
  await next(page);
  await page.getByText('Cette heure n’existe pas').first().waitFor();
  await looksRight(page, 'step-4');
  await page.getByText('Dès la validation').click();
  await next(page);

  // 5 Récapitulatif
  await page.waitForURL(/\/review$/);
  await page.getByText('Crédits au total').waitFor();
  await looksRight(page, 'step-5');
  await page.getByLabel('Numéros de test').fill('06 12 34 56 78');
  await page.getByRole('button', { name: 'Envoyer le test' }).click();
  await page.getByText('Message de test remis').first().waitFor();
  await page.getByRole('button', { name: 'Valider' }).click();
  await page.waitForURL(/\/campaigns\/cmp_[^/]+$/);
  t.diagnostic(`the main job by mouse took ${((Date.now() - looking.ms - begun) / 1000).toFixed(1)} s`);
  await looksRight(page, 'campaign');
  await page.goto(`${ready.console_url}/campaigns`);
  await page.getByRole('link', { name: 'Soldes d’hiver' }).first().waitFor();
  await looksRight(page, 'campaigns');
}));

test('the counter updates within 200 ms and counts as the operators do', (t) => story({}, async (page) => {
  await signIn(page);
  const { id } = await api('POST', '/campaigns', { name: 'Compteur', kind: 'alert', message: { text: 'Bonjour' } });
  await page.goto(`${ready.console_url}/campaigns/${id}/message`);
  const times = await followed(page);
  t.diagnostic(`the counter followed within ${times.map(Math.round).join(', ')} ms`);
  assert.ok(times[2] <= 200, `${times}`);
  const vectors = [['a'.repeat(160), 1], ['a'.repeat(161), 2], ['€'.repeat(81), 2], [`${'a'.repeat(152)}€${'a'.repeat(152)}`, 3],
    ['ê'.repeat(71), 2], [`${'ê'.repeat(66)}😀${'ê'.repeat(66)}`, 3], [`${'a'.repeat(159)}ê`, 3]];
  for (const [text, segments] of vectors) {
    await page.getByLabel('Texte du message').fill(text);
    await page.locator(`#counter[data-segments="${segments}"]`).getByText(`${[...text].length} caractères`).waitFor();
  }
}));

test('a late count does not replace what was saved meanwhile, and later input is counted', (t) => story({}, async (page) => {
  // The server's response is read slowly, as over a network that stalls between headers and body.
  await page.addInitScript(() => {
    const read = Response.prototype.text;
    Response.prototype.text = async function text() {
      if (this.url.endsWith('/preview')) await new Promise((resolve) => { setTimeout(resolve, window.stalled ?? 0); });
      return read.call(this);
    };
  });
  await signIn(page);
  const { id } = await api('POST', '/campaigns', { name: 'Lenteur', kind: 'alert', message: { text: 'Bonjour' } });
  await page.goto(`${ready.console_url}/campaigns/${id}/message`);
  const text = page.getByLabel('Texte du message');
  await text.fill('Bonjour…');
  await page.getByText('Unicode (70 par SMS)').waitFor();
  await page.evaluate(() => { window.stalled = 1500; });
  await text.press('End');
  await text.pressSequentially(' ');
  await page.waitForResponse((one) => one.url().endsWith('/preview'));
  await page.getByRole('button', { name: 'Les remplacer' }).click();
  await page.getByText('Alphabet standard (160 par SMS)').waitFor();
  await text.press('End');
  await text.pressSequentially('à vous');
  await page.locator('#counter').getByText(`${'Bonjour... à vous'.length} caractères`).waitFor();
  await page.waitForTimeout(2000);
  await page.locator('#counter').getByText(`${'Bonjour... à vous'.length} caractères`).waitFor({ timeout: 1000 });
  assert.equal(await text.inputValue(), 'Bonjour... à vous');
}));
