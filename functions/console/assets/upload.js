// Uploads files from the browser to the bucket: the server signs a URL, the browser sends the file there.
const words = JSON.parse(document.querySelector('meta[name="envol-words"]')?.content ?? '{}');

/** Uploads a file to a signed URL and reports progress, 0 to 1. */
function put({ url, headers }, file, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', url);
    for (const [name, value] of headers) if (name.toLowerCase() !== 'host') request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', (event) => { if (event.lengthComputable) progress(event.loaded / event.total); });
    request.addEventListener('load', () => (request.status < 300 ? resolve() : reject(new Error(String(request.status)))));
    request.addEventListener('error', () => reject(new Error('network')));
    request.send(file);
  });
}

/** The session has ended: shows the sign-in form above the page, then continues. */
async function signIn(answer, retry) {
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  document.dispatchEvent(new CustomEvent('envol:signin', { detail: { page, retry } }));
}

function complain(form, text) {
  form.querySelector('[data-problem]')?.remove();
  const note = Object.assign(document.createElement('p'), { className: 'note bad', textContent: text });
  note.dataset.problem = '';
  note.setAttribute('role', 'alert');
  form.prepend(note);
}

// A list: first the form's fields, then the file, then the page of the import.
document.addEventListener('submit', async (event) => {
  const form = event.target.closest('form[data-upload]');
  const file = form?.querySelector('input[type=file]')?.files[0];
  // Without a file it is an ordinary form: pasted values, or an error.
  if (!form || !file) return;
  event.preventDefault();
  const bar = form.querySelector('progress');
  form.classList.add('busy');
  try {
    const fields = new URLSearchParams(new FormData(form));
    fields.delete('file');
    fields.set('upload', '1');
    const answer = await fetch(form.action, { method: 'POST', body: fields, credentials: 'same-origin', headers: { accept: 'application/json' } });
    if (answer.status === 401) return signIn(answer, () => form.requestSubmit());
    if (!answer.headers.get('content-type')?.includes('json')) return complain(form, form.dataset.bad);
    const address = await answer.json();
    if (bar) { bar.hidden = false; bar.closest('[data-bar]')?.removeAttribute('hidden'); }
    await put(address, file, (share) => { if (bar) bar.value = share; });
    follow(form, address.next);
  } catch {
    complain(form, words.failed);
  } finally {
    form.classList.remove('busy');
  }
});

/** Opens the page of the import, in the dialog if there is one. */
function follow(form, next) {
  if (!form.closest('dialog')) { location.href = next; return; }
  const link = Object.assign(document.createElement('a'), { href: next, hidden: true });
  link.dataset.dialog = '';
  form.append(link);
  link.click();
}

// A list without a name is named after its file.
document.addEventListener('change', (event) => {
  const name = event.target.matches?.('form[data-upload] input[type=file]') && event.target.form.elements.name;
  const file = event.target.files?.[0];
  if (name && file && !name.value.trim()) name.value = file.name.replace(/\.[^.]+$/, '').replaceAll(/[_]+/g, ' ').trim().slice(0, 100);
});

// An image: uploaded as soon as it is chosen; its id is sent with the form.
document.addEventListener('change', async (event) => {
  const input = event.target.closest('input[data-image]');
  const file = input?.files[0];
  if (!file) return;
  const form = input.closest('form');
  const csrf = form.querySelector('[name=csrf]').value;
  input.setCustomValidity('');
  try {
    const fields = new URLSearchParams({ csrf, type: file.type, size: String(file.size) });
    const answer = await fetch(input.dataset.image, { method: 'POST', body: fields, credentials: 'same-origin' });
    if (answer.status === 401) return signIn(answer, () => input.dispatchEvent(new Event('change', { bubbles: true })));
    if (!answer.ok) { input.setCustomValidity(input.dataset.bad); input.reportValidity(); return; }
    const address = await answer.json();
    await put(address, file, () => {});
    form.querySelector('input[name=image]').value = address.id;
    form.requestSubmit(form.querySelector('button[name=do][value=image]'));
  } catch {
    input.setCustomValidity(words.failed);
    input.reportValidity();
  }
});
