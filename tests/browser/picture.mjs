// Takes the picture of the console for README.md from a running Envol: the step « Message » of a campaign.
//   READY=.envol/ready.json node tests/browser/picture.mjs
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { api, ready, signIn, story, until } from './browser.mjs';

const PICTURE = fileURLToPath(new URL('../../functions/console/picture.png', import.meta.url));
const OCTETS_MAX = 200_000;
const NAMES = ['Zoé', 'Anaïs', 'Karim', 'Inès', 'Louis'];
const TOWNS = ['Orléans', 'Lyon', 'Lille', 'Nantes', 'Saint-Denis'];

const rows = Array.from({ length: 12_480 }, (_, row) => [NAMES[row % 5], `06${55_000_000 + row}`, TOWNS[row % 5]].join(';'));
const file = ['prenom;telephone;ville', ...rows].join('\n');
const { id: list, upload } = await api('POST', '/lists', { name: 'Clients fidèles' });
await fetch(upload.url, { method: 'PUT', body: file });
await until('the list', async () => (await api('GET', `/lists/${list}`)).status === 'ready');
const message = {
  sender: 'MABOUTIQUE', stop: true,
  text: 'Bonjour {{prenom|cher client}}, samedi -20% sur toute la boutique de {{ville}}, sur présentation de ce SMS.',
};
const { id } = await api('POST', '/campaigns', { name: 'Soldes d’hiver', lists: [list], message });

await story({ width: 1280, height: 800 }, async (page) => {
  await signIn(page);
  await page.goto(`${ready.console_url}/campaigns/${id}/message`);
  await page.getByText('Bonjour Zoé').first().waitFor();
  await page.screenshot({ path: PICTURE });
});
const octets = statSync(PICTURE).size;
if (octets > OCTETS_MAX) throw new Error(`the picture has ${octets} octets, ${OCTETS_MAX} at most`);
console.log(`${PICTURE}: ${octets} octets`);
