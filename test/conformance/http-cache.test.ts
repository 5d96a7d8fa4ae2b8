import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { EXTENSION_ROWS } from './http-cache-extensions.ts';
import { FIELD_ROWS } from './http-cache-fields.ts';
import { exchange, START, startCachingGateway, type CachingGateway } from './http-cache-gateway.ts';
import { INVALIDATION_ROWS } from './http-cache-invalidation.ts';
import { REUSE_ROWS } from './http-cache-reuse.ts';
import type { Row, Step } from './http-cache-row.ts';
import { STORING_ROWS } from './http-cache-storing.ts';
import { VALIDATION_ROWS } from './http-cache-validation.ts';

/** Every requirement of RFC 9111 for a shared cache, and those of its extensions that this one makes use of. */
const TABLE: Readonly<Record<string, readonly Row[]>> = {
  'RFC 9111, storing (section 3)': STORING_ROWS,
  'RFC 9111, reuse and freshness (section 4)': REUSE_ROWS,
  'RFC 9111, validation (section 4.3)': VALIDATION_ROWS,
  'RFC 9111, invalidation (section 4.4)': INVALIDATION_ROWS,
  'RFC 9111, fields and directives (section 5)': FIELD_ROWS,
  'RFC 5861, 8246 and 9211': EXTENSION_ROWS,
};

let gateway: CachingGateway | undefined;
afterEach(() => gateway?.close());

describe.each(Object.entries(TABLE))('%s', (_, rows) => {
  test.each(rows)('$section $level: $rule', async ({ origin, steps, cache }) => {
    const running = (gateway = await startCachingGateway(origin, cache));
    for (const step of steps) await take(running, step);
  });
});

test('no two rows show the same', () => {
  const titles = Object.values(TABLE)
    .flat()
    .map(({ section, rule }) => `${section} ${rule}`);
  expect(new Set(titles).size).toBe(titles.length);
});

async function take({ port, clock, seen, events }: CachingGateway, step: Step): Promise<void> {
  const { at, method, path, headers, asked, status = 200, expect: fields = {}, sent = {}, cut = false, until } = step;
  if (at !== undefined) clock.now = START + at * 1_000;
  const [askedBefore, eventsBefore] = [seen.length, events.length];
  const answer = await exchange(port, {
    ...(method === undefined ? {} : { method }),
    ...(path === undefined ? {} : { path }),
    ...(headers === undefined ? {} : { headers }),
  });
  if (until) await eventually(() => expect(events.slice(eventsBefore)).toContain(until));
  await eventually(() => expect(seen.length - askedBefore).toBe(asked), 2_000);
  expect(answer).toMatchObject({ status, cut });
  const isWhole = status === 200 && method !== 'HEAD' && !cut;
  const body = step.body ?? (isWhole && asked === 1 ? `answer ${seen.length}` : undefined);
  if (body !== undefined) expect(answer.body).toBe(body);
  expectFields(answer.headers, fields);
  expectFields(seen.at(-1)?.headers ?? {}, sent);
}

function expectFields(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  expected: Readonly<Record<string, string | RegExp | undefined>>,
): void {
  for (const [name, value] of Object.entries(expected)) {
    const given = headers[name];
    const text = Array.isArray(given) ? given.join(', ') : given;
    if (value instanceof RegExp) expect(text ?? `no ${name}`).toMatch(value);
    else expect([name, text]).toEqual([name, value]);
  }
}
