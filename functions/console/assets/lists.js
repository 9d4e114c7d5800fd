// Lists can also be chosen by dragging: a drop presses the corresponding button.
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
// Without dragging: Enter on a list's button, or a double click on the list.
document.addEventListener('dblclick', (event) => {
  event.target.closest?.('[data-list]')?.querySelector('button[name="add"], button[name="remove"]')?.click();
});
