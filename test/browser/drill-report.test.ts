import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import type { Browser, Page } from 'puppeteer-core';
import { compareRuns, writeComparison, writeReport, writeSummary, type Run } from '../../chaos/report/index.ts';
import { junit } from '../../chaos/report/junit.ts';
import { abortedRun, BEGAN, failedRun, neverInjectedRun, passedRun } from '../chaos/report/runs.ts';
import { startBrowser, testInBrowser } from './browser.ts';
import { faintTexts } from './contrast.ts';

let browser: Browser | undefined;
let out: string;
let page: Page | undefined;
let wrong: string[];
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'sluice-drill-report-'));
});
afterEach(async () => {
  await page?.close();
  page = undefined;
  rmSync(out, { recursive: true, force: true });
});

/** As wide as A4 without its margins, at 96 points an inch. */
const PAPER = 703;

const HOSTILE = `"><script>document.title='run'</script><img src=x onerror="document.title='run'">'</style>&amp;`;

type Look = { readonly width?: number; readonly scheme?: 'light' | 'dark'; readonly media?: 'screen' | 'print' };

/** Opens a file; everything that goes wrong in it, and every address that it asks for, is collected. */
async function open(path: string, { width = 1200, scheme = 'light', media = 'screen' }: Look = {}): Promise<Page> {
  if (!browser) throw new Error('there is no browser');
  const opened = await browser.newPage();
  page = opened;
  wrong = [];
  const url = pathToFileURL(path).href;
  opened.on('pageerror', (error) => wrong.push(String(error)));
  opened.on('console', (message) => wrong.push(message.text()));
  opened.on('dialog', (dialog) => {
    wrong.push(dialog.message());
    void dialog.dismiss();
  });
  opened.on('request', (request) => {
    if (request.url() !== url) wrong.push(`asked for ${request.url()}`);
  });
  await opened.setViewport({ width, height: 900 });
  // Both at once: each of puppeteer's two calls for it undoes the other.
  const session = await opened.createCDPSession();
  const features = [{ name: 'prefers-color-scheme', value: scheme }];
  await session.send('Emulation.setEmulatedMedia', { media, features });
  await opened.goto(url);
  return opened;
}

const reportOf = (run: Run): string => join(writeReport(run, out), 'report.html');

/** What is wider than the page, unless it can be scrolled by itself. */
const overflow = (opened: Page): Promise<readonly string[]> =>
  opened.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    const wide = [...document.querySelectorAll('body *')].filter(
      (element) => element.getBoundingClientRect().right > clientWidth + 1 && !element.closest('.scroll, svg'),
    );
    return [
      ...(scrollWidth > clientWidth ? [`${scrollWidth} of ${clientWidth}`] : []),
      ...wide.map((element) => `${element.tagName} ${element.textContent.slice(0, 40)}`),
    ];
  });

const LOOKS = [
  { width: 1200, scheme: 'light' },
  { width: 1200, scheme: 'dark' },
  { width: 360, scheme: 'light' },
  { width: 360, scheme: 'dark' },
] as const;

const PAGES: readonly (readonly [string, () => string])[] = [
  ['a run that passed', () => reportOf(passedRun())],
  ['a run that failed', () => reportOf(failedRun())],
  ['a run that was broken off', () => reportOf(abortedRun())],
  ['a run that injected nothing', () => reportOf(neverInjectedRun())],
  [
    'long words',
    () => reportOf(failedRun({ hypothesis: 'x'.repeat(400), repeat: 'y'.repeat(300), namespace: 'z'.repeat(63) })),
  ],
  ['a comparison', comparison],
  ['a summary', () => writeSummary([passedRun(), failedRun(), abortedRun()], out)],
];

function comparison(): string {
  const month = (index: number): number => Date.UTC(2026, index, 2, 3, 4, 5);
  const times = [4.2, 4.6, 4, 4.4, 4.1, 4.3, 4.2, 4.6, 4, 4.4, 4.1, 9.8];
  times.forEach((took, index) =>
    writeReport(passedRun({ startedAt: month(index), took: { 'breaker-opens': took } }), out),
  );
  return writeComparison(compareRuns([out, join(out, 'none')]), out);
}

describe('a page of evidence', () => {
  for (const [what, write] of PAGES) {
    testInBrowser(`of ${what} fits, reads and asks for nothing, light and dark, wide and narrow`, async () => {
      const path = write();
      for (const look of LOOKS) {
        const opened = await open(path, look);
        expect({ look, wrong, overflow: await overflow(opened) }).toEqual({ look, wrong: [], overflow: [] });
        expect({ look, faint: await opened.evaluate(faintTexts, 4.5) }).toEqual({ look, faint: [] });
        const back = await opened.evaluate(() => getComputedStyle(document.body).backgroundColor);
        expect(back).toBe(look.scheme === 'dark' ? 'rgb(15, 20, 27)' : 'rgb(244, 245, 247)');
        await opened.close();
      }
      page = undefined;
    });

    testInBrowser(`of ${what} is printed on A4 with nothing cut, light whatever the screen is`, async () => {
      const opened = await open(write(), { width: PAPER, scheme: 'dark', media: 'print' });
      expect(await overflow(opened)).toEqual([]);
      expect(await opened.evaluate(faintTexts, 4.5)).toEqual([]);
      expect(await opened.evaluate(() => getComputedStyle(document.body).color)).toBe('rgb(22, 32, 44)');
      const pdf = Buffer.from(await opened.pdf({ preferCSSPageSize: true })).toString('latin1');
      const [, width, height] = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(pdf) ?? [];
      expect([Math.round(Number(width)), Math.round(Number(height))]).toEqual([595, 842]);
    });

    testInBrowser(`of ${what} has landmarks, headings in order, heads of tables and names of drawings`, async () => {
      const opened = await open(write());
      const found = await opened.evaluate(() => {
        const all = (selector: string) => [...document.querySelectorAll(selector)];
        const named = (id: string) => all(`[id="${id}"]`).length === 1;
        return {
          landmarks: all('body > :is(header, main, footer)').map(({ tagName }) => tagName),
          levels: all('h1, h2, h3').map(({ tagName }) => Number(tagName.slice(1))),
          noScope: all('th:not([scope])').length,
          unnamed: all('svg[role="img"], section, [role="region"]').filter(
            (element) =>
              (element.getAttribute('aria-label') ?? '') === '' &&
              !(element.getAttribute('aria-labelledby') ?? '').split(' ').every(named),
          ).length,
          undescribed: all('[aria-describedby]').filter(
            (element) => !(element.getAttribute('aria-describedby') ?? '').split(' ').every(named),
          ).length,
          // A drawing that has no name is hidden from whoever cannot see it, or is part of one that has.
          stray: all('svg').filter((svg) => !svg.closest('[role="img"], [aria-hidden="true"]')).length,
        };
      });
      expect(found).toMatchObject({
        landmarks: ['HEADER', 'MAIN', 'FOOTER'],
        noScope: 0,
        unnamed: 0,
        undescribed: 0,
        stray: 0,
      });
      expect(found.levels[0]).toBe(1);
      found.levels.forEach((level, index) => expect(level - (found.levels[index - 1] ?? 0)).toBeLessThanOrEqual(1));
    });
  }

  testInBrowser('runs nothing that a run holds', async () => {
    const run = failedRun({
      hypothesis: HOSTILE,
      reason: HOSTILE,
      versions: { [HOSTILE]: HOSTILE },
      leftovers: [HOSTILE],
    });
    const series = run.series.map((each) => ({ ...each, title: HOSTILE }));
    const opened = await open(
      reportOf({ ...run, series, timeline: run.timeline.map((each) => ({ ...each, title: HOSTILE })) }),
    );
    expect(await opened.title()).toMatch(/^Failed: upstream-slow/);
    expect(await opened.$$('script, img')).toEqual([]);
    expect(await opened.$eval('.belief dd', ({ textContent }) => textContent.trim())).toBe(HOSTILE);
    expect(wrong).toEqual([]);
  });
});

describe('the drawing of a run', () => {
  testInBrowser('has one band of the fault and one axis through all rows', async () => {
    const opened = await open(reportOf(passedRun()));
    const rows = await opened.$$eval('.figure .row > .plot', (all) =>
      all.map((plot) => {
        const { top, bottom, left, width } = plot.getBoundingClientRect();
        const band = plot.querySelector('.band')?.getBoundingClientRect();
        return { top, bottom, left, width, band: band && { x: band.x, width: band.width } };
      }),
    );
    expect(rows.length).toBeGreaterThan(9);
    const [first] = rows;
    rows.forEach((row, index) => {
      expect(row).toMatchObject({ left: first?.left, width: first?.width, band: first?.band });
      if (index > 0) expect(Math.abs(row.top - (rows[index - 1]?.bottom ?? 0))).toBeLessThan(1);
    });
  });

  testInBrowser('puts each mark where it happened: in its window, past its end, or at its end', async () => {
    const opened = await open(reportOf(failedRun()));
    const [never, late, skipped, held] = await opened.$$eval('.links .row', (all) =>
      all.map((row) => {
        const middle = (selector: string) => {
          const box = row.querySelector(selector)?.getBoundingClientRect();
          return box && box.x + box.width / 2;
        };
        const window = row.querySelector('.window')?.getBoundingClientRect();
        return { mark: middle('.mark'), due: middle('.due'), from: window?.x ?? 0, to: window?.right ?? 0 };
      }),
    );
    expect(never?.mark).toBeCloseTo(never?.due ?? 0, 0);
    expect(late?.mark).toBeGreaterThan((late?.due ?? 0) + 10);
    expect(skipped?.mark).toBeUndefined();
    expect(held?.mark).toBeGreaterThan(held?.from ?? 0);
    expect(held?.mark).toBeLessThan(held?.to ?? 0);
  });

  testInBrowser('says its values in a table that opens, and where the pointer rests', async () => {
    const opened = await open(reportOf(passedRun()));
    await opened.click('.tables details:nth-of-type(3) summary');
    const rows = await opened.$$eval('.tables details[open] tr', (all) => all.map((row) => row.innerText.split('\t')));
    expect(rows[0]).toEqual(['From, UTC', '99th percentile', 'median']);
    expect(rows).toHaveLength(25);
    expect(rows.slice(5, 13).every(([, p99 = '']) => /^2\.\d+ s$/.test(p99))).toBe(true);
    const resting = await opened.$eval('#chart-times .hit:nth-of-type(10) title', ({ textContent }) => textContent);
    expect(resting).toMatch(/^from 03:0\d:\d\d\.\d UTC, at most\n99th percentile: 2\.\d+ s\nmedian: \d+ ms$/);
  });

  testInBrowser('keeps names of lines that end together apart, and inside the page', async () => {
    const run = passedRun();
    const points = [
      [BEGAN, 1],
      [BEGAN + 230_000, 1],
    ] as const;
    const series = ['a', 'b', 'c', 'd'].map((id) => ({
      id,
      title: `a long name of the line ${id}`,
      unit: 'seconds' as const,
      points,
    }));
    const opened = await open(reportOf({ ...run, series }));
    const boxes = await opened.$$eval('.labels text', (all) =>
      all.map((text) => text.getBoundingClientRect()).map(({ top, bottom, right }) => ({ top, bottom, right })),
    );
    expect(boxes).toHaveLength(12);
    boxes.slice(1).forEach(({ top }, index) => expect(top).toBeGreaterThan((boxes[index]?.bottom ?? 0) - 5));
    for (const { right } of boxes) expect(right).toBeLessThan(1180);
  });
});

testInBrowser('the command that repeats a run is taken whole by one click', async () => {
  const run = passedRun();
  const opened = await open(reportOf(run));
  await opened.click('#repeat pre');
  expect(await opened.evaluate(() => getSelection()?.toString().trim())).toBe(run.repeat);
});

testInBrowser('JUnit XML is read by a parser that knows nothing of it', async () => {
  const opened = await open(reportOf(passedRun()));
  const xml = junit([passedRun(), failedRun({ reason: `${HOSTILE}\u0000\u001b]]>`, repeat: HOSTILE }), abortedRun()]);
  const found = await opened.evaluate((text) => {
    const read = new DOMParser().parseFromString(text, 'application/xml');
    return {
      errors: read.querySelectorAll('parsererror').length,
      suites: read.querySelectorAll('testsuites > testsuite').length,
      cases: read.querySelectorAll('testsuite > testcase').length,
      failures: read.querySelectorAll('testcase > failure').length,
    };
  }, xml);
  expect(found).toEqual({ errors: 0, suites: 3, cases: 40, failures: 4 });
});
