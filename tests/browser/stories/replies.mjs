// Replies of phones, and the erasure of a number.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { alert, api, contacts, looksRight, ready, readyList, reply, signIn, story, until } from '../browser.mjs';

/** The text of a file that a click downloads. */
async function downloaded(page, click) {
  const [download] = await Promise.all([page.waitForEvent('download'), click()]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
}

test('replies are read, told from STOPs, found and exported', () => story({}, async (page) => {
  const id = await alert('Portes ouvertes', await readyList('Voisins', 5));
  await until('the messages', async () => (await api('GET', `/campaigns/${id}/stats`)).delivered >= 4);
  await reply('+33610000000', '=1+1; merci, à samedi !');
  await reply('+33610000037', 'Stop svp');
  await reply('+33699999999', 'Qui êtes-vous ?');
  await until('the replies', async () => (await api('GET', '/replies')).items.length >= 3);
  await signIn(page);
  await page.getByRole('link', { name: 'Réponses' }).first().click();
  await page.getByRole('heading', { name: 'Réponses', exact: true }).waitFor();
  const row = (text) => page.locator('tbody tr', { hasText: text });
  await row('Stop svp').locator('.status', { hasText: 'STOP' }).waitFor();
  assert.equal(await row('merci, à samedi').locator('.status').count(), 0);
  await looksRight(page, 'replies');
  // By words, and by STOP or not.
  await page.getByLabel('Rechercher un mot ou un numéro').fill('SAMEDI');
  await row('Qui êtes-vous').waitFor({ state: 'detached' });
  await row('merci, à samedi').waitFor();
  await page.getByLabel('Rechercher un mot ou un numéro').fill('');
  await page.getByLabel('Réponses affichées').selectOption({ label: 'STOP seulement' });
  await row('merci, à samedi').waitFor({ state: 'detached' });
  await row('Stop svp').waitFor();
  // The file contains what the page shows, and no formulas.
  await page.getByLabel('Réponses affichées').selectOption({ label: 'Sans les STOP' });
  await row('merci, à samedi').waitFor();
  const file = await downloaded(page, () => page.getByRole('link', { name: 'Exporter (CSV)' }).click());
  assert.match(file.name, /^reponses-\d{4}-\d\d-\d\d\.csv$/);
  assert.ok(file.text.startsWith('\ufeffReçue le;Numéro;') && file.text.includes('"\'=1+1; merci, à samedi !"'), file.text);
  assert.ok(file.text.includes('Portes ouvertes') && !file.text.includes('Stop svp'), file.text);
  // For one campaign, from its results.
  await page.goto(`${ready.console_url}/statistics/${id}`);
  await page.getByRole('link', { name: 'Voir les réponses' }).click();
  await page.getByRole('heading', { name: 'Réponses à « Portes ouvertes »' }).waitFor();
  await row('merci, à samedi').waitFor();
  assert.equal(await row('Qui êtes-vous').count(), 0);
  await looksRight(page, 'replies-of-one');
  // A person who unsubscribes in other words is excluded manually.
  await row('merci, à samedi').getByRole('link', { name: /Exclure ce numéro/ }).click();
  await page.waitForURL(/exclusions\?phone=/);
  assert.equal(await page.getByLabel('Numéro', { exact: true }).inputValue(), '+33610000000');
}));

test('an erased number is not shown anywhere, and the page says what is kept', () => story({}, async (page) => {
  // A number that is in no unfinished campaign of other stories.
  const { id: list } = await api('POST', '/lists', { name: 'À oublier', values: ['0621000074', '0622000001', '0622000002'] });
  await until('the import', async () => (await api('GET', `/lists/${list}`)).status === 'ready');
  await signIn(page);
  await page.getByRole('link', { name: 'Droit à l’effacement' }).first().click();
  await page.getByRole('heading', { name: 'Effacement d’un numéro' }).waitFor();
  await looksRight(page, 'erasures');
  await page.getByLabel('Numéro à effacer').fill('12');
  await page.getByRole('button', { name: 'Effacer ce numéro' }).click();
  await page.getByText('Ce n’est pas un numéro de mobile').first().waitFor();
  await looksRight(page, 'erasure-refused');
  await page.getByLabel('Numéro à effacer').fill('06 21 00 00 74');
  await page.getByRole('button', { name: 'Effacer ce numéro' }).click();
  await page.getByRole('heading', { name: 'Effacer définitivement +33621000074' }).waitFor();
  await page.getByText('Une empreinte à clé').waitFor();
  await looksRight(page, 'erasure-ask');
  await page.getByRole('button', { name: 'Effacer définitivement' }).click();
  await page.waitForURL(/erasures\/ers_/);
  await page.getByText('Le numéro n’est plus nulle part').waitFor();
  await looksRight(page, 'erasure-done');
  const left = (await api('GET', `/lists/${list}/contacts`)).items.map((contact) => contact.phone);
  assert.deepEqual(left.filter((phone) => phone === '+33621000074'), []);
  assert.equal(left.length, 2);
  // A search finds it, still excluded.
  await page.goto(`${ready.console_url}/exclusions?q=0621000074`);
  await page.getByRole('cell', { name: 'effacement' }).waitFor();
}));

test('exclusions are found by some digits, and imported ones by the whole number', () => story({}, async (page) => {
  await api('POST', '/exclusions', { phone: '0677001122', reason: 'Au téléphone' });
  const { id } = await api('POST', '/exclusions/import', { name: 'Anciens STOP', values: ['0677003344'] });
  await until('the import', async () => (await api('GET', `/lists/${id}`)).status === 'ready');
  await signIn(page);
  await page.goto(`${ready.console_url}/exclusions`);
  await page.getByLabel('Rechercher un numéro').fill('06 77 00');
  await page.getByRole('cell', { name: '+33677001122', exact: true }).waitFor();
  await page.getByText('indiquez le numéro entier').waitFor();
  await looksRight(page, 'exclusions-part');
  await page.getByLabel('Rechercher un numéro').fill('0677003344');
  await page.getByRole('cell', { name: '+33677003344', exact: true }).waitFor();
  const file = await downloaded(page, () => page.getByRole('link', { name: 'Exporter (CSV)' }).click());
  assert.ok(file.text.includes("'+33677001122;Saisie;Au téléphone") && file.text.includes("'+33677003344;Import"), file.text);
}));

test('a list is exported as a file that Excel opens well', () => story({}, async (page) => {
  const list = await readyList('=Export', 3);
  await signIn(page);
  await page.goto(`${ready.console_url}/lists/${list}`);
  const file = await downloaded(page, () => page.getByRole('link', { name: 'Exporter' }).click());
  assert.ok(file.text.startsWith('\ufeffphone;Prénom') && file.text.includes("'+33610000000;"), file.text);
  assert.equal(contacts(3).split('\n').length - 3, file.text.trim().split('\r\n').length - 1);
}));
