// Smaller features: a link that ends, another sheet of a workbook, an account with a limit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin, api, looksRight, next, ready, signIn, story } from '../browser.mjs';
import { workbook } from '../workbook.mjs';

test('a link ends, then leads to its fallback, and the summary shows it', () => story({}, async (page) => {
  const message = { text: 'Bonjour, {{lien}}', links: [{ name: 'lien', url: 'https://example.com/soldes' }] };
  const { id } = await api('POST', '/campaigns', { name: 'Avec une fin', kind: 'alert', message });
  await signIn(page);
  await page.goto(`${ready.console_url}/campaigns/${id}/message`);
  await page.getByText('Fin du lien lien, sans date de fin').click();
  await page.getByLabel('Ensuite, il mène à').fill('https://example.com/fini');
  await next(page);
  await page.getByText('Indiquez d’abord jusqu’à quand').first().waitFor();
  assert.equal(await page.getByLabel('Ensuite, il mène à').inputValue(), 'https://example.com/fini');
  await looksRight(page, 'link-end-wrong');
  await page.getByLabel('Mène à sa cible jusqu’au').fill('2020-01-01T10:00');
  await next(page);
  await page.getByText('Cette date est passée').first().waitFor();
  await page.getByLabel('Mène à sa cible jusqu’au').fill('2031-01-31T18:30');
  await next(page);
  await page.waitForURL(/schedule$/);
  const [link] = (await api('GET', `/campaigns/${id}`)).message.links;
  assert.deepEqual([link.expires_at, link.fallback_url], ['2031-01-31T17:30:00Z', 'https://example.com/fini']);
  for (const path of ['review', '']) {
    await page.goto(`${ready.console_url}/campaigns/${id}/${path}`.replace(/\/$/, ''));
    await page.getByText('jusqu’au 31 janv. 2031, 18:30, puis https://example.com/fini').waitFor();
  }
  await page.goto(`${ready.console_url}/campaigns/${id}/message`);
  await page.getByText(/^Fin du lien lien, jusqu’au/).click();
  await looksRight(page, 'link-end');
  await page.getByLabel('Mène à sa cible jusqu’au').fill('');
  await page.getByLabel('Ensuite, il mène à').fill('');
  await next(page);
  await page.waitForURL(/schedule$/);
  assert.equal((await api('GET', `/campaigns/${id}`)).message.links[0].expires_at, null);
}));

test('the sheet of a workbook is chosen, even if the first one has no number', () => story({}, async (page) => {
  const people = (start) => [['Prénom', 'Portable'], ...Array.from({ length: 4 }, (_, row) => [`P${row}`, `06 55 00 00 ${start + row}`])];
  const buffer = workbook({ 'Lisez-moi': [['À propos'], ['Fichier de la boutique']], Clients: people(10), Prospects: people(20).slice(0, 3) });
  await signIn(page);
  await page.goto(`${ready.console_url}/lists`);
  await page.getByRole('link', { name: 'Créer une liste de contacts' }).first().click();
  const dialog = page.locator('dialog');
  await dialog.getByLabel('Fichier CSV ou XLSX').setInputFiles({ name: 'boutique.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer });
  await dialog.getByRole('button', { name: 'Importer' }).click();
  await dialog.getByText('« Lisez-moi » n’a rien donné').waitFor();
  await looksRight(page, 'sheet-none');
  const sheet = dialog.getByLabel('Feuille du classeur');
  assert.deepEqual(await sheet.locator('option').allTextContents(), ['Lisez-moi', 'Clients', 'Prospects']);
  await sheet.selectOption('Clients');
  await dialog.getByRole('button', { name: 'Lire cette feuille' }).click();
  await dialog.getByText('Votre liste est prête').waitFor();
  await dialog.locator('.figure', { hasText: 'Contacts finaux' }).getByText('4', { exact: true }).waitFor();
  await looksRight(page, 'sheet-chosen');
  await dialog.getByLabel('Feuille du classeur').selectOption('Prospects');
  await dialog.getByRole('button', { name: 'Lire cette feuille' }).click();
  await dialog.locator('.figure', { hasText: 'Contacts finaux' }).getByText('2', { exact: true }).waitFor();
  await dialog.getByRole('button', { name: 'Valider' }).click();
  await page.getByRole('link', { name: 'boutique', exact: true }).click();
  await page.getByText('+33655000020').waitFor();
}));

test('pasted numbers make a list, in the dialog', () => story({}, async (page) => {
  await signIn(page);
  await page.goto(`${ready.console_url}/lists`);
  await page.getByRole('link', { name: 'Créer une liste de contacts' }).first().click();
  const dialog = page.locator('dialog');
  await dialog.getByLabel('Nom de la liste').fill('Collée');
  await dialog.getByRole('button', { name: 'Importer' }).click();
  await dialog.getByText('Choisissez un fichier, ou collez au moins un numéro.').first().waitFor();
  await looksRight(page, 'paste-nothing');
  await dialog.getByRole('textbox', { name: 'Ou collez des numéros' }).fill('06 33 00 00 01\n0142000000\n06 33 00 00 02');
  await dialog.getByRole('button', { name: 'Importer' }).click();
  await dialog.getByText('Votre liste est prête').waitFor();
  await dialog.getByText('ligne fixe').waitFor();
  await dialog.getByRole('button', { name: 'Valider' }).click();
  await page.getByRole('link', { name: 'Collée', exact: true }).waitFor();
}));

test('an account with a limit sees its balance and what is reserved', () => story({}, async (page) => {
  // Its own short code: on a shared one a reply to no message belongs to no account.
  const account = admin('account', 'create', '--name', 'Boutique limitée', '--stop-code', '36200', '--sender', 'BOUTIQUE', '--credits', '4321').id;
  const email = 'limite@example.com';
  const { password } = admin('user', 'create', account, email);
  await signIn(page, email, password);
  const credits = page.getByRole('region', { name: 'Crédits' });
  await credits.getByText('4\u202f321').waitFor();
  await credits.getByText('Solde disponible').waitFor();
  await credits.getByText('Aucun crédit réservé').waitFor();
  await looksRight(page, 'credits-limited');
  // Five numbers, tomorrow: reserved at validation, shown at the next refresh.
  await page.goto(`${ready.console_url}/lists/new`);
  await page.getByLabel('Nom de la liste').fill('Cinq');
  await page.getByText('Ou collez des numéros').first().click();
  await page.getByRole('textbox', { name: 'Ou collez des numéros' }).fill(['0644000001', '0644000002', '0644000003', '0644000004', '0644000005'].join('\n'));
  await page.getByRole('button', { name: 'Importer' }).click();
  await page.getByText('Votre liste est prête').waitFor();
  await page.goto(`${ready.console_url}/campaigns/new`);
  await page.getByLabel('Nom de la campagne').fill('Demain');
  await page.getByText('Alerte', { exact: true }).click();
  await next(page);
  await page.getByRole('button', { name: 'Ajouter la liste Cinq' }).click();
  await page.locator('#chosen').getByText('Cinq').waitFor();
  await next(page);
  await page.getByLabel('Texte du message').fill('Fermé demain.');
  await next(page);
  await page.getByText('À une date et une heure').click();
  const tomorrow = new Date(Date.now() + 36 * 3_600_000).toISOString().slice(0, 16);
  await page.getByLabel('Date et heure').fill(tomorrow);
  await next(page);
  await page.getByText('Crédits au total').waitFor();
  await page.getByText('4\u202f316').waitFor();
  await page.getByRole('button', { name: 'Valider' }).click();
  await page.waitForURL(/\/campaigns\/cmp_[^/]+$/);
  await page.goto(`${ready.console_url}/campaigns`);
  await credits.getByText('4\u202f316').waitFor();
  await credits.getByText('5 crédits réservés').waitFor();
  await looksRight(page, 'credits-reserved');
}));
