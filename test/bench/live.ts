import { definition } from '../../service/definition/index.ts';
import { createLive } from '../../service/gateway/live/index.ts';
import { measuredOf } from '../../service/gateway/processes/measured.ts';
import { Cells, layOutCells } from '../../service/telemetry/cells.ts';
import { startBrowser } from '../browser/program.ts';
import { startGateway } from './contestants/gateway.ts';
import { median, type Measure } from './measure.ts';

/** Snapshots before the first that is measured: what is compiled by then stays so while a gateway runs. */
const WARM_UP = 200;
const SNAPSHOTS = 1_000;
const POLLS = 200;

/** What the live page costs the primary, and how soon somebody who opens it sees something. */
export async function measureLive(rounds: number): Promise<readonly Measure[]> {
  return [...measureSnapshots(), ...(await measurePaint(rounds))];
}

/** The work of the primary every five seconds, whether anybody looks or not, and for each who looks. */
function measureSnapshots(): readonly Measure[] {
  const service = definition.prod;
  const layout = layOutCells(measuredOf(service));
  const cells = new Cells(layout);
  const before = memory();
  let now = 0;
  const live = createLive({
    service,
    layout,
    cells: () => Float64Array.from(cells.values),
    readings: [],
    commit: 'unknown',
    pod: 'gateway',
    now: () => (now += 5),
    told: {
      stage: () => 'ready',
      start: 0,
      logLevel: () => 'info',
      workers: service.gateway.workers,
      breakers: () => [],
      limits: () => [],
    },
  });
  for (let count = 0; count < WARM_UP; count++) live.take();
  const kept = (memory() - before) / 2 ** 20;
  const snapshot = timed(SNAPSHOTS, () => live.take());
  const poll = timed(POLLS, () => JSON.stringify(live.read(now - 5)));
  return [
    { name: 'live page: the primary every 5 s', value: snapshot, unit: 'ms', hold: '≤ 10', aim: '≤ 2' },
    { name: 'live page: an answer to all who ask within a second', value: poll, unit: 'ms' },
    { name: 'live page: fifteen minutes of every panel', value: kept, unit: 'MiB' },
  ];
}

/** The middle of the times of an action, in milliseconds. */
function timed(times: number, action: () => void): number {
  return median(
    Array.from({ length: times }, () => {
      const startedAt = performance.now();
      action();
      return performance.now() - startedAt;
    }),
  );
}

function memory(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** From the address to the first paint, and to the first chart with lines; each time by a browser that has kept nothing. */
async function measurePaint(rounds: number): Promise<readonly Measure[]> {
  const browser = await startBrowser();
  if (!browser) {
    process.stderr.write('skipped: first paint of the live page: chromium is not installed\n');
    return [];
  }
  const gateway = await startGateway();
  const paints: number[] = [];
  const charts: number[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      await page.goto(`${gateway.opsUrl}/`);
      await page.waitForSelector('.card canvas');
      const { paint, chart } = await page.evaluate(() => ({
        paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
        chart: performance.now(),
      }));
      paints.push(paint);
      charts.push(chart);
      await context.close();
    }
  } finally {
    await browser.close();
    await gateway.stop();
  }
  return [
    { name: 'live page: first paint', value: median(paints), unit: 'ms', hold: '≤ 1000', aim: '≤ 300' },
    { name: 'live page: first chart', value: median(charts), unit: 'ms' },
  ];
}
