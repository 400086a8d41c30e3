// node replay.mjs REPLAY.html ARTEFACTS: the page of `replay --html`. Exit code 1 and a line for each thing that is wrong.
import {Reader} from './reader.mjs';

const [file, artefacts] = process.argv.slice(2);
const reader = new Reader(file, artefacts);

await reader.read(async (page) => {
  const svg = page.locator('svg[role=img]');
  reader.check(await svg.count() === 1, 'there is not one picture');
  const steps = await page.locator('pre').first().textContent();
  const told = steps.split('\n').filter((line) => /^ *\*?\d+ /.test(line)).length;
  reader.check(told > 3, `only ${told} steps are told`);
  reader.check(await svg.locator('circle').count() === told, `${told} steps are told, and others drawn`);
  const [tip] = await svg.locator('text > title').allTextContents();
  reader.check(/^1: .*(holds|no locks)/.test(tip ?? ''), `a step's tip is ${tip}`);
  const outside = await svg.evaluate((drawn) => [...drawn.querySelectorAll('text')].filter((t) => {
    const box = t.getBBox();
    return box.x < 0 || box.x + box.width > drawn.viewBox.baseVal.width;
  }).map((t) => t.textContent));
  reader.check(outside.length === 0, `texts leave the picture: ${outside[0]}`);
});
