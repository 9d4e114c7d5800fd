// The main job without a mouse: every control is reached with Tab and activated with a key.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, contacts, ready, readyList, story } from '../browser.mjs';

/** Presses Tab until the element with this name has the focus. */
async function tabTo(page, name, role) {
  for (let steps = 0; steps < 90; steps += 1) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate(() => {
      const one = document.activeElement;
      const labels = [...(one?.labels ?? [])].map((label) => label.textContent.trim());
      const hint = getComputedStyle(one).outlineStyle;
      return { name: one?.getAttribute('aria-label') ?? labels[0] ?? one?.textContent?.trim() ?? '', tag: one?.tagName, hint };
    });
    if (found.name.startsWith(name) && (!role || found.tag === role)) {
      assert.notEqual(found.hint, 'none', `${name} shows no focus`);
      return;
    }
  }
  assert.fail(`Tab never reached ${name}`);
}

test('from sign-in to validation by keyboard only', () => story({}, async (page) => {
  await readyList('Au clavier', 40);
  await page.goto(ready.console_url);
  await tabTo(page, 'Adresse e-mail');
  await page.keyboard.type(ready.email);
  await tabTo(page, 'Mot de passe');
  await page.keyboard.type(ready.password);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/campaigns$/);

  await tabTo(page, 'Aller au contenu');
  await page.keyboard.press('Enter');
  await tabTo(page, 'Nouvelle campagne');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/campaigns\/new$/);
  await tabTo(page, 'Nom de la campagne');
  await page.keyboard.type('Alerte au clavier');
  await tabTo(page, 'Marketing');
  await page.keyboard.press('ArrowDown');
  await tabTo(page, 'Suivant', 'BUTTON');
  await page.keyboard.press('Enter');

  await page.waitForURL(/\/contacts$/);
  await tabTo(page, 'Ajouter la liste Au clavier');
  await page.keyboard.press('Enter');
  await page.locator('#chosen').getByText('Au clavier').waitFor();
  await tabTo(page, 'Synthèse');
  await page.keyboard.press('Enter');
  await page.locator('dialog').getByText('Destinataires finaux').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('dialog[open]').waitFor({ state: 'hidden' });
  await tabTo(page, 'Suivant', 'BUTTON');
  await page.keyboard.press('Enter');

  await page.waitForURL(/\/message$/);
  await tabTo(page, 'Texte du message');
  await page.keyboard.type('Orages ce soir, ');
  await tabTo(page, '{{prenom}}');
  await page.keyboard.press('Enter');
  await page.keyboard.type(' : restez chez vous.');
  assert.equal(await page.getByLabel('Texte du message').inputValue(), 'Orages ce soir, {{prenom}} : restez chez vous.');
  await page.locator('#phone').getByText(/Prénom \d+ : restez/).waitFor();
  await tabTo(page, 'Suivant', 'BUTTON');
  await page.keyboard.press('Enter');

  await page.waitForURL(/\/schedule$/);
  await tabTo(page, 'Cadence');
  await page.keyboard.type('3600');
  await page.locator('#forecast').getByText('Fin prévue').waitFor();
  // Enter in a field goes to the next step.
  await page.keyboard.press('Enter');

  await page.waitForURL(/\/review$/);
  await page.getByText('Crédits au total').waitFor();
  await tabTo(page, 'Valider', 'BUTTON');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/campaigns\/cmp_[^/]+$/);
  const id = page.url().split('/').at(-1);
  assert.notEqual((await api('GET', `/campaigns/${id}`)).status, 'draft');
}));

test('a file of contacts has its phone column changed', () => story({}, async (page) => {
  const { signIn } = await import('../browser.mjs');
  await signIn(page);
  await page.goto(`${ready.console_url}/lists`);
  await page.getByRole('link', { name: 'Créer une liste de contacts' }).first().click();
  const dialog = page.locator('dialog');
  const text = ['Client;Portable;Bureau', ...contacts(30).split('\n').slice(1, 31).map((line, row) => `C${row};${line.split(';')[1]};07 ${String(80_000_000 + row).match(/../g).join(' ')}`)].join('\n');
  await dialog.getByLabel('Fichier CSV ou XLSX').setInputFiles({ name: 'deux_colonnes.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  assert.equal(await dialog.getByLabel('Nom de la liste').inputValue(), 'deux colonnes');
  await dialog.getByRole('button', { name: 'Importer' }).click();
  await dialog.getByText('Votre liste est prête').waitFor();
  await dialog.getByLabel('Colonne du numéro de téléphone').selectOption({ label: 'Bureau' });
  await dialog.getByRole('button', { name: 'Relire avec cette colonne' }).click();
  await dialog.locator('option[selected]', { hasText: 'Bureau' }).waitFor({ state: 'attached' });
  await dialog.getByRole('button', { name: 'Valider' }).click();
  await page.getByRole('link', { name: 'deux colonnes' }).first().click();
  await page.getByText('+33780000000').waitFor();
}));
