// Previews a form while it is filled in: the server counts and renders with the same rules as when sending.
// A part `data-ask="/path"` of a form requests that path with the form's fields, and inserts the returned parts.
let isAsking = false;
let wanted = null;

/** Inserts the parts of a response by their ids; the focus stays where it is. */
function place(html) {
  const fresh = new DOMParser().parseFromString(html, 'text/html');
  for (const part of [...fresh.body.children]) {
    const old = part.id && document.getElementById(part.id);
    if (!old || old.outerHTML === part.outerHTML) continue;
    const focused = old.contains(document.activeElement) ? document.activeElement.id : '';
    old.replaceWith(part);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }
}

/** Sends one request at a time: later input, on this page or on its replacement, is sent when the response has
    arrived. A response that is outdated when it has been read is not shown. */
async function ask(root) {
  wanted = root;
  if (isAsking) return;
  isAsking = true;
  try {
    while (wanted) {
      const asked = wanted;
      wanted = null;
      const fields = new URLSearchParams(new FormData(asked.closest('form')));
      const answer = await fetch(asked.dataset.ask, { method: 'POST', body: fields, credentials: 'same-origin' });
      const parts = await answer.text();
      // The page was deleted, or the session has ended: saving will report it.
      if (answer.ok && asked.isConnected && !wanted) place(parts);
    }
  } catch { /* offline: the next key asks again */ } finally { isAsking = false; }
}

let waiting = 0;
function soon(event) {
  const root = event.target.closest?.('[data-ask]');
  if (!root) return;
  clearTimeout(waiting);
  waiting = setTimeout(ask, 25, root);
}
document.addEventListener('input', soon);
document.addEventListener('change', soon);

/* Variables and links go where the cursor is. */
document.addEventListener('click', (event) => {
  const chip = event.target.closest('[data-insert]');
  const area = chip?.closest('form')?.querySelector('textarea[name=text]');
  if (!area) return;
  area.setRangeText(chip.dataset.insert, area.selectionStart, area.selectionEnd, 'end');
  area.focus();
  area.dispatchEvent(new Event('input', { bubbles: true }));
});
