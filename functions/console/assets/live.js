// Makes pages faster; forms and links work without it. Forms marked `data-live` are sent in the
// background and the page shows the server's response; links marked `data-dialog` open in a dialog.
const words = JSON.parse(document.querySelector('meta[name="envol-words"]')?.content ?? '{}');
const $ = (selector, root = document) => root.querySelector(selector);
let isDirty = false;

/** Fetches and parses a page. If the session has ended, asks the user to sign in and fetches again; input is kept. */
async function load(url, { isQuiet = false, ...options } = {}) {
  // Automatic requests do not keep the session alive.
  const headers = isQuiet ? { 'x-envol-quiet': '1' } : {};
  const response = await fetch(url, { credentials: 'same-origin', headers, ...options });
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  if (isSignIn(page) && !isQuiet && await signInAgain(page)) {
    if (options.body) options.body.set('csrf', token());
    return load(url, options);
  }
  return { page, url: new URL(response.url), status: response.status, isPage: !options.body || response.redirected };
}

/** Shows a short message for some seconds. */
function toast(text, isGood = false) {
  $('.toast')?.remove();
  const note = Object.assign(document.createElement('p'), { className: isGood ? 'toast good' : 'toast', textContent: text });
  note.setAttribute('role', 'alert');
  ($('dialog[open]') ?? document.body).append(note);
  setTimeout(() => note.remove(), 8000);
}

/* Signing in again, on top of whatever was being done. */
const isSignIn = (page) => $('[data-signin]', page) !== null;
const token = () => $('.me [name=csrf]')?.value ?? '';
let again = null;

function signInAgain(page) {
  again ??= new Promise((resolve) => {
    const made = document.body.appendChild(Object.assign(document.createElement('dialog'), { className: 'again' }));
    const show = (content) => {
      made.replaceChildren(...$('#main', content).childNodes);
      ($('[name=email]', made).value ? $('[name=password]', made) : $('[name=email]', made)).focus();
    };
    let isBack = false;
    made.addEventListener('submit', async (event) => {
      event.preventDefault();
      event.stopPropagation();
      const form = event.target;
      if (form.classList.contains('languages')) return;
      form.classList.add('busy');
      try {
        const fields = new URLSearchParams(new FormData(form));
        fields.set('next', '/campaigns');
        fields.set('kept', '');
        const { page: answer } = await load(form.action, { isQuiet: true, method: 'POST', body: fields });
        if (isSignIn(answer)) return show(answer);
        for (const field of document.querySelectorAll('[name=csrf]')) field.value = $('.me [name=csrf]', answer).value;
        isBack = true;
        made.close();
      } catch { toast(words.offline); } finally { form.classList.remove('busy'); }
    });
    made.addEventListener('close', () => { made.remove(); again = null; resolve(isBack); if (isBack) toast(words.back, true); });
    made.showModal();
    show(page);
  });
  return again;
}
document.addEventListener('envol:signin', async (event) => { if (await signInAgain(event.detail.page)) event.detail.retry(); });

const texts = (root) => [...root.querySelectorAll('textarea[id], input[id]:not([type=hidden], [type=checkbox], [type=radio], [type=file])')];

/** Replaces the content with another version of this page; keeps scroll, focus, and input typed since `sent`. */
function take(page, sent = new Map()) {
  const [old, fresh] = [$('#main'), $('#main', page)];
  if (!fresh) return;
  const focused = document.activeElement;
  const key = focused?.id ? `#${CSS.escape(focused.id)}`
    : focused?.name ? `[name="${CSS.escape(focused.name)}"]${focused.tagName === 'BUTTON' ? `[value="${CSS.escape(focused.value)}"]` : ''}` : null;
  const at = typeof focused?.selectionStart === 'number' ? [focused.selectionStart, focused.selectionEnd] : null;
  const typed = texts(old).filter((one) => sent.has(one.id) && one.value !== sent.get(one.id)).map((one) => [one.id, one.value]);
  const open = [...old.querySelectorAll('details[open]')].map((one) => one.querySelector('summary')?.textContent);
  old.replaceChildren(...fresh.childNodes);
  document.title = page.title;
  for (const one of old.querySelectorAll('details')) if (open.includes(one.querySelector('summary')?.textContent)) one.open = true;
  const next = $('[data-focus]', old) ?? (key && $(key, old));
  next?.focus({ preventScroll: !next.matches('[data-focus]') });
  for (const [id, text] of typed) {
    const one = document.getElementById(id);
    if (one?.value !== sent.get(id)) continue;
    one.value = text;
    one.dispatchEvent(new Event('input', { bubbles: true }));
  }
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

/** Submits a form as the browser would, with the pressed button. */
function send(form, button) {
  const fields = new URLSearchParams(new FormData(form));
  if (button?.name) fields.append(button.name, button.value);
  return load(button?.getAttribute('formaction') ?? form.action, { method: 'POST', body: fields });
}

/* A form that is on its way is not sent again. */
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.classList.contains('busy')) { event.preventDefault(); event.stopImmediatePropagation(); return; }
  if (form.method !== 'post') return;
  setTimeout(() => { if (!event.defaultPrevented) form.classList.add('busy'); });
}, { capture: true });
addEventListener('pageshow', () => { for (const form of document.querySelectorAll('form.busy')) form.classList.remove('busy'); });

document.addEventListener('submit', async (event) => {
  const form = event.target;
  const inDialog = form.closest('#dialog') !== null;
  const goesToTheBucket = form.hasAttribute('data-upload') && $('input[type=file]', form)?.files.length > 0;
  if (event.defaultPrevented || form.method !== 'post' || goesToTheBucket) return;
  isDirty &&= !form.hasAttribute('data-dirty');
  if (!inDialog && !form.hasAttribute('data-live')) return;
  event.preventDefault();
  form.classList.add('busy');
  const sent = new Map(texts(form).map((one) => [one.id, one.value]));
  try {
    const { page, url, isPage } = await send(form, event.submitter);
    if (isSignIn(page)) { isDirty = form.hasAttribute('data-dirty'); return; }
    if (inDialog && url.pathname !== location.pathname && !isAway(url)) return fill(page, url);
    // Shows this response; fetching the page again could show less, such as a secret that is shown once.
    if (inDialog) dialog().close('answered');
    if (inDialog && !isPage) {
      take(page);
      scrollTo(0, 0);
      if (!$('[data-focus]')) $('#main').focus({ preventScroll: true });
      return;
    }
    // Another step is shown from its top.
    const isOther = url.pathname !== location.pathname;
    url.searchParams.delete('done');
    if (isOther) history.pushState({}, '', url);
    stand(isOther ? url : url.pathname);
    take(page, isOther ? undefined : sent);
    if (isOther) { scrollTo(0, 0); if (!$('[data-focus]')) $('#main').focus({ preventScroll: true }); }
  } catch {
    isDirty = form.hasAttribute('data-dirty');
    toast(words.offline);
  } finally {
    form.classList.remove('busy');
  }
});

/** Whether a URL is a page of its own, which a dialog does not show. */
const isAway = (url) => /^\/campaigns(\/[^/]+\/(general|contacts|message|schedule|review))?$/.test(url.pathname)
  || /^\/(lists|exclusions|templates|account.*)$/.test(url.pathname);

/* Dialogs */
const dialog = () => $('#dialog');

function fill(page, url, isRefresh = false) {
  const body = $('.dialog-body');
  body.replaceChildren(...$('#main', page).childNodes);
  body.dataset.url = url.pathname + url.search;
  dialog().setAttribute('aria-label', $('h1', body)?.textContent ?? '');
  if (!isRefresh) ($('[data-focus], [autofocus], input:not([type=hidden])', body) ?? $('button, a', body))?.focus();
  announce(body);
  document.dispatchEvent(new Event('envol:page'));
}

document.addEventListener('click', async (event) => {
  const close = event.target.closest('[data-close]');
  if (close && dialog()?.open) { event.preventDefault(); return dialog().close(); }
  const link = event.target.closest('a[href^="/"]');
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (link.getAttribute('aria-disabled')) return event.preventDefault();
  const draft = isDirty && $('#draft');
  const isDialog = link.hasAttribute('data-dialog');
  if (!isDialog && !draft) return;
  event.preventDefault();
  try {
    // The draft is saved first: leaving a step keeps it, and the dialog's result returns to it.
    if (draft && !await save(draft)) return;
    if (!isDialog) { location.href = link.href; return; }
    const { page, url } = await load(link.href);
    if (isSignIn(page)) return;
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
    made.addEventListener('close', async () => {
      if (made.returnValue !== 'answered') await refreshMain();
      const id = made.opener?.id;
      (made.opener?.isConnected ? made.opener : id && document.getElementById(id))?.focus?.();
    });
  }
  dialog().opener = opener;
  dialog().returnValue = '';
  if (!dialog().open) dialog().showModal();
}

/** Saves a draft; false on a conflict with another user, which the page then shows. */
async function save(form) {
  const fields = new URLSearchParams(new FormData(form));
  fields.append('go', 'stay');
  const { page, status } = await load(form.action, { method: 'POST', body: fields });
  if (isSignIn(page)) return false;
  if (status === 409) { take(page); return false; }
  const seen = $('[name=seen]', page);
  if (seen && $('[name=seen]', form)) $('[name=seen]', form).value = seen.value;
  isDirty = false;
  return true;
}

document.addEventListener('input', (event) => { if (event.target.closest('[data-dirty]') && !event.target.dataset.find) isDirty = true; });
addEventListener('beforeunload', (event) => { if (isDirty) event.preventDefault(); });
/* Back and forth between pages that were taken over; a jump within a page, as to the content, is none. */
let standing = location.pathname + location.search;
function stand(url) {
  history.replaceState({}, '', url);
  standing = location.pathname + location.search;
}
addEventListener('popstate', async () => {
  const wanted = location.pathname + location.search;
  if (wanted === standing) return;
  standing = wanted;
  try { take((await load(location.href)).page); } catch { location.reload(); }
});

/* What changes by itself: only changed rows are replaced; the focus stays where it is. */
const plain = (row) => row.outerHTML.replaceAll(/value="[0-9a-f]{128}"/g, '');
const stops = (row) => [...row.querySelectorAll('a, button, [tabindex]')];

function replaceRow(old, row) {
  const fresh = document.importNode(row, true);
  const place = stops(old).indexOf(document.activeElement);
  old.replaceWith(fresh);
  if (place >= 0) stops(fresh)[place]?.focus({ preventScroll: true });
  return fresh;
}

function takeRows(page) {
  for (const body of document.querySelectorAll('[data-rows]')) {
    const fresh = page.getElementById(body.id);
    if (!fresh) return take(page);
    const known = new Map([...body.children].map((row) => [row.id, row]));
    let before = null;
    for (const row of fresh.children) {
      const old = known.get(row.id);
      known.delete(row.id);
      const stands = !old ? document.importNode(row, true) : plain(old) === plain(row) ? old : replaceRow(old, row);
      const next = before ? before.nextElementSibling : body.firstElementChild;
      if (next !== stands) body.insertBefore(stands, next);
      before = stands;
    }
    for (const gone of known.values()) gone.remove();
  }
  takeKeyed(page);
}

/** Replaces the elements marked `data-keyed` that differ in another version of the page. */
function takeKeyed(page) {
  for (const one of document.querySelectorAll('[data-keyed]')) {
    const fresh = page.getElementById(one.id);
    if (fresh && fresh.outerHTML !== one.outerHTML) one.replaceWith(document.importNode(fresh, true));
  }
}

async function refreshRows(isQuiet) {
  const asked = location.href;
  const { page } = await load(asked, { isQuiet });
  if (!isSignIn(page) && asked === location.href) takeRows(page);
}

/** Refreshes the content, unless the user typed or left the page while the response was on its way. */
async function refreshMain() {
  const asked = location.href;
  if (isDirty) return;
  try {
    const { page } = await load(asked, { isQuiet: true });
    if (!isSignIn(page) && !isDirty && asked === location.href) take(page);
  } catch { /* the next tick tries again */ }
}

let ticks = 0;
setInterval(async () => {
  if (document.hidden || again) return;
  ticks += 1;
  const due = (seconds) => Number(seconds) > 0 && ticks % Number(seconds) === 0;
  try {
    const rows = $('[data-refresh]');
    if (rows && due(rows.dataset.refresh)) await refreshRows(true);
    const inside = $('#dialog[open] [data-refresh-main]');
    if (inside && due(inside.dataset.refreshMain)) {
      const { page, url } = await load($('.dialog-body').dataset.url, { isQuiet: true });
      if (!isSignIn(page) && dialog().open) fill(page, url, $('[data-refresh-main]', page) !== null);
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
  try { await refreshRows(false); } catch { toast(words.offline); }
  link.removeAttribute('aria-busy');
});

/* Searching as one types, in a form of its own or within one, which stays as it is: the server finds, the part of the
   page that holds what it found is taken over. */
let searching = 0;
function seek(url, id) {
  clearTimeout(searching);
  const turn = setTimeout(async () => {
    try {
      const { page } = await load(url, { isQuiet: true });
      if (turn !== searching) return;
      const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
      if (!old || !fresh) return;
      old.replaceWith(fresh);
      takeKeyed(page);
      stand(url);
    } catch { toast(words.offline); }
  }, 150);
  searching = turn;
}
document.addEventListener('input', ({ target }) => {
  const form = target.closest('form[data-search]');
  if (form) seek(`${form.getAttribute('action')}?${new URLSearchParams(new FormData(form))}`, 'results');
  if (!target.dataset?.find) return;
  const url = new URL(location.href);
  url.searchParams.set('find', target.value);
  seek(url, target.dataset.find);
});
document.addEventListener('keydown', (event) => { if (event.key === 'Enter' && event.target.dataset?.find) event.preventDefault(); });

/* What was done is said once; going back does not say it again. */
if (location.search.includes('done=')) {
  const url = new URL(location.href);
  url.searchParams.delete('done');
  stand(url);
}
document.addEventListener('click', (event) => {
  if (event.target.closest('[data-print]')) print();
  const secret = event.target.closest('[data-copy]');
  if (secret) navigator.clipboard?.writeText(document.getElementById(secret.dataset.copy).textContent).then(() => toast(words.copied, true));
});
$('[data-focus]')?.focus();
