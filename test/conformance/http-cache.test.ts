import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { CONDITION_ROWS } from './http-cache-conditions.ts';
import { DIRECTIVE_ROWS } from './http-cache-directives.ts';
import { EXTENSION_ROWS } from './http-cache-extensions.ts';
import { FIELD_ROWS } from './http-cache-fields.ts';
import { FRESHNESS_ROWS } from './http-cache-freshness.ts';
import { exchange, START, startCachingGateway, type CachingGateway } from './http-cache-gateway.ts';
import { INVALIDATION_ROWS } from './http-cache-invalidation.ts';
import { REUSE_ROWS } from './http-cache-reuse.ts';
import type { Row, Step } from './http-cache-row.ts';
import { STORING_ROWS } from './http-cache-storing.ts';
import { VALIDATION_ROWS } from './http-cache-validation.ts';

/**
 * Every requirement of RFC 9111 for a shared cache, and those of its extensions that this one makes use of.
 * `http-cache-sharing.test.ts` shows section 4 for requests at the same time. What has no row, and why:
 *
 * | section             | requirement                                          | why it has none                              |
 * | ------------------- | ---------------------------------------------------- | -------------------------------------------- |
 * | 3                   | only final answers (not 1xx) are kept                | the upstream client hands none out           |
 * | 3, 5.2.2.7          | what private caches may keep                         | this one is shared                           |
 * | 3.2                 | leave out few fields when content is processed       | content is not processed                     |
 * | 3.3, 3.4            | complete, combine and mark incomplete answers        | none is kept; ranges are the origin's        |
 * | 4                   | a cache without a clock validates each time          | there is a clock                             |
 * | 4.2                 | round dates that are finer than the clock            | the clock is finer than dates                |
 * | 4.3.1               | If-Unmodified-Since and If-Range for ranges (MAY)    | ranges are the origin's                      |
 * | 4.3.1, 4.3.2        | tags of several answers in one condition (MAY)       | the tag of the one that fits is sent         |
 * | 4.3.2               | no tag of a partial answer in such a condition       | none is kept                                 |
 * | 4.3.2               | If-Range                                             | ranges are the origin's                      |
 * | 4.3.4               | choose among several answers that a 304 may be about | a condition is about one                     |
 * | 5.2.1.5, 5.2.2.5    | remove from memory what must not be kept             | it is not copied in the first place          |
 * | 5.2.1, 5.2.2        | the form in which directives are sent                | this one writes none, it passes them on      |
 * | 5.2.2.3             | send must-understand together with no-store          | for origins                                  |
 * | 5.2.4               | what a registration has                              | for whoever registers                        |
 * | 5.3                 | no Expires from an origin without a clock            | for origins                                  |
 * | RFC 5861 3          | refresh for HEAD                                     | HEAD brings no body; the next GET refreshes  |
 * | RFC 9211 2.6 to 2.8 | key, detail                                          | not sent: a key would help to poison a cache |
 */
const TABLE: Readonly<Record<string, readonly Row[]>> = {
  'RFC 9111, storing (section 3)': STORING_ROWS,
  'RFC 9111, reuse (section 4)': REUSE_ROWS,
  'RFC 9111, freshness (section 4.2)': FRESHNESS_ROWS,
  'RFC 9111, validation (section 4.3)': VALIDATION_ROWS,
  'RFC 9111, conditions of clients (section 4.3.2)': CONDITION_ROWS,
  'RFC 9111, invalidation (section 4.4)': INVALIDATION_ROWS,
  'RFC 9111, fields (section 5)': FIELD_ROWS,
  'RFC 9111, directives (sections 5.2.1 and 5.2.2)': DIRECTIVE_ROWS,
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
