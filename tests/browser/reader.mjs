// What tests of pages share: a page opened in Debian's chromium as a reader would, and what must hold of every page.
import {chromium} from 'playwright-core';
import axe from 'axe-core';
import fs from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';

/// The ways in which every page is read.
const views = {
  light: {viewport: {width: 1280, height: 900}},
  dark: {viewport: {width: 1280, height: 900}, colorScheme: 'dark'},
  phone: {viewport: {width: 390, height: 800}, isMobile: true, hasTouch: true},
};

export class Reader {
  /// `file`: the page; `artefacts`: where screenshots and the print are left, named after it.
  constructor(file, artefacts) {
    this.file = file;
    this.url = pathToFileURL(path.resolve(file)).href;
    this.artefact = (suffix) => path.join(artefacts, path.basename(file, '.html') + suffix);
    this.findings = [];
  }

  check(fine, text) {
    if (!fine) this.findings.push(text);
  }

  async open(options) {
    const page = await this.browser.newPage(options);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.findings.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.findings.push(`page: ${error.message}`));
    page.on('request', (request) => this.check(request.url() === this.url || /^(data|blob):/.test(request.url()), `request: ${request.url()}`));
    await page.goto(this.url, {timeout: 120000});
    if (await page.locator('script').count()) await page.waitForSelector('html[data-ready=yes]', {timeout: 120000});
    return page;
  }

  async accessible(page, where) {
    await page.evaluate(axe.source);
    const {violations} = await page.evaluate(() => axe.run(document, {resultTypes: ['violations']}));
    for (const violation of violations.filter((v) => ['serious', 'critical'].includes(v.impact)))
      this.findings.push(`axe, ${where}: ${violation.id}: ${violation.help}: ${violation.nodes[0].html.slice(0, 200)}`);
  }

  /// By keyboard alone one gets everywhere: every control, and every box that scrolls, is reached by Tab.
  async keyboard(page) {
    const controls = await page.evaluate(() => {
      document.activeElement.blur();
      const scrolls = (e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX === 'auto';
      const all = [...document.querySelectorAll('a[href], button, select, summary, div, pre')];
      window.controls = new Set(all.filter((e) => e.checkVisibility() && (!['DIV', 'PRE'].includes(e.tagName) || scrolls(e))));
      return window.controls.size;
    });
    for (let i = 0; i < 2 * controls + 100; ++i) {
      await page.keyboard.press('Tab');
      if (await page.evaluate(() => (window.controls.delete(document.activeElement), window.controls.size)) === 0) break;
    }
    const missed = await page.evaluate(() => [...window.controls].map((e) => e.outerHTML.slice(0, 80)));
    this.check(missed.length === 0, `not reached by Tab: ${missed.length} of ${controls}: ${missed[0]}`);
  }

  async download(page, action) {
    const [file] = await Promise.all([page.waitForEvent('download', {timeout: 15000}), action()]);
    return {name: file.suggestedFilename(), bytes: fs.readFileSync(await file.path())};
  }

  /// A click on the header of the second column, then Enter: up, then down.
  async sorts(page, table) {
    const column = () => page.locator(`#${table} tbody tr > :nth-child(2)`).evaluateAll((cells) => cells.map((c) => c.dataset.value ?? c.textContent));
    const header = page.locator(`#${table} thead th`).nth(1);
    const expect = async (direction) => {
      const values = await column();
      const numbers = values.every((v) => v !== '' && !Number.isNaN(Number(v)));
      const sorted = [...values].sort((a, b) => numbers ? a - b : a.localeCompare(b, 'en', {numeric: true}));
      if (direction === 'descending') sorted.reverse();
      this.check(values.join() === sorted.join(), `${table} is not ${direction}: ${values.slice(0, 8)}`);
      this.check((await header.getAttribute('aria-sort')) === direction, `aria-sort of ${table} is not ${direction}`);
    };
    await header.locator('button').click();
    await expect('ascending');
    await header.locator('button').focus();
    await page.keyboard.press('Enter');
    await expect('descending');
  }

  /// The table is saved as CSV: a line a row, and plain numbers.
  async saves(page, table) {
    const csv = await this.download(page, () => page.locator(`.scroll:has(> #${table}) + .tools button`).click());
    this.check(csv.name === `${table}.csv`, `the table ${table} is saved as ${csv.name}`);
    const rows = csv.bytes.toString().trim().split('\n');
    const expected = 1 + await page.locator(`#${table} tbody tr`).count();
    this.check(rows.length === expected, `${table}.csv has ${rows.length} lines instead of ${expected}`);
    return rows;
  }

  /// Reads the page in every way; `story(page)` is what is asked of this one, in the light.
  async read(story) {
    this.check(fs.statSync(this.file).size < 5e6, 'the file is 5 MB or more');
    this.browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    });
    for (const [name, options] of Object.entries(views)) {
      const page = await this.open(options);
      await page.screenshot({path: this.artefact(`-${name}.png`), fullPage: true});
      await this.accessible(page, name);
      const [width, wide] = await page.evaluate(() => [document.documentElement.clientWidth, document.documentElement.scrollWidth]);
      this.check(wide <= width + 1, `${name}: the page is ${wide} wide on ${width}`);
      const light = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0) > 382);
      this.check(light === (name !== 'dark'), `${name}: the paper is ${light ? 'light' : 'dark'}`);
      if (name === 'light') {
        await story(page);
        await this.keyboard(page);
        await page.pdf({path: this.artefact('.pdf'), format: 'A4'});
        this.check(fs.statSync(this.artefact('.pdf')).size > 10000, 'the print is empty');
      }
      await page.close();
    }
    await this.browser.close();
    for (const finding of this.findings) console.error(finding);
    console.log(`${this.file}: ${this.findings.length} findings`);
    process.exitCode = this.findings.length === 0 ? 0 : 1;
  }
}
