// Shows what a form would do while it is being filled in: the server counts and renders, by the same rules that send.
// A part `data-ask="/path"` of a form asks that path, with the form's fields, and takes over the parts it answers.
let isAsking = false;
let wanted = null;

/** Puts the parts of an answer where their ids stand; what has the focus keeps it. */
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

/** Asks, one question at a time: what is typed meanwhile, on this page or on one that was taken over, is asked when the
    answer is there. An answer that was overtaken while it was read is not shown. */
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
      // A page that is gone meanwhile, a session that has ended: saving will say so.
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
