import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Browser, Page } from 'puppeteer-core';
import { createLiveRouter, type Live } from '../../service/gateway/live/index.ts';
import { testUnless } from '../support/test-unless.ts';
import { PROGRAM } from './program.ts';

export { startBrowser } from './program.ts';

/** A test that needs a browser. Without one it is skipped and says so; with CI=true it fails. */
export function testInBrowser(title: string, body: () => Promise<void>): void {
  testUnless(PROGRAM === undefined ? 'there is no browser; install the package chromium' : undefined, title, body);
}

/** What a page is looked at with. */
export type Look = {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
  readonly reducedMotion?: boolean;
  /** Runs in the page before its own scripts. */
  readonly before?: () => void;
};

/** A page, and everything that went wrong in it. */
export type OpenPage = {
  readonly page: Page;
  /** Errors of scripts, of the console and of the content security policy, and requests to elsewhere. */
  readonly wrong: string[];
};

/** Opens an address and waits until the charts have lines. */
export async function openPage(browser: Browser, url: string, look: Look = {}): Promise<OpenPage> {
  const { width = 1280, height = 900, scheme = 'light', reducedMotion = false, before } = look;
  const page = await browser.newPage();
  if (before) await page.evaluateOnNewDocument(before);
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') wrong.push(message.text());
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) wrong.push(`asked ${request.url()}`);
  });
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([
    { name: 'prefers-color-scheme', value: scheme },
    { name: 'prefers-reduced-motion', value: reducedMotion ? 'reduce' : 'no-preference' },
  ]);
  const failed: string[] = [];
  page.on('requestfailed', (request) => failed.push(request.failure()?.errorText ?? 'unknown'));
  // A tab in the background draws nothing, as it should.
  await page.bringToFront();
  for (;;) {
    await page.goto(url);
    if (await isDrawn(page)) return { page, wrong };
    // A browser drops what it loads when an interface of the machine comes or goes, of a container for instance.
    if (failed.includes(NETWORK_CHANGED)) {
      failed.length = 0;
      wrong.length = 0;
      continue;
    }
    const seen = await page.evaluate(() => `${document.readyState}, ${document.documentElement.outerHTML}`);
    throw new Error(`no chart was drawn; ${[...wrong, ...failed].join('; ')}; ${seen}`);
  }
}

const NETWORK_CHANGED = 'net::ERR_NETWORK_CHANGED';

/** Whether a chart is drawn once one is in view: long names, or a wide font, push all of them below the fold. */
async function isDrawn(page: Page): Promise<boolean> {
  try {
    const card = await page.waitForSelector('.card', { timeout: 15_000 });
    await card?.evaluate((element) => element.scrollIntoView({ block: 'end' }));
    await page.waitForSelector('.card canvas', { timeout: 15_000 });
    await page.evaluate(() => scrollTo(0, 0));
    return true;
  } catch {
    return false;
  }
}

/** A page in a process of its own making, which a test may stop and start again. */
export type Served = { readonly url: string; readonly port: number; close(): Promise<void> };

/** Serves the live page of something. */
export async function serveLive(live: Live, port = 0): Promise<Served> {
  const app = express().use(createLiveRouter(live));
  const server = app.listen(port, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}/`,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
