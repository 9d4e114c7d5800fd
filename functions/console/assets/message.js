// Counts a message as it is typed, and shows it on the phone. The alphabet comes from the server's own rules.
let alphabet = null;
let place = 0;

async function rules(path) {
  alphabet ??= await fetch(path).then((answer) => answer.json());
  return alphabet;
}

const fold = (name) => name.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().trim().split(/\s+/).join('_');

/** Fills the variables of a text as the server will. */
function render(text, values) {
  return text.replaceAll(/\{\{([^{}|\n]*)(?:\|([^{}\n]*))?\}\}/g, (_, name, fallback = '') => (values[fold(name)] ?? '').trim() || fallback);
}

/** Units and segments; parts are filled greedily, pairs never cut. */
function count(text, rules) {
  const letters = [...text];
  const isGsm = letters.every((letter) => rules.single.includes(letter) || rules.double.includes(letter));
  const size = (letter) => (isGsm ? (rules.double.includes(letter) ? 2 : 1) : letter.length);
  const units = letters.reduce((sum, letter) => sum + size(letter), 0);
  const [single, part] = isGsm ? rules.gsm : rules.ucs;
  if (units <= single) return { isGsm, letters, units, segments: units > 0 ? 1 : 0, left: single - units };
  let [segments, used] = [1, 0];
  for (const letter of letters) {
    if (used + size(letter) > part) { segments += 1; used = 0; }
    used += size(letter);
  }
  return { isGsm, letters, units, segments, left: part - used };
}

const filled = (sentence, value) => sentence.replace('{}', value);

async function update() {
  const root = document.querySelector('[data-message]');
  const area = root?.querySelector('textarea');
  if (!area) return;
  const known = await rules(root.dataset.alphabet);
  const { contacts, links } = JSON.parse(root.dataset.samples);
  const contact = contacts[place % Math.max(contacts.length, 1)];
  const values = { ...(contact?.values ?? {}) };
  for (const [name, url] of Object.entries(links)) values[fold(name)] = url;
  let text = area.value;
  const code = root.dataset.stop.split(' ').at(-1);
  const hasStop = new RegExp(`(^|[^\\p{L}\\p{N}])stop[^0-9]{0,16}${code}(?![0-9])`, 'iu').test(text);
  if (root.querySelector('[name=stop]')?.checked && !hasStop) text += (text === '' || /\s$/.test(text) ? '' : ' ') + root.dataset.stop;
  text = render(text, values);
  const found = count(text, known);
  const counter = root.querySelector('#counter');
  const show = (name, value) => { const one = counter.querySelector(`[data-count=${name}]`); if (one.textContent !== value) one.textContent = value; };
  show('segments', filled(counter.dataset.segments, found.segments));
  show('characters', filled(counter.dataset.characters, found.letters.length));
  show('left', filled(counter.dataset.left, found.left));
  show('encoding', found.isGsm ? counter.dataset.gsm : counter.dataset.ucs);
  const forcing = [...new Set([...area.value].filter((letter) => !known.single.includes(letter) && !known.double.includes(letter)))];
  counter.querySelector('[data-forced]').hidden = forcing.length === 0;
  counter.querySelector('[data-forced-list]').replaceChildren(...forcing.flatMap((letter) => [Object.assign(document.createElement('code'), { textContent: letter }), ' ']));
  const bubble = document.querySelector('[data-preview]');
  if (bubble) bubble.textContent = text;
  const sender = document.querySelector('[data-preview-sender]');
  const typed = root.querySelector('[name=sender]')?.value.trim();
  if (sender) sender.textContent = typed || sender.dataset.default;
  const of = document.querySelector('[data-preview-of]');
  if (of && contact) of.textContent = filled(of.dataset.previewOf, contact.phone);
}

function insert(area, text) {
  area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end');
  area.focus();
  area.dispatchEvent(new Event('input', { bubbles: true }));
}

document.addEventListener('input', (event) => { if (event.target.closest('[data-message]')) update(); });
document.addEventListener('change', (event) => { if (event.target.closest('[data-message]')) update(); });
document.addEventListener('click', async (event) => {
  const root = event.target.closest('[data-message]');
  if (!root) return;
  const area = root.querySelector('textarea');
  const chip = event.target.closest('[data-insert]');
  if (chip) insert(area, chip.dataset.insert);
  if (event.target.closest('[data-preview-next]')) { place += 1; update(); }
  if (event.target.closest('[data-replace]')) {
    event.preventDefault();
    const known = await rules(root.dataset.alphabet);
    area.value = [...area.value].map((letter) => known.replace[letter] ?? letter).join('');
    area.dispatchEvent(new Event('input', { bubbles: true }));
    area.focus();
  }
});
document.addEventListener('envol:page', update);
update();
