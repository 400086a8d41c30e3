// node report.mjs REPORT.html ARTEFACTS: the report of a sweep. Exit code 1 and a line for each thing that is wrong.
import {Reader} from './reader.mjs';

const [file, artefacts] = process.argv.slice(2);
const reader = new Reader(file, artefacts);

await reader.read(async (page) => {
  const figures = await page.locator('figure.vega').all();
  reader.check(figures.length >= 5, `only ${figures.length} figures`);
  for (const figure of figures) {
    const id = await figure.getAttribute('id');
    reader.check((await figure.getAttribute('data-drawn')) === 'yes', `${id} was not drawn`);
    const marks = await figure.locator('svg [class*=mark-] path, svg [class*=mark-] rect').count();
    reader.check(marks > 3, `${id} has only ${marks} marks`);
    const box = await figure.locator('svg').first().boundingBox();
    reader.check(box && box.width > 200 && box.height > 60, `${id} is ${JSON.stringify(box)}`);
    const labels = await figure.locator('svg .role-axis-label text').allTextContents();
    reader.check(labels.length > 1 && !labels.some((text) => /NaN|undefined|Infinity/.test(text)), `${id} has axes like ${labels}`);
  }

  // Every chart has its table and its CSV.
  const tables = await page.locator('table.data').count();
  reader.check(tables >= figures.length + 2, `${tables} tables for ${figures.length} figures`);
  const rows = await reader.saves(page, 'overview');
  reader.check(/^-?[\d.e+-]+$/.test(rows[1].split(',')[1]), `CSV has no plain number: ${rows[1]}`);
  await reader.sorts(page, 'overview');

  // Figures are saved as pictures.
  const latency = page.locator('figure#latency');
  const svg = await reader.download(page, () => latency.getByRole('button', {name: 'SVG'}).click());
  reader.check(svg.name === 'latency.svg' && svg.bytes.toString().includes('<svg'), `SVG export: ${svg.name}`);
  const png = await reader.download(page, () => latency.getByRole('button', {name: 'PNG'}).click());
  reader.check(png.name === 'latency.png' && png.bytes.subarray(1, 4).toString() === 'PNG', `PNG export: ${png.name}`);

  // A tooltip.
  const point = latency.locator('svg .mark-symbol path').first();
  await point.scrollIntoViewIfNeeded();
  await point.hover({force: true});
  await page.waitForSelector('#vg-tooltip-element.visible', {timeout: 5000}).catch(() => reader.check(false, 'no tooltip'));

  // The reader's choice redraws.
  const before = await latency.locator('svg').innerHTML();
  await latency.locator('select').selectOption({index: 0});
  await page.waitForFunction((old) => document.querySelector('figure#latency svg').innerHTML !== old, before, {timeout: 5000})
      .catch(() => reader.check(false, 'the choice of a slice changes nothing'));

  // In grey every line has a dash and a shape of its own.
  const styles = await latency.locator('svg .mark-line path').evaluateAll((lines) => lines.map((l) => l.getAttribute('stroke-dasharray') ?? 'solid'));
  reader.check(new Set(styles).size === styles.length, `lines look alike in grey: ${styles}`);

  // In the dark the charts' texts are light.
  const ink = () => page.evaluate(() => getComputedStyle(document.querySelector('figure#latency svg .role-axis-label text')).fill);
  const light = await ink();
  await page.emulateMedia({colorScheme: 'dark'});
  reader.check((await ink()) !== light, 'the texts of charts are the same in the dark');
  await page.emulateMedia({colorScheme: 'light'});
});
