// A campaign that is sent: paused, slowed down and resumed, and its results.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alert, api, looksRight, ready, readyList, signIn, story } from '../browser.mjs';

test('a slow campaign is paused, resumed and given another pace', () => story({}, async (page) => {
  const id = await alert('Au ralenti', await readyList('Patients', 900), { pace_per_hour: 600 });
  await signIn(page);
  const row = page.locator(`#row-${id}`);
  await row.getByText('En cours d’envoi').waitFor();
  const bar = row.getByRole('group', { name: 'Avancement de Au ralenti' });
  await bar.hover();
  await row.getByRole('tooltip').getByText(/envoyés/).waitFor();
  await page.mouse.move(0, 0);
  await bar.focus();
  await row.getByRole('tooltip').getByText(/SMS par minute/).waitFor();
  await looksRight(page, 'campaigns-sending');
  await row.getByRole('button', { name: 'Pause' }).click();
  await row.getByText('Mise en pause par un utilisateur').waitFor();
  await row.getByRole('button', { name: 'Reprendre' }).click();
  await row.getByText('En cours d’envoi').waitFor();
  await row.getByRole('link', { name: 'Visualiser' }).click();
  await page.getByLabel('Cadence').fill('beaucoup');
  await page.getByRole('button', { name: 'Changer la cadence' }).click();
  await page.getByText('Indiquez un nombre entre 1 et').waitFor();
  await page.getByLabel('Cadence').fill('3 600');
  await page.getByRole('button', { name: 'Changer la cadence' }).click();
  await page.getByText('Cadence modifiée.').first().waitFor();
  assert.equal((await api('GET', `/campaigns/${id}`)).schedule.pace_per_hour, 3600);
  await looksRight(page, 'campaign-sending');
}));

test('an alert goes out and its results are shown', () => story({}, async (page) => {
  await signIn(page);
  await page.goto(`${ready.console_url}/campaigns`);
  const id = await alert('Alerte météo', await readyList('Abonnés', 300));
  // The page refreshes automatically.
  const row = page.locator(`#row-${id}`);
  await row.getByText(/consolidation|Terminée/).waitFor();
  await looksRight(page, 'campaigns-consolidating');
  await page.getByRole('link', { name: 'Rafraîchir le contenu de la page' }).click();
  await page.getByLabel('Rechercher une campagne').fill('METEO');
  await page.locator('#campaigns tr').first().getByRole('link', { name: 'Alerte météo', exact: true }).waitFor();
  await page.goto(`${ready.console_url}/statistics`);
  await page.getByRole('link', { name: 'Alerte météo' }).click();
  await page.getByText('Répartition des résultats').waitFor();
  await looksRight(page, 'results');
  await page.emulateMedia({ media: 'print' });
  await looksRight(page, 'results-print');
}));
