// Refreshes the phones and the open conversation. Without it the page can be reloaded manually.
const EVERY_MS = 2000;
const thread = () => document.querySelector(".thread");
const toEnd = () => { const now = thread(); if (now) now.scrollTop = now.scrollHeight; };

async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-fresh]")) {
      const next = fresh.querySelector(`[data-fresh="${part.dataset.fresh}"]`);
      if (!next || next.innerHTML === part.innerHTML || part.contains(document.activeElement)) continue;
      const atEnd = part.scrollTop + part.clientHeight >= part.scrollHeight - 40;
      part.replaceChildren(...next.childNodes);
      if (part === thread() && atEnd) toEnd();
    }
  } catch {
    // The sandbox does not respond; it may be restarted.
  }
}

toEnd();
for (const button of document.querySelectorAll("button[data-text]")) {
  button.addEventListener("click", () => {
    const text = document.querySelector("#text");
    text.value = button.dataset.text;
    text.focus();
  });
}
setInterval(refresh, EVERY_MS);
