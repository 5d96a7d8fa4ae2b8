import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { definition } from '../../service/definition/index.ts';
import { believeForwarded } from '../support/program.ts';
import { PROJECT, startServe } from '../support/serve.ts';
import { startBrowser } from './program.ts';
import { startTraffic } from './traffic.ts';

/** Seconds of traffic in the picture; an argument takes their place. */
const SECONDS = Number(process.argv[2] ?? 180);
const TOKEN = 'taking-a-picture-of-this-page';
const MOST_BYTES = 300_000;
/** The page asks every 5 s, and the gateway computes as often. */
const UNTIL_SHOWN_MS = 11_000;

/**
 * Takes the pictures of the live page that the README shows: the gateway of `npm start` under mixed traffic of many
 * callers, with a breaker that was opened by hand.
 */
const browser = await startBrowser();
if (!browser) {
  process.stderr.write('there is no browser; install the package chromium\n');
  process.exit(69);
}
const folder = mkdtempSync(join(tmpdir(), 'sluice-screenshot-'));
const file = join(folder, 'service.json');
writeFileSync(file, JSON.stringify(believeForwarded(definition.dev)));
const served = await startServe([], { SLUICE_DEFINITION: file, OPS_TOKEN: TOKEN });
const traffic = startTraffic(served.port);
try {
  process.stderr.write(`${SECONDS} s of traffic ...\n`);
  await wait(SECONDS * 1000);
  await openBreaker('payment');
  for (const scheme of ['light', 'dark'] as const) {
    const page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 900, deviceScaleFactor: 1.15 });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    await page.goto(`http://127.0.0.1:${served.opsPort}/`);
    await openBreaker('payment');
    await wait(UNTIL_SHOWN_MS / 2);
    const path = `${PROJECT}docs/live-page${scheme === 'dark' ? '-dark' : ''}.png` as const;
    await page.screenshot({ path: path });
    const { size } = statSync(path);
    process.stderr.write(`${path}: ${Math.round(size / 1000)} kB\n`);
    if (size > MOST_BYTES) process.exitCode = 1;
    await page.close();
  }
} finally {
  await traffic.stop();
  await browser.close();
  await served.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function openBreaker(name: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${served.opsPort}/admin/breakers/${name}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: '{"state":"open"}',
  });
  if (!response.ok) throw new Error(await response.text());
}
