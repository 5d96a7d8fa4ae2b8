import { control, date, fetched, kept, pair, type Row } from './http-cache-row.ts';

const asking = (directives: string) => ({ headers: { 'cache-control': directives } });

/** Sections 1.2.2 and 5: how fields are read. */
export const FIELD_ROWS: readonly Row[] = [
  {
    section: '1.2.2',
    level: 'MUST',
    rule: 'take a time that is too large for the largest there is',
    origin: [control('max-age=99999999999999999999999'), control('max-age=60', { age: '99999999999999999999999' })],
    steps: [fetched(), kept(1, { at: 86_000 }), fetched({ path: '/b' }), fetched({ path: '/b' })],
  },
  {
    section: '5.1',
    level: 'SHOULD',
    rule: 'take the first of several values of Age',
    origin: [control('max-age=60', { age: ['7', '50'] }), control('max-age=60', { age: '8, 50' })],
    steps: [
      fetched(),
      kept(1, { expect: { age: '7' } }),
      fetched({ path: '/b' }),
      kept(2, { path: '/b', expect: { age: '8' } }),
    ],
  },
  ...['-7', 'x', '7.5', '7a', ''].map((value): Row => ({
    section: '5.1',
    level: 'SHOULD',
    rule: `ignore an Age of '${value}'`,
    origin: [control('max-age=60', { age: value === '' ? [' '] : value })],
    steps: [fetched(), kept(1, { expect: { age: '0' } })],
  })),
  {
    section: '5.2',
    level: 'MUST',
    rule: 'pass directives on in both directions, known or not',
    origin: [control('max-age=60, x-unheard="of it"')],
    steps: [
      fetched({ ...asking('no-transform, x-asked=1'), sent: { 'cache-control': 'no-transform, x-asked=1' } }),
      kept(1, { expect: { 'cache-control': 'max-age=60, x-unheard="of it"' } }),
    ],
  },
  {
    section: '5.2',
    level: 'MUST',
    rule: 'read directives in letters of either case, over several lines, quoted or not',
    origin: [
      control('x', { 'cache-control': ['Public', 'MAX-AGE="60"'] }),
      control('No-Store, max-age=60'),
      control('max-age=60, foo="no-store, private"'),
    ],
    steps: [fetched(), kept(1), fetched({ path: '/b' }), fetched({ path: '/b' }), kept(3, { path: '/b' })],
  },
  {
    section: '5.2',
    level: 'ought',
    rule: 'keep nothing whose directives cannot be told apart',
    ...pair('fetched', control('max-age=60, foo="bar')),
  },
  {
    section: '5.2.3',
    level: 'MUST',
    rule: 'ignore directives that it does not know',
    origin: [control('max-age=60, no-storex, xprivate, x=y, "quoted", =, a=b=c')],
    steps: [fetched(), kept(1)],
  },
  ...['0', '-1', 'never', 'Mon, 32 Jan 2030 12:01:00 GMT', '2030-01-07T12:01:00Z', '1893456060'].map((value): Row => ({
    section: '5.3',
    level: 'MUST',
    rule: `take Expires: ${value} for a time in the past`,
    ...pair('fetched', { headers: { expires: value } }),
  })),
  {
    section: '5.3',
    level: 'MUST',
    rule: 'ignore Expires beside max-age',
    ...pair('kept', control('max-age=60', { expires: '0' })),
  },
  {
    section: '5.3',
    level: 'MUST',
    rule: 'ignore Expires beside s-maxage',
    origin: [control('s-maxage=0', { expires: date(60) })],
    steps: [fetched(), fetched()],
  },
  {
    section: '5.3',
    level: 'ought',
    rule: 'live with an Expires of the year 9999',
    origin: [{ headers: { expires: 'Fri, 31 Dec 9999 23:59:59 GMT' } }],
    steps: [fetched(), kept(1, { at: 3_600, expect: { age: '3600' } })],
  },
  {
    section: '5.4',
    level: 'ought',
    rule: 'leave Pragma without effect, from whomever it comes',
    origin: [control('max-age=60', { pragma: 'no-cache' })],
    steps: [fetched(), kept(1, { headers: { pragma: 'no-cache' } })],
  },
  {
    section: '5.5',
    level: 'ought',
    rule: 'send no Warning of its own with what is stale',
    origin: [control('max-age=5, stale-if-error=60', { etag: '"a"' }), { status: 503 }],
    steps: [fetched(), fetched({ at: 6, body: 'answer 1', expect: { warning: undefined, 'x-cache': 'STALE' } })],
  },
];
