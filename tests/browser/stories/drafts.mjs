// Input is never lost: two tabs, sessions that end, leaving and returning.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, looksRight, next, ready, signIn, story } from '../browser.mjs';

test('two tabs on one step: the second sees the conflict, compares, and keeps its text', () => story({}, async (page, context) => {
  await signIn(page);
  const { id } = await api('POST', '/campaigns', { name: 'À deux' });
  await page.goto(`${ready.console_url}/campaigns/${id}/general`);
  const other = await context.newPage();
  await other.goto(`${ready.console_url}/campaigns/${id}/general`);
  await other.getByLabel('Nom de la campagne').fill('La première');
  await next(other);
  await other.waitForURL(/contacts$/);
  await page.getByLabel('Nom de la campagne').fill('La seconde');
  await next(page);
  await page.getByText('modifié ailleurs').first().waitFor();
  await page.getByRole('cell', { name: 'La première' }).waitFor();
  await looksRight(page, 'two-tabs');
  assert.equal(await page.getByLabel('Nom de la campagne').inputValue(), 'La seconde');
  await next(page);
  await page.waitForURL(/contacts$/);
  assert.equal((await api('GET', `/campaigns/${id}`)).name, 'La seconde');
}));

test('two tabs on different steps do not conflict', () => story({}, async (page, context) => {
  await signIn(page);
  const { id } = await api('POST', '/campaigns', { name: 'Chacun son étape' });
  await page.goto(`${ready.console_url}/campaigns/${id}/general`);
  const other = await context.newPage();
  await other.goto(`${ready.console_url}/campaigns/${id}/schedule`);
  await other.getByLabel('Cadence').fill('1200');
  await other.getByRole('button', { name: 'Enregistrer et quitter' }).click();
  await other.waitForURL(/campaigns$/);
  await page.getByLabel('Nom de la campagne').fill('Renommée');
  await next(page);
  await page.waitForURL(/contacts$/);
  const found = await api('GET', `/campaigns/${id}`);
  assert.equal(found.name, 'Renommée');
  assert.equal(found.schedule.pace_per_hour, 1200);
}));

test('leaving a step by the menu keeps it', () => story({}, async (page) => {
  await signIn(page);
  const { id } = await api('POST', '/campaigns', { name: 'Quittée', kind: 'alert' });
  await page.goto(`${ready.console_url}/campaigns/${id}/message`);
  await page.getByLabel('Texte du message').fill('À moitié écrit');
  await page.getByRole('link', { name: 'Modèles' }).first().click();
  await page.waitForURL(/templates$/);
  await page.goto(`${ready.console_url}/campaigns/${id}/message`);
  assert.equal(await page.getByLabel('Texte du message').inputValue(), 'À moitié écrit');
}));

test('when the session ends, the sign-in form is shown above the form, which stays unchanged', () => story({}, async (page, context) => {
  await signIn(page);
  const { id } = await api('POST', '/campaigns', { name: 'Longue pause', kind: 'alert' });
  await page.goto(`${ready.console_url}/campaigns/${id}/message`);
  await page.getByLabel('Texte du message').fill('Écrit avant la pause');
  await context.clearCookies();
  await next(page);
  const again = page.locator('dialog.again');
  await again.getByLabel('Mot de passe').waitFor();
  await looksRight(page, 'session-over');
  await again.getByLabel('Adresse e-mail').fill(ready.email);
  await again.getByLabel('Mot de passe').fill('wrong');
  await again.getByRole('button', { name: 'Se connecter' }).click();
  await again.getByRole('alert').waitFor();
  await again.getByLabel('Mot de passe').fill(ready.password);
  await again.getByRole('button', { name: 'Se connecter' }).click();
  await page.waitForURL(/schedule$/);
  assert.equal((await api('GET', `/campaigns/${id}`)).message.text, 'Écrit avant la pause');
}));

test('when the session ends, input is kept, without scripts too', () => story({ scripts: false }, async (page, context) => {
  await signIn(page);
  await page.goto(`${ready.console_url}/campaigns/new`);
  await page.getByLabel('Nom de la campagne').fill('Sauvée');
  await context.clearCookies();
  await next(page);
  await page.getByText('ce que vous avez saisi est conservé').waitFor();
  await page.getByLabel('Adresse e-mail').fill(ready.email);
  await page.getByLabel('Mot de passe').fill(ready.password);
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await page.getByRole('button', { name: 'Reprendre l’enregistrement' }).click();
  await page.waitForURL(/contacts$/);
  await page.getByRole('heading', { name: 'Sauvée' }).waitFor();
}));

test('a form sent twice makes one campaign', () => story({ scripts: false }, async (page, context) => {
  await signIn(page);
  await page.goto(`${ready.console_url}/campaigns/new`);
  await page.getByLabel('Nom de la campagne').fill('Double clic');
  const form = await page.locator('#draft').evaluate((one) => new URLSearchParams(new FormData(one)).toString());
  const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: ready.console_url };
  const cookies = (await context.cookies()).map((one) => `${one.name}=${one.value}`).join('; ');
  const post = () => fetch(`${ready.console_url}/campaigns/new`, { method: 'POST', redirect: 'manual', body: `${form}&go=next`, headers: { ...headers, cookie: cookies } });
  const places = (await Promise.all([post(), post()])).map((answer) => answer.headers.get('location'));
  places.push((await post()).headers.get('location'));
  assert.equal(new Set(places.filter(Boolean)).size, 1, places.join(' '));
  const named = (await api('GET', '/campaigns?limit=100')).items.filter((one) => one.name === 'Double clic');
  assert.equal(named.length, 1);
}));
