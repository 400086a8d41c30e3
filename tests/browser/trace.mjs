// node trace.mjs TRACE.html ARTEFACTS: the page of `analyze --html`. Exit code 1 and a line for each thing that is wrong.
import {Reader} from './reader.mjs';

const [file, artefacts] = process.argv.slice(2);
const reader = new Reader(file, artefacts);

await reader.read(async (page) => {
  for (const table of ['causes', 'latencies', 'operations', 'pages', 'sharing'])
    reader.check(await page.locator(`#${table} tbody tr`).count() > 0, `the table ${table} is empty`);
  await reader.saves(page, 'operations');
  await reader.sorts(page, 'pages');

  // The bars are as wide as what they show.
  for (const bar of await page.locator('.bar').all()) {
    const [whole, parts] = await bar.evaluate((e) => [e.clientWidth, [...e.children].reduce((sum, part) => sum + part.getBoundingClientRect().width, 0)]);
    reader.check(Math.abs(whole - parts) < 12, `a bar of ${whole} has parts of ${parts}`);
  }
  const loads = await page.locator('.load svg rect').count();
  reader.check(loads > 1, `${loads} bars of load`);

  // The slowest operation's story is there; another's comes by mouse and by keyboard, with its messages.
  const story = page.locator('#story');
  reader.check(await story.locator('svg').count() === 1, 'the slowest operation has no picture');
  const buttons = page.locator('#operations [data-pick]');
  const first = await story.innerHTML();
  await buttons.nth(1).click();
  const second = await story.innerHTML();
  reader.check(first !== second, 'another operation has the same story');
  reader.check((await buttons.nth(1).getAttribute('aria-pressed')) === 'true', 'the button does not say that it is pressed');
  await buttons.nth(0).focus();
  await page.keyboard.press('Enter');
  reader.check((await story.innerHTML()) === first, 'the keyboard does not choose');
  reader.check(await story.locator('ol li').count() > 1, 'the critical path is empty');
  const outside = await story.locator('svg').evaluate((svg) => [...svg.querySelectorAll('text')].filter((t) => {
    const box = t.getBBox();
    return box.x < 0 || box.x + box.width > svg.viewBox.baseVal.width;
  }).map((t) => t.textContent));
  reader.check(outside.length === 0, `texts leave the picture: ${outside[0]}`);
});
