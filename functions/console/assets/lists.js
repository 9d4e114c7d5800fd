// Lists are chosen by dragging too: a drop presses the button that does the same.
const shelf = (target) => target.closest?.('[data-drop]');
let dragged = null;

document.addEventListener('dragstart', (event) => {
  dragged = event.target.closest?.('[data-list]');
  dragged?.classList.add('dragged');
  event.dataTransfer?.setData('text/plain', dragged?.dataset.list ?? '');
});
document.addEventListener('dragend', () => {
  dragged?.classList.remove('dragged');
  for (const one of document.querySelectorAll('.over')) one.classList.remove('over');
  dragged = null;
});
document.addEventListener('dragover', (event) => {
  const over = shelf(event.target);
  if (!over || !dragged || over.contains(dragged)) return;
  event.preventDefault();
  over.classList.add('over');
});
document.addEventListener('dragleave', (event) => shelf(event.target)?.classList.remove('over'));
document.addEventListener('drop', (event) => {
  const over = shelf(event.target);
  if (!over || !dragged || over.contains(dragged)) return;
  event.preventDefault();
  dragged.querySelector(`button[name="${over.dataset.drop}"]`)?.click();
});
// Without a mouse: Enter on a list's button does it; a double click anywhere on the list too.
document.addEventListener('dblclick', (event) => {
  event.target.closest?.('[data-list]')?.querySelector('button[name="add"], button[name="remove"]')?.click();
});
