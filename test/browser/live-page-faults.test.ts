import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import type { Browser, Page } from 'puppeteer-core';
import type { Live } from '../../service/gateway/live/index.ts';
import type { LiveReply } from '../../service/gateway/live/wire.ts';
import { liveGateway } from '../gateway/live/live-gateway.ts';
import { eventually } from '../support/eventually.ts';
import { openPage, serveLive, startBrowser, testInBrowser, type Look, type Served } from './browser.ts';

/** The page asks every 5 s and gives an answer 4 s. */
const NEXT_POLL_MS = 15_000;

let browser: Browser | undefined;
const closing: (() => Promise<unknown> | undefined)[] = [];
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function open(live: Live, look: Look = {}): Promise<{ page: Page; served: Served; wrong: string[] }> {
  if (!browser) throw new Error('there is no browser');
  const served = await serveLive(live);
  closing.push(() => served.close());
  const { page, wrong } = await openPage(browser, served.url, look);
  closing.unshift(() => page.close());
  return { page, served, wrong };
}

const textOf = (page: Page, selector: string): Promise<string> =>
  page.$eval(selector, (element) => (element as HTMLElement).innerText.replaceAll(/\s+/g, ' ').trim());

/** Another gateway's answers, changed on the way. */
function changed(live: Live, change: (reply: LiveReply) => LiveReply): Live {
  return { ...live, read: (since) => change(live.read(since)) };
}

testInBrowser('names that are markup stay text, wherever they come from', async () => {
  const evil = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>';
  const { live, pass } = liveGateway();
  pass(3);
  const hostile = changed(live, (reply) => ({
    ...reply,
    ...(reply.about && {
      about: {
        ...reply.about,
        service: evil,
        pod: evil,
        rows: reply.about.rows.map((row) => ({
          title: `${evil}${row.title}`,
          panels: row.panels.map((panel) => ({
            ...panel,
            title: evil,
            description: evil,
            series: panel.series.map(({ name }) => ({ name: `${evil}${name}`, meaning: '";x:y' })),
          })),
        })),
      },
    }),
    conditions: [{ id: evil, grade: 'bad', words: evil, panel: 'latency', since: 0 }],
    state: {
      ...reply.state,
      logLevel: evil,
      breakers: [{ name: evil, closed: 1, halfOpen: 0, open: 0, calls: 0, failures: 0 }],
      limits: [{ limit: evil, of: evil, rule: evil, shadow: false, denied: 0 }],
    },
  }));
  const { page, wrong } = await open(hostile);
  expect(await textOf(page, 'h1')).toContain('<img src=x');
  expect(await textOf(page, '#conditions')).toContain('<script>');
  expect(await page.evaluate(() => (globalThis as { hurt?: number }).hurt)).toBeUndefined();
  expect(await page.$$eval('img, script:not([src])', (all) => all.length)).toBe(0);
  expect(wrong).toEqual([]);
});

testInBrowser('a script that got into the page is not run', async () => {
  const { live, pass } = liveGateway();
  pass(1);
  const { page } = await open(live);
  const tried = await page.evaluate(() => {
    const broken: string[] = [];
    document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => broken.push(violatedDirective));
    try {
      document.body.innerHTML += '<img src=x onerror="window.hurt=1">';
    } catch {
      broken.push('markup');
    }
    return broken;
  });
  expect(tried).toContain('markup');
});

testInBrowser('a card that comes into view while the page is busy is drawn', async () => {
  const { live, pass } = liveGateway();
  pass(3);
  // A browser that was busy tells all that happened since in one call, the newest last.
  const before = () => {
    globalThis.IntersectionObserver = class extends IntersectionObserver {
      constructor(callback: IntersectionObserverCallback, options?: IntersectionObserverInit) {
        super((entries, observer) => {
          const earlier = entries.map(({ isIntersecting }) => ({ isIntersecting: !isIntersecting }));
          callback([...(earlier as IntersectionObserverEntry[]), ...entries], observer);
        }, options);
      }
    };
  };
  const { page } = await open(live, { before });
  await page.waitForSelector('#panel-request-rate canvas', { timeout: NEXT_POLL_MS });
});

testInBrowser('before there are points the page says so', async () => {
  const { live, pass } = liveGateway({ told: { stage: () => 'starting' } });
  pass(1);
  const { page } = await open(live);
  expect(await textOf(page, '#stage')).toBe('starting');
  expect(await textOf(page, '#panel-latency .empty')).toBe('waiting for the first points');
});

testInBrowser(
  'a gateway that is gone is said to be, the picture stays, and the page comes back by itself',
  async () => {
    const { live, pass } = liveGateway();
    pass(5);
    const { page, served } = await open(live);
    const before = await textOf(page, '#panel-memory');
    await served.close();
    await page.waitForFunction(() => document.querySelector('#gone')?.checkVisibility(), { timeout: NEXT_POLL_MS });
    expect(await textOf(page, '#gone')).toMatch(/^The gateway does not answer since \d\d:\d\d:\d\d\./);
    expect(await textOf(page, '#stage')).toBe('no answer');
    expect(await textOf(page, '#panel-memory')).toBe(before);

    // Another process: what the page has is not its past.
    const next = changed(liveGateway().live, (reply) => ({ ...reply, start: reply.start + 60 }));
    const again = await serveLive(next, served.port);
    closing.push(() => again.close());
    await page.waitForFunction(() => !document.querySelector('#gone')?.checkVisibility(), { timeout: NEXT_POLL_MS });
    await page.waitForFunction(() => document.querySelector('#stage')?.textContent === 'ready', {
      timeout: NEXT_POLL_MS,
    });
  },
);

testInBrowser('a page that nobody looks at asks for nothing, and asks at once when somebody does', async () => {
  const { live, pass } = liveGateway();
  pass(5);
  let polls = 0;
  const { page } = await open(changed(live, (reply) => (polls++, reply)));
  const setHidden = (hidden: boolean) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { value, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await setHidden(true);
  const before = polls;
  // Longer than the time between two questions: a page that went on asking would have.
  await new Promise((resolve) => setTimeout(resolve, 6_500));
  expect(polls).toBe(before);
  await setHidden(false);
  await eventually(() => expect(polls).toBe(before + 1), 1_000);
});
