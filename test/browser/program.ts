import { existsSync } from 'node:fs';
import puppeteer, { type Browser } from 'puppeteer-core';

/** The browser, where packages put it; undefined when there is none. */
export const PROGRAM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

/** Starts a browser without a window; undefined where there is none. */
export async function startBrowser(): Promise<Browser | undefined> {
  if (PROGRAM === undefined) return undefined;
  // The browser refuses to start its sandbox for root, who runs in containers.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return await puppeteer.launch({ executablePath: PROGRAM, args: [...asRoot, '--disable-dev-shm-usage'] });
}
