// Every page on small and large screens, light and dark, in both languages; and what a viewer sees.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, looksRight, ready, readyList, signIn, story } from '../browser.mjs';

const PAGES = ['campaigns', 'campaigns/new', 'lists', 'lists/new', 'exclusions', 'replies', 'erasures', 'templates', 'templates/new', 'statistics', 'guide',
  'account', 'account/credits', 'account/users', 'account/keys', 'account/webhooks', 'account/audit'];
const STEPS = ['general', 'contacts', 'message', 'schedule', 'review'];

let made = null;
async function draft() {
  made ??= (async () => {
    const list = await readyList('Une liste', 60);
    const { id } = await api('POST', '/campaigns', {
      name: 'Pour voir', lists: [list], message: { text: 'Bonjour {{prenom|cher client}}', stop: true },
    });
    return { list, id };
  })();
  return made;
}

for (const [width, dark, language] of [[390, false, 'fr-FR'], [390, true, 'en-GB'], [1440, true, 'fr-FR'], [1440, false, 'en-GB']]) {
  test(`every page at ${width} px, ${dark ? 'dark' : 'light'}, ${language}`, () => story({ width, dark, language }, async (page) => {
    const { list, id } = await draft();
    await signIn(page);
    const paths = [...PAGES, `campaigns/${id}`, `campaigns/${id}/confirm/delete`, `lists/${list}`, `lists/${list}/import`,
      `lists/${list}/edit`, ...STEPS.map((step) => `campaigns/${id}/${step}`)];
    for (const path of paths) {
      await page.goto(`${ready.console_url}/${path}`);
      await looksRight(page, `${path.replaceAll('/', '-')}-${width}-${dark ? 'dark' : 'light'}`);
    }
  }));
}

test('the user guide is found and followed on a small phone', () => story({ width: 360, height: 740 }, async (page) => {
  await signIn(page);
  await page.getByLabel('Menu').first().click();
  await page.getByRole('link', { name: 'Mode d’emploi', exact: true }).filter({ visible: true }).click();
  await page.getByRole('heading', { name: 'Envoyer une campagne, pas à pas' }).waitFor();
  await looksRight(page, 'guide-360');
  const contents = page.getByRole('navigation', { name: 'Sommaire' });
  const chapters = await contents.getByRole('link').allTextContents();
  assert.deepEqual(await page.locator('main h2').allTextContents(), chapters);
  await contents.getByRole('link', { name: 'Relancer les échecs' }).click();
  assert.match(page.url(), /#retry$/);
  await page.getByRole('link', { name: 'Importer des contacts', exact: true }).click();
  await page.waitForURL(/\/lists\/new$/);
}));

test('a viewer sees everything and no action', () => story({}, async (page, context) => {
  const email = 'lecteur@example.com';
  const password = 'une phrase assez longue';
  const { id } = await draft();
  await signIn(page);
  await page.goto(`${ready.console_url}/account/users`);
  await page.getByLabel('Adresse e-mail').fill(email);
  await page.getByLabel('Nouveau mot de passe').fill(password);
  await page.locator('form[action="/account/users"]').getByLabel('Rôle').selectOption({ label: 'Lecteur' });
  await page.getByRole('button', { name: 'Ajouter un utilisateur' }).click();
  await page.getByRole('cell', { name: email }).first().waitFor();
  await context.clearCookies();
  await signIn(page, email, password);
  for (const path of ['campaigns', `campaigns/${id}`, 'lists', 'exclusions', 'replies', 'erasures', 'templates', 'statistics', 'account', 'account/users']) {
    await page.goto(`${ready.console_url}/${path}`);
    await looksRight(page, `viewer-${path.replaceAll('/', '-')}`);
    for (const name of ['Nouvelle campagne', 'Supprimer', 'Modifier', 'Pause', 'Dupliquer', 'Importer des exclusions', 'Exclure', 'Exclure ce numéro', 'Effacer ce numéro', 'Créer un modèle', 'Créer une liste de contacts', 'Ajouter un utilisateur']) {
      const found = await page.locator('main').getByText(name, { exact: true }).filter({ visible: true }).count();
      assert.equal(found, 0, `${path} offers a viewer « ${name} »`);
    }
  }
  const answer = await page.goto(`${ready.console_url}/campaigns/${id}/message`);
  assert.equal(answer.status(), 403);
  await page.getByText('Votre rôle ne le permet pas').waitFor();
}));

test('the menu on a phone opens and navigates', () => story({ width: 390, height: 800 }, async (page) => {
  await signIn(page);
  await page.locator('.drawer summary').click();
  await looksRight(page, 'menu-390');
  await page.locator('.drawer').getByRole('link', { name: 'Listes de contacts' }).click();
  await page.waitForURL(/lists$/);
}));
