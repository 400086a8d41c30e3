'use strict';
// Shows the operation whose button is pressed: its parts, its critical path, and its messages where they were drawn.
(() => {
  const operations = JSON.parse(document.getElementById('operations-data').textContent);
  const place = document.getElementById('story');

  const element = (tag, text, parent, attributes = {}) => {
    const made = document.createElement(tag);
    if (text !== null) made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    parent.append(made);
    return made;
  };

  const bar = (operation) => {
    const drawn = element('div', null, place, {class: 'bar', role: 'img', 'aria-label': operation.sums});
    for (const [part, share, shown] of operation.parts)
      element('span', part, drawn, {class: part, title: part + ' ' + shown}).style.width = 100 * share + '%';
    element('p', operation.sums, place, {class: 'note'});
  };

  const show = (button) => {
    const operation = operations[button.dataset.pick];
    for (const other of document.querySelectorAll('[data-pick]')) other.setAttribute('aria-pressed', other === button);
    place.replaceChildren();
    element('h3', operation.title, place);
    bar(operation);
    const list = element('ol', null, place);
    for (const step of operation.path) element('li', step, list);
    const picture = document.getElementById('operation-' + button.dataset.pick);
    if (!picture) return;
    const figure = element('figure', null, place, {class: 'sequence'});
    element('div', null, figure, {class: 'scroll', role: 'region', tabindex: '0', 'aria-label': 'messages of the operation'})
        .append(picture.content.cloneNode(true));
  };

  const buttons = document.querySelectorAll('[data-pick]');
  for (const button of buttons) button.addEventListener('click', () => show(button));
  if (buttons.length > 0) show(buttons[0]);
})();
