import { Agent, request } from 'node:http';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import type { Browser, Page } from 'puppeteer-core';
import { inUnit } from '../../service/gateway/live/page/units.js';
import type { LiveReply } from '../../service/gateway/live/wire.ts';
import { startAnsweringUpstream, type AnsweringUpstream } from '../support/answering-upstream.ts';
import { eventually } from '../support/eventually.ts';
import { startProgram, type GatewayProgram } from '../support/program.ts';
import { openPage, startBrowser, testInBrowser } from './browser.ts';
import { bucketsOf, interpolated, readMetrics, total, type Scrape } from './scrape.ts';

/** Requests of each kind; what the gateway counts must be these, whoever is asked. */
const REQUESTS = { health: 60, search: 40, unmatched: 15 };
const CONNECTIONS = 3;

let browser: Browser | undefined;
let program: GatewayProgram;
let upstream: AnsweringUpstream;
let page: Page;
let first: Scrape;
let last: Scrape;
/** The first point there is, and the newest that the page was told of; in seconds since 1970. */
let oldest = 0;
let newest = 0;
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

beforeAll(async () => {
  browser = await startBrowser();
  if (!browser) return;
  upstream = await startAnsweringUpstream({ after: 20 });
  program = await startProgram({
    values: ['limits.address=1000000/min', 'routes.search.limit=1000000/min'],
    variables: { UPSTREAM_ORIGIN: upstream.origin, WORKERS: '2' },
  });
  const live = async (): Promise<LiveReply> =>
    (await (await fetch(`http://127.0.0.1:${program.opsPort}/live.json`)).json()) as LiveReply;
  await eventually(async () => expect((await live()).times.length).toBeGreaterThan(0));
  first = await readMetrics(program.opsPort);
  const paths = [
    ...Array.from({ length: REQUESTS.health }, () => '/health'),
    ...Array.from({ length: REQUESTS.search }, (_, index) => `/v1/search?q=word${index % 8}`),
    ...Array.from({ length: REQUESTS.unmatched }, () => '/nothing'),
  ];
  await Promise.all(paths.map(send));
  // The workers tell of the last of them within half a second; the next point counts all.
  await eventually(async () => {
    last = await readMetrics(program.opsPort);
    expect(requests(last, 'health') - requests(first, 'health')).toBe(REQUESTS.health);
    expect(requests(last, 'search') - requests(first, 'search')).toBe(REQUESTS.search);
  });
  const told = Date.now() / 1000;
  ({ page } = await openPage(browser, `http://127.0.0.1:${program.opsPort}/`));
  page.on('response', (response) => {
    if (!response.url().includes('/live.json')) return;
    // A reply of the page before a reload can no longer be read; it counts for nothing.
    void response.json().then(
      ({ times }: LiveReply) => (newest = times.at(-1) ?? newest),
      () => undefined,
    );
  });
  await eventually(async () => expect((await live()).times.at(-1)).toBeGreaterThan(told), 10_000);
  await page.reload();
  await page.waitForSelector('#panel-latency .legend .number');
  oldest = (await live()).times[0] ?? 0;
}, 60_000);

afterAll(async () => {
  agent.destroy();
  await browser?.close();
  await (program as GatewayProgram | undefined)?.stop();
  await (upstream as AnsweringUpstream | undefined)?.close();
});

describe('a value in the browser is the one that two scrapes of /metrics give', () => {
  testInBrowser('for gauges, exactly', async () => {
    const now = await readMetrics(program.opsPort);
    expect(total(now, 'gateway_connections_active')).toBe(CONNECTIONS);
    expect(await shown('connections', '')).toBe(inUnit(CONNECTIONS, 'short'));
    expect(await shown('workers', 'alive')).toBe(inUnit(total(now, 'gateway_workers'), 'short'));
    expect(await shown('cache-memory', '')).toBe(inUnit(total(now, 'gateway_cache_bytes'), 'bytes'));
    const limit = total(now, 'gateway_lane_in_flight_limit', { lane: 'critical' });
    const lanes = await page.$eval('#lanes .lane', (lane) => lane.textContent);
    expect(lanes).toContain(`0 of ${limit}`);
  });

  testInBrowser('for rates', async () => {
    for (const route of ['health', 'search', 'unmatched'] as const) {
      // The page goes on: a point that comes between the two readings makes the same requests a smaller rate.
      await eventually(async () => {
        const value = parseFloat(await shown('request-rate', route));
        const expected = (requests(last, route) - requests(first, route)) / (newest - oldest);
        expect(Math.abs(value / expected - 1)).toBeLessThan(0.01);
      });
    }
  });

  testInBrowser('for shares', async () => {
    const increase = (result: string) =>
      total(last, 'gateway_cache_lookups_total', { result }) - total(first, 'gateway_cache_lookups_total', { result });
    const [hits, misses] = [increase('hit'), increase('miss')];
    expect(hits + misses).toBe(REQUESTS.search);
    expect(parseFloat(await shown('cache-hit-ratio', ''))).toBeCloseTo((hits / (hits + misses)) * 100, 0);
  });

  testInBrowser('for quantiles', async () => {
    const labels = { route: /^(?!health$|chat$)/, status_class: /^(?!4xx$)/ };
    const [before, after] = [first, last].map((scrape) =>
      bucketsOf(scrape, 'http_server_request_duration_seconds', labels),
    );
    const counts = new Map([...(after ?? [])].map(([edge, count]) => [edge, count - (before?.get(edge) ?? 0)]));
    for (const [name, share] of [
      ['P50', 0.5],
      ['P95', 0.95],
      ['P99', 0.99],
    ] as const)
      expect(await shown('latency', name)).toBe(inUnit(interpolated(counts, share), 's'));
  });
});

/** The text that stands beside the name of a line; of the only line of a panel, the value of the panel. */
async function shown(panel: string, line: string): Promise<string> {
  // What nobody looks at is not drawn.
  await page.$eval(`#panel-${panel}`, (card) => card.scrollIntoView({ behavior: 'instant' }));
  await page.waitForSelector(`#panel-${panel} canvas`);
  if (line === '') return await page.$eval(`#panel-${panel} .value b`, ({ textContent }) => textContent);
  const lines = await page.$$eval(`#panel-${panel} .legend li`, (all) =>
    all.map((item) => [item.querySelector('.name')?.textContent, item.querySelector('.number')?.textContent]),
  );
  return lines.find(([name]) => name === line)?.[1] ?? `no line '${line}'`;
}

function requests(scrape: Scrape, route: string): number {
  return total(scrape, 'http_server_request_duration_seconds_count', { route });
}

function send(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: program.port, path, agent }, (response) => {
      response.resume().once('end', resolve);
    })
      .once('error', reject)
      .end();
  });
}
