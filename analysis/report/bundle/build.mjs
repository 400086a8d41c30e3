// node build.mjs [DIRECTORY]: writes charts.js and LICENSES.txt there (here by default), the same bytes each time.
import {build} from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? here;
const result = await build({
  stdin: {contents: "export {default as embed} from 'vega-embed';", resolveDir: here, loader: 'js'},
  bundle: true, minify: true, format: 'iife', globalName: 'charts', target: 'es2020', charset: 'ascii',
  legalComments: 'none', write: false, metafile: true, absWorkingDir: here,
});
// Spliced into a page, the script must not end its element.
const script = result.outputFiles[0].text.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
fs.writeFileSync(path.join(out, 'charts.js'), script);

// Whose code is in it, by the packages that its parts come from.
const packages = new Set();
for (const [file, input] of Object.entries(result.metafile.outputs['<stdout>']?.inputs ?? Object.values(result.metafile.outputs)[0].inputs)) {
  const match = file.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//);
  if (match && input.bytesInOutput > 0) packages.add(match[1]);
}
let notices = 'The file charts.js contains code of these packages, under these licences.\n';
for (const name of [...packages].sort()) {
  const folder = path.join(here, 'node_modules', name);
  const about = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const file = fs.readdirSync(folder).filter((f) => /^(licen[cs]e|copying)/i.test(f)).sort()[0];
  const text = file ? fs.readFileSync(path.join(folder, file), 'utf8').trim() : `(no licence file; package.json says ${about.license})`;
  notices += `\n${'='.repeat(80)}\n${name} ${about.version} (${about.license})\n${'='.repeat(80)}\n${text}\n`;
}
fs.writeFileSync(path.join(out, 'LICENSES.txt'), notices.replaceAll('\r\n', '\n'));
