// A campaign that goes out, seen while it does and afterwards.
import { test } from 'node:test';
import { api, looksRight, ready, signIn, story } from '../browser.mjs';

test('an alert goes out and its results are shown', () => story({}, async (page) => {
  const values = Array.from({ length: 300 }, (_, row) => `06${String(20_000_000 + row * 7)}`);
  const list = await api('POST', '/lists', { name: 'Abonnés', values });
  for (let tries = 0; (await api('GET', `/lists/${list.id}`)).status !== 'ready' && tries < 100; tries += 1) {
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  const campaign = await api('POST', '/campaigns', {
    name: 'Alerte météo', kind: 'alert', lists: [list.id], message: { text: 'Orages ce soir : restez chez vous.', sender: 'MAIRIE' },
  });
  await api('POST', `/campaigns/${campaign.id}/validate`);
  await signIn(page);
  const row = page.locator(`#row-${campaign.id}`);
  await row.getByText(/consolidation|Terminée/).waitFor({ timeout: 60_000 });
  await looksRight(page, 'campaigns-consolidating');
  await page.goto(`${ready.console_url}/statistics`);
  await page.getByRole('link', { name: 'Alerte météo' }).click();
  await page.getByText('Répartition des résultats').waitFor();
  await looksRight(page, 'results');
  await page.emulateMedia({ media: 'print' });
  await looksRight(page, 'results-print');
}));
