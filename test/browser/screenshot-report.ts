import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readRun } from '../../chaos/report/index.ts';
import { startBrowser } from './program.ts';

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));
const MOST_BYTES = 400_000;

/** Takes the pictures of a report that the README shows, of the folder of a run: `npm run screenshot:report -- DIR`. */
const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('name the folder of a run, such as drills/upstream-slow-20260102T030405Z\n');
  process.exit(2);
}
const { experiment, verdict } = readRun(folder);
process.stderr.write(`${experiment}, ${verdict}\n`);
const browser = await startBrowser();
if (!browser) {
  process.stderr.write('there is no browser; install the package chromium\n');
  process.exit(69);
}
try {
  for (const scheme of ['light', 'dark'] as const) {
    const page = await browser.newPage();
    await page.setViewport({ width: 1200, height: 1500 });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    await page.goto(pathToFileURL(resolve(join(folder, 'report.html'))).href);
    const path = `${DOCS}drill-report${scheme === 'dark' ? '-dark' : ''}.png` as const;
    await page.screenshot({ path });
    const { size } = statSync(path);
    process.stderr.write(`${path}: ${Math.round(size / 1000)} kB\n`);
    if (size > MOST_BYTES) process.exitCode = 1;
    await page.close();
  }
} finally {
  await browser.close();
}
