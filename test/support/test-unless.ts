import { test } from '@jest/globals';

/** A test that needs something. Where `missing` says why it cannot run it is skipped and says so; with CI=true it fails. */
export function testUnless(
  missing: string | undefined,
  title: string,
  body: () => void | Promise<void>,
  timeout?: number,
): void {
  if (missing === undefined) {
    test(title, body, timeout);
    return;
  }
  if (process.env.CI === 'true') {
    test(title, () => {
      throw new Error(missing);
    });
    return;
  }
  console.warn(`skipped: ${title}: ${missing}`);
  test.skip(title, body);
}
