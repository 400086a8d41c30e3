'use strict';
// Draws the charts, sorts the tables, and saves both: everything else on the page is there without a script.
(() => {
  const save = (name, type, text) => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], {type}));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };

  const csvOf = (table) => {
    const field = (text) => /[",\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
    return [...table.rows].map((row) => [...row.cells]
        .map((cell) => field(cell.dataset.value ?? cell.textContent.trim())).join(',')).join('\n') + '\n';
  };

  const button = (label, action) => {
    const made = document.createElement('button');
    made.type = 'button';
    made.textContent = label;
    made.addEventListener('click', action);
    return made;
  };

  const sortBy = (table, header) => {
    const column = header.cellIndex;
    const down = header.getAttribute('aria-sort') === 'ascending';
    for (const other of header.parentElement.cells) if (other.hasAttribute('aria-sort')) other.setAttribute('aria-sort', 'none');
    header.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const key = (row) => {
      const cell = row.cells[column];
      return cell.dataset.value !== undefined ? Number(cell.dataset.value) : cell.textContent;
    };
    const compare = (a, b) => {
      const [x, y] = [key(a), key(b)];
      if (typeof x !== typeof y) return typeof x === 'number' ? -1 : 1;  // what has no number goes last, either way
      const order = typeof x === 'number' ? x - y : x.localeCompare(y, 'en', {numeric: true});
      return down ? -order : order;
    };
    const body = table.tBodies[0];
    body.append(...[...body.rows].sort(compare));
  };

  for (const table of document.querySelectorAll('table.data')) {
    for (const header of table.tHead.rows[0].cells) header.firstElementChild.addEventListener('click', () => sortBy(table, header));
    const tools = document.createElement('div');
    tools.className = 'tools';
    tools.append(button('Save this table as CSV', () => save(table.id + '.csv', 'text/csv', csvOf(table))));
    table.closest('.scroll').after(tools);
  }

  const draw = async (figure) => {
    const place = figure.querySelector('.chart');
    const spec = JSON.parse(figure.querySelector('script').textContent);
    const config = {background: null, font: 'system-ui, sans-serif', view: {stroke: null}, axis: {labelFontSize: 12, titleFontSize: 12, gridColor: '#ddd'},
                    legend: {labelFontSize: 12, titleFontSize: 12, orient: 'bottom', columns: 4, symbolSize: 90, labelLimit: 300},
                    header: {labelFontSize: 13, labelFontWeight: 'bold'}};
    const {view} = await charts.embed(place, spec, {renderer: 'svg', actions: false, config, tooltip: {theme: 'light'}});
    const export_ = (type) => async () => {
      const url = await view.toImageURL(type, 2);
      const link = document.createElement('a');
      link.href = url;
      link.download = figure.id + '.' + type;
      link.click();
    };
    figure.querySelector('.tools').append(button('Save this figure as SVG', export_('svg')), button('as PNG', export_('png')));
    figure.dataset.drawn = 'yes';
  };

  const drawAll = async () => {
    for (const figure of document.querySelectorAll('figure.vega')) {
      try {
        await draw(figure);
      } catch (error) {
        figure.querySelector('.chart').textContent = 'This figure could not be drawn: ' + error.message + ' (its table is below)';
        console.error(error);
      }
    }
    document.documentElement.dataset.ready = 'yes';
  };
  drawAll();
})();
