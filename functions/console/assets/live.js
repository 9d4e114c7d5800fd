// Makes pages quicker, never possible: forms and links work without it. Forms marked `data-live` are sent in the
// background and the page takes over what the server answers; links marked `data-dialog` open in a dialog.
const words = JSON.parse(document.querySelector('meta[name="envol-words"]')?.content ?? '{}');
const $ = (selector, root = document) => root.querySelector(selector);
let isDirty = false;

/** Fetches a page and reads it. */
async function load(url, options = {}) {
  const response = await fetch(url, { credentials: 'same-origin', ...options });
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  return { page, url: new URL(response.url), status: response.status };
}

/** A short message that does not get in the way. */
function toast(text) {
  $('.toast')?.remove();
  const note = Object.assign(document.createElement('p'), { className: 'toast', textContent: text });
  note.setAttribute('role', 'alert');
  (dialog()?.open ? dialog() : document.body).append(note);
  setTimeout(() => note.remove(), 8000);
}

const isSignIn = (page) => page.querySelector('[data-signin]') !== null;

/** Takes over the content of another version of this page; keeps scroll and focus. */
function take(page) {
  const [old, fresh] = [$('#main'), $('#main', page)];
  if (!fresh) return;
  const focused = document.activeElement;
  const key = focused?.id ? `#${CSS.escape(focused.id)}`
    : focused?.name ? `[name="${CSS.escape(focused.name)}"]${focused.tagName === 'BUTTON' ? `[value="${CSS.escape(focused.value)}"]` : ''}` : null;
  const at = typeof focused?.selectionStart === 'number' ? [focused.selectionStart, focused.selectionEnd] : null;
  const open = [...old.querySelectorAll('details[open]')].map((one) => one.querySelector('summary')?.textContent);
  old.replaceChildren(...fresh.childNodes);
  document.title = page.title;
  for (const one of old.querySelectorAll('details')) if (open.includes(one.querySelector('summary')?.textContent)) one.open = true;
  const next = $('[data-focus]', old) ?? (key && $(key, old));
  next?.focus({ preventScroll: !next.matches('[data-focus]') });
  if (at && next?.setSelectionRange) { try { next.setSelectionRange(...at); } catch { /* not a text field */ } }
  const [side, menu] = [$('.side'), $('.side', page)];
  if (side && menu && !side.contains(document.activeElement)) side.replaceWith(menu);
  announce(old);
  document.dispatchEvent(new Event('envol:page'));
}

function announce(root) {
  const said = $('.done, .note.bad', root)?.textContent;
  if (said && $('#live')) $('#live').textContent = said;
}

/** Sends a form as the browser would, with the button that was pressed. */
function send(form, button) {
  const fields = new URLSearchParams(new FormData(form));
  if (button?.name) fields.append(button.name, button.value);
  return load(button?.getAttribute('formaction') ?? form.action, { method: 'POST', body: fields });
}

document.addEventListener('submit', async (event) => {
  const form = event.target;
  const inDialog = form.closest('dialog') !== null;
  if (event.defaultPrevented || form.method !== 'post' || form.hasAttribute('data-upload')) return;
  if (!inDialog && !form.hasAttribute('data-live')) return;
  event.preventDefault();
  form.classList.add('busy');
  try {
    const { page, url } = await send(form, event.submitter);
    if (isSignIn(page)) return toast(words.expired);
    if (inDialog && url.pathname !== location.pathname && !isAway(url)) return fill(page, url);
    isDirty = false;
    if (inDialog) dialog().close();
    // Another step begins at its top.
    const isOther = url.pathname !== location.pathname;
    if (isOther) history.pushState({}, '', url); else history.replaceState({}, '', url.pathname);
    take(page);
    if (isOther) { scrollTo(0, 0); if (!$('[data-focus]')) $('#main').focus({ preventScroll: true }); }
  } catch {
    toast(words.offline);
  } finally {
    form.classList.remove('busy');
  }
});

/** A dialog's form that leads out of what dialogs show. */
const isAway = (url) => /^\/campaigns(\/[^/]+\/(general|contacts|message|schedule|review))?$/.test(url.pathname)
  || /^\/(lists|exclusions|templates|account.*)$/.test(url.pathname);

/* Dialogs */
const dialog = () => $('#dialog');

function fill(page, url) {
  const body = $('.dialog-body');
  body.replaceChildren(...$('#main', page).childNodes);
  body.dataset.url = url.pathname + url.search;
  ($('[data-focus], [autofocus]', body) ?? $('h1', body))?.focus();
  announce(body);
  document.dispatchEvent(new Event('envol:page'));
}

document.addEventListener('click', async (event) => {
  const close = event.target.closest('[data-close]');
  if (close && dialog()?.open) { event.preventDefault(); return dialog().close(); }
  const link = event.target.closest('a[data-dialog]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.getAttribute('aria-disabled')) return;
  try {
    // The draft is saved first: what the dialog does comes back to it.
    const draft = $('#draft');
    if (draft && isDirty) await save(draft);
    const { page, url } = await load(link.href);
    if (isSignIn(page)) return toast(words.expired);
    open(link);
    fill(page, url);
  } catch {
    toast(words.offline);
  }
});

function open(opener) {
  if (!dialog()) {
    const made = Object.assign(document.createElement('dialog'), { id: 'dialog' });
    made.innerHTML = '<button class="round dialog-close" type="button" data-close><span aria-hidden="true">×</span></button><div class="dialog-body"></div>';
    $('.dialog-close', made).setAttribute('aria-label', words.close);
    document.body.append(made);
    made.addEventListener('close', () => { refreshMain(); made.opener?.focus?.(); });
  }
  dialog().opener = opener;
  if (!dialog().open) dialog().showModal();
}

/** Saves a draft where it stands. */
async function save(form) {
  const fields = new URLSearchParams(new FormData(form));
  fields.append('go', 'stay');
  const { page } = await load(form.action, { method: 'POST', body: fields });
  const seen = $('[name=seen]', page);
  if (seen && $('[name=seen]', form)) $('[name=seen]', form).value = seen.value;
  isDirty = false;
}

document.addEventListener('input', (event) => { if (event.target.closest('[data-dirty]')) isDirty = true; });
addEventListener('beforeunload', (event) => { if (isDirty) event.preventDefault(); });
document.addEventListener('submit', () => { isDirty = false; }, { capture: true });
addEventListener('popstate', async () => { try { take((await load(location.href)).page); } catch { location.reload(); } });

/* What changes by itself: only changed rows are replaced, and none that somebody is using. */
function takeRows(page) {
  for (const body of document.querySelectorAll('[data-rows]')) {
    const fresh = page.getElementById(body.id);
    if (!fresh) return take(page);
    const known = new Map([...body.children].map((row) => [row.id, row]));
    let before = null;
    for (const row of fresh.children) {
      const old = known.get(row.id);
      known.delete(row.id);
      let stands = old ?? document.importNode(row, true);
      const isSame = old && old.outerHTML.replaceAll(/value="[0-9a-f]{64}"/g, '') === row.outerHTML.replaceAll(/value="[0-9a-f]{64}"/g, '');
      if (old && !isSame && !old.contains(document.activeElement)) { stands = document.importNode(row, true); old.replaceWith(stands); }
      const place = before ? before.nextElementSibling : body.firstElementChild;
      if (place !== stands) body.insertBefore(stands, place);
      before = stands;
    }
    for (const gone of known.values()) gone.remove();
  }
  for (const one of document.querySelectorAll('[data-keyed]')) {
    const fresh = page.getElementById(one.id);
    if (fresh && fresh.outerHTML !== one.outerHTML) one.replaceWith(document.importNode(fresh, true));
  }
}

async function refreshRows() {
  const { page } = await load(location.href);
  if (!isSignIn(page)) takeRows(page);
}

async function refreshMain() {
  if (isDirty) return;
  try { const { page } = await load(location.href); if (!isSignIn(page)) take(page); } catch { /* the next tick tries again */ }
}

let ticks = 0;
setInterval(async () => {
  if (document.hidden) return;
  ticks += 1;
  const due = (seconds) => Number(seconds) > 0 && ticks % Number(seconds) === 0;
  try {
    const rows = $('[data-refresh]');
    if (rows && due(rows.dataset.refresh)) await refreshRows();
    const inside = $('dialog[open] [data-refresh-main]');
    if (inside && due(inside.dataset.refreshMain)) {
      const { page, url } = await load($('.dialog-body').dataset.url);
      if (!isSignIn(page)) fill(page, url);
    }
    const main = $('#main [data-refresh-main]');
    if (main && due(main.dataset.refreshMain) && !dialog()?.open) await refreshMain();
  } catch { /* offline: the next tick tries again */ }
}, 1000);

document.addEventListener('click', async (event) => {
  const link = event.target.closest('[data-refresh-now]');
  if (!link) return;
  event.preventDefault();
  link.setAttribute('aria-busy', 'true');
  try { await refreshRows(); } catch { toast(words.offline); }
  link.removeAttribute('aria-busy');
});

/* Filters of what is on the page. */
const fold = (text) => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
document.addEventListener('input', (event) => {
  const target = event.target.dataset?.filter && document.getElementById(event.target.dataset.filter);
  if (!target) return;
  const wanted = fold(event.target.value.trim());
  for (const one of target.children) one.hidden = !fold(one.dataset.text ?? $('.name', one)?.textContent ?? '').includes(wanted);
});

/* What was done is said once; going back does not say it again. */
if (location.search.includes('done=')) {
  const url = new URL(location.href);
  url.searchParams.delete('done');
  history.replaceState({}, '', url);
}
$('[data-print]')?.addEventListener('click', () => print());
$('[data-focus]')?.focus();
