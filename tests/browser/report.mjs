// node report.mjs REPORT.html ARTEFACTS: opens a report in Debian's chromium as a reader would. Exit code 1 and a line for
// each thing that is wrong. Screenshots and a print are left in ARTEFACTS.
import {chromium} from 'playwright-core';
import axe from 'axe-core';
import fs from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';

const [report, artefacts] = process.argv.slice(2);
const url = pathToFileURL(path.resolve(report)).href;
const findings = [];
const check = (fine, text) => {
  if (!fine) findings.push(text);
};

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
});

const open = async (options) => {
  const page = await browser.newPage(options);
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) findings.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => findings.push(`page: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== url && !/^(data|blob):/.test(request.url())) findings.push(`request: ${request.url()}`);
  });
  await page.goto(url, {timeout: 120000});
  await page.waitForSelector('html[data-ready=yes]', {timeout: 120000});
  return page;
};

const accessible = async (page, where) => {
  await page.evaluate(axe.source);
  const {violations} = await page.evaluate(() => axe.run(document, {resultTypes: ['violations']}));
  for (const violation of violations.filter((v) => ['serious', 'critical'].includes(v.impact)))
    findings.push(`axe, ${where}: ${violation.id}: ${violation.help}: ${violation.nodes[0].html.slice(0, 200)}`);
};

const download = async (page, action) => {
  const [file] = await Promise.all([page.waitForEvent('download', {timeout: 15000}), action()]);
  return {name: file.suggestedFilename(), text: fs.readFileSync(await file.path())};
};

check(fs.statSync(report).size < 5e6, 'the file is 5 MB or more');

// A desk, in the light.
{
  const page = await open({viewport: {width: 1280, height: 900}});
  const figures = await page.locator('figure.vega').all();
  check(figures.length >= 5, `only ${figures.length} figures`);
  for (const figure of figures) {
    const id = await figure.getAttribute('id');
    check((await figure.getAttribute('data-drawn')) === 'yes', `${id} was not drawn`);
    const marks = await figure.locator('svg [class*=mark-] path, svg [class*=mark-] rect').count();
    check(marks > 3, `${id} has only ${marks} marks`);
    const box = await figure.locator('svg').first().boundingBox();
    check(box && box.width > 200 && box.height > 60, `${id} is ${JSON.stringify(box)}`);
  }

  // Every chart has its table and its CSV.
  const tables = await page.locator('table.data').count();
  check(tables >= figures.length + 2, `${tables} tables for ${figures.length} figures`);
  const csv = await download(page, () => page.locator('section:has(#overview) .tools button').first().click());
  check(csv.name === 'overview.csv', `the table is saved as ${csv.name}`);
  const rows = csv.text.toString().trim().split('\n');
  check(rows.length === 1 + await page.locator('#overview tbody tr').count(), `${rows.length} lines of CSV`);
  check(/^-?[\d.e+-]+$/.test(rows[1].split(',')[1]), `CSV has no plain number: ${rows[1]}`);

  // Figures are saved as pictures.
  const latency = page.locator('figure#latency');
  const svg = await download(page, () => latency.getByRole('button', {name: 'SVG'}).click());
  check(svg.name === 'latency.svg' && svg.text.toString().includes('<svg'), `SVG export: ${svg.name}`);
  const png = await download(page, () => latency.getByRole('button', {name: 'PNG'}).click());
  check(png.name === 'latency.png' && png.text.subarray(1, 4).toString() === 'PNG', `PNG export: ${png.name}`);

  // Sorting, by mouse and by keyboard.
  const column = async () => (await page.locator('#overview tbody td:nth-child(2)').evaluateAll((cells) => cells.map((c) => Number(c.dataset.value))));
  const header = page.locator('#overview thead th').nth(1);
  await header.locator('button').click();
  const ascending = await column();
  check(ascending.every((v, i) => i === 0 || ascending[i - 1] <= v), `not ascending: ${ascending}`);
  check((await header.getAttribute('aria-sort')) === 'ascending', 'aria-sort does not say ascending');
  await header.locator('button').focus();
  await page.keyboard.press('Enter');
  const descending = await column();
  check(descending.every((v, i) => i === 0 || descending[i - 1] >= v), `not descending: ${descending}`);

  // A tooltip.
  const point = latency.locator('svg .mark-symbol path').first();
  await point.scrollIntoViewIfNeeded();
  await point.hover({force: true});
  await page.waitForSelector('#vg-tooltip-element.visible', {timeout: 5000}).catch(() => findings.push('no tooltip'));

  // The reader's choice redraws.
  const choice = latency.locator('select');
  if (await choice.count()) {
    const before = await latency.locator('svg').innerHTML();
    await choice.selectOption({index: 0});
    await page.waitForFunction((old) => document.querySelector('figure#latency svg').innerHTML !== old, before, {timeout: 5000})
        .catch(() => findings.push('the choice of a slice changes nothing'));
  }

  // By keyboard alone one gets everywhere: every control is reached by Tab.
  await page.evaluate(() => {
    document.activeElement.blur();
    window.controls = new Set([...document.querySelectorAll('a[href], button, select, summary')].filter((e) => e.checkVisibility()));
  });
  const controls = await page.evaluate(() => window.controls.size);
  for (let i = 0; i < 2 * controls + 100; ++i) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => (window.controls.delete(document.activeElement), window.controls.size)) === 0) break;
  }
  const missed = await page.evaluate(() => [...window.controls].map((e) => e.outerHTML.slice(0, 80)));
  check(missed.length === 0, `not reached by Tab: ${missed.length} of ${controls}: ${missed[0]}`);
  await accessible(page, 'light');
  await page.screenshot({path: path.join(artefacts, 'report.png'), fullPage: true});
  await page.pdf({path: path.join(artefacts, 'report.pdf'), format: 'A4'});
  check(fs.statSync(path.join(artefacts, 'report.pdf')).size > 50000, 'the print is empty');
  // In grey every line has a dash and a shape of its own.
  const styles = await latency.locator('svg .mark-line path').evaluateAll((lines) => lines.map((l) => l.getAttribute('stroke-dasharray') ?? 'solid'));
  check(new Set(styles).size === styles.length, `lines look alike in grey: ${styles}`);
  await page.close();
}

// The dark, and a phone.
for (const [name, options] of Object.entries({
  dark: {viewport: {width: 1280, height: 900}, colorScheme: 'dark'},
  phone: {viewport: {width: 390, height: 800}, isMobile: true, hasTouch: true},
})) {
  const page = await open(options);
  await accessible(page, name);
  const [width, wide] = await page.evaluate(() => [document.documentElement.clientWidth, document.documentElement.scrollWidth]);
  check(wide <= width + 1, `${name}: the page is ${wide} wide on ${width}`);
  if (name === 'dark') {
    const [paper, ink] = await page.evaluate(() => [getComputedStyle(document.body).backgroundColor,
      getComputedStyle(document.querySelector('figure#latency svg .role-axis-label text')).fill]);
    const light = (color) => color.match(/\d+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0) > 382;
    check(!light(paper) && light(ink), `dark: ${ink} on ${paper}`);
  }
  await page.screenshot({path: path.join(artefacts, `report-${name}.png`), fullPage: true});
  await page.close();
}

await browser.close();
for (const finding of findings) console.error(finding);
console.log(`${findings.length} findings`);
process.exit(findings.length === 0 ? 0 : 1);
