import { afterAll, afterEach, beforeAll, describe, expect } from '@jest/globals';
import type { Browser, Page } from 'puppeteer-core';
import type { Live } from '../../service/gateway/live/index.ts';
import { METRICS } from '../../service/telemetry/catalogue.ts';
import { liveGateway } from '../gateway/live/live-gateway.ts';
import { openPage, serveLive, startBrowser, testInBrowser, type Look, type OpenPage, type Served } from './browser.ts';
import { faintTexts } from './contrast.ts';

let browser: Browser | undefined;
let served: Served | undefined;
let opened: OpenPage | undefined;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());
afterEach(async () => {
  await opened?.page.close();
  await served?.close();
  [opened, served] = [undefined, undefined];
});

/** A gateway with some minutes of traffic, slow answers and a breaker that is open. */
function busyGateway(): Live {
  const gateway = liveGateway({
    told: {
      breakers: () => [
        { name: 'payment', state: 'open', calls: 3, failures: 3 },
        { name: 'postgres', state: 'half-open', calls: 3, failures: 3 },
        { name: 'redis', state: 'closed', calls: 0, failures: 0 },
      ],
      limits: () => [{ limit: 'address', of: 'each address', rule: '100/min', shadow: true }],
    },
  });
  const { cells } = gateway;
  cells.gauge(METRICS.breakersOpen, { breaker: 'payment' })(2);
  cells.gauge(METRICS.laneLimit, { lane: 'critical' })(40);
  const search = cells.requireRoute('search');
  let round = 0;
  gateway.pass(60, () => {
    round++;
    cells.gauge(METRICS.laneQueued, { lane: 'background' })(round);
    for (let request = 0; request < 20; request++) cells.observeRequest(search, request === 0 ? 500 : 200, 0.9);
  });
  return gateway.live;
}

async function open(live: Live, look?: Look): Promise<Page> {
  if (!browser) throw new Error('there is no browser');
  served = await serveLive(live);
  opened = await openPage(browser, served.url, look);
  return opened.page;
}

const textOf = (page: Page, selector: string): Promise<string> =>
  page.$eval(selector, (element) => (element as HTMLElement).innerText.replaceAll(/\s+/g, ' ').trim());
const legendOf = (page: Page, panel: string): Promise<string> => textOf(page, `#panel-${panel} .legend`);

describe('the page', () => {
  testInBrowser('shows who it is, what is wrong, and every panel; nothing goes wrong and nothing leaves', async () => {
    const live = busyGateway();
    const page = await open(live);
    expect(await textOf(page, 'h1')).toBe('sluice dev');
    expect(await textOf(page, '#stage')).toBe('ready');
    expect(await textOf(page, '#facts')).toContain('version 0.1.0 (c0ffee1) pod pod-1');
    const titles = await page.$$eval('.card h3', (all) => all.map(({ textContent }) => textContent));
    const panels = live.read().about?.rows.flatMap((row) => row.panels.map(({ title }) => title)) ?? [];
    expect(titles).toEqual(panels);
    expect(await textOf(page, '#conditions')).toMatch(/bad Errors: 5 % is above 0.1 %\. since .* Errors/);
    expect(await textOf(page, '#conditions')).toContain('The breaker payment is not closed in 2 workers');
    expect(await textOf(page, '#breakers')).toContain('payment open in 1 of 1');
    expect(await textOf(page, '#breakers')).toContain('redis closed');
    expect(await textOf(page, '#lanes')).toContain('lane critical 0 of 40');
    expect(await textOf(page, '#limits')).toContain('100/min, in shadow: refuses nothing');
    expect(await page.title()).toMatch(/^\(\d\) sluice dev$/);
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await page.waitForFunction(() => document.querySelectorAll('.card canvas').length > 30);
    expect(opened?.wrong).toEqual([]);
  });

  testInBrowser('leads from a condition to its panel', async () => {
    const page = await open(busyGateway());
    await page.click('#conditions tr:first-child a');
    expect(new URL(page.url()).hash).toBe('#panel-error-ratio');
    expect(await page.$eval('#panel-error-ratio', (card) => card.matches(':target'))).toBe(true);
  });

  testInBrowser(
    'has headings in order, a link past everything to the charts, and a name for what has the focus',
    async () => {
      const page = await open(busyGateway());
      const levels = await page.$$eval('h1, h2, h3', (all) => all.map(({ tagName }) => Number(tagName.slice(1))));
      levels.forEach((level, index) => expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1));
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the charts');
      await page.keyboard.press('Enter');
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('charts');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      const focus = await page.evaluate(() => {
        const { activeElement: active } = document;
        return {
          name: active?.getAttribute('aria-label'),
          outline: active ? getComputedStyle(active).outlineStyle : '',
        };
      });
      expect(focus).toEqual({ name: 'Requests: arrow keys read the values', outline: 'solid' });
    },
  );

  testInBrowser('does not move what stands there when more arrives', async () => {
    const page = await open(busyGateway());
    const shift = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let sum = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) sum += (entry as unknown as { value: number }).value;
          }).observe({ type: 'layout-shift', buffered: true });
          setTimeout(() => resolve(sum), 500);
        }),
    );
    expect(shift).toBeLessThan(0.1);
  });
});

describe('the cursor', () => {
  testInBrowser('shows the values under the pointer, of that chart and of the others, until it leaves', async () => {
    // Nothing scrolls on while the pointer is put somewhere.
    const page = await open(busyGateway(), { reducedMotion: true });
    const newest = await legendOf(page, 'queues');
    expect(newest).toContain('background 60');
    const time = await textOf(page, '#at');
    await page.$eval('#panel-queues', (card) => card.scrollIntoView());
    const over = await page.waitForSelector('#panel-queues .u-over');
    const box = await over?.boundingBox();
    if (!box) throw new Error('the chart has no place');
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const under = Number(/background (\d+)/.exec(await legendOf(page, 'queues'))?.[1]);
    expect(Math.abs(under - 30)).toBeLessThan(4);
    expect(await textOf(page, '#at')).not.toBe(time);
    expect(await textOf(page, '#when')).toBe('cursor at');
    const cursors = await page.$$eval(
      '.u-cursor-x',
      (all) => all.filter((each) => new DOMMatrix(getComputedStyle(each).transform).e > 0).length,
    );
    expect(cursors).toBeGreaterThan(3);
    await page.mouse.move(1, 1);
    expect(await legendOf(page, 'queues')).toBe(newest);
    expect(await textOf(page, '#at')).toBe(time);
  });

  testInBrowser('moves by keys, and what it is at is read out', async () => {
    const page = await open(busyGateway());
    await page.focus('#panel-queues .plot');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    expect(await legendOf(page, 'queues')).toContain('background 58');
    expect(await textOf(page, '#spoken')).toMatch(/^\d\d:\d\d:\d\d: critical 0, background 58/);
    await page.keyboard.press('Home');
    expect(await legendOf(page, 'queues')).toContain('background 1');
    await page.keyboard.press('End');
    expect(await legendOf(page, 'queues')).toContain('background 60');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Escape');
    expect(await textOf(page, '#when')).toBe('last point');
  });
});

describe('the look', () => {
  for (const scheme of ['light', 'dark'] as const) {
    testInBrowser(`is readable where the system is ${scheme}`, async () => {
      const page = await open(busyGateway(), { scheme });
      const back = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const [red = 0] = (/\d+/.exec(back) ?? []).map(Number);
      expect(red > 128).toBe(scheme === 'light');
      expect(await page.evaluate(faintTexts, 4.5)).toEqual([]);
    });
  }

  testInBrowser('is chosen by a switch and remembered', async () => {
    const page = await open(busyGateway());
    await page.click('#theme');
    await page.click('#theme');
    expect(await textOf(page, '#theme')).toBe('Theme: dark');
    expect(await page.evaluate(faintTexts, 4.5)).toEqual([]);
    await page.reload();
    await page.waitForSelector('.card canvas');
    expect(await textOf(page, '#theme')).toBe('Theme: dark');
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(15, 20, 27)');
  });

  for (const width of [320, 390, 768]) {
    testInBrowser(`fits a screen of ${width} pixels`, async () => {
      const page = await open(busyGateway(), { width, height: 800 });
      const widths = await page.evaluate(() => ({
        page: document.documentElement.scrollWidth,
        cut: [...document.querySelectorAll('main *')].filter(
          (each) => each.getBoundingClientRect().right > innerWidth + 1,
        ).length,
      }));
      expect(widths).toEqual({ page: width, cut: 0 });
    });
  }

  testInBrowser('stands still for those who want it to', async () => {
    const page = await open(busyGateway(), { reducedMotion: true });
    const moving = await page.evaluate(() => ({
      bar: getComputedStyle(document.querySelector('.lane .bar span') ?? document.body).transitionDuration,
      scroll: getComputedStyle(document.documentElement).scrollBehavior,
    }));
    expect(moving).toEqual({ bar: '0s', scroll: 'auto' });
  });
});
