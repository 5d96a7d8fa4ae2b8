import { control, fetched, kept, type Row } from './http-cache-row.ts';

const FRESH = control('max-age=600');

/** Section 4.4: what a change at the origin makes of what is kept. */
export const INVALIDATION_ROWS: readonly Row[] = [
  ...['POST', 'PUT', 'DELETE', 'PATCH', 'PURGE', 'MKCOL'].map((method): Row => ({
    section: '4.4',
    level: 'MUST',
    rule: `forget what is kept for an address when ${method} succeeds there`,
    origin: [FRESH, { status: 201 }, FRESH],
    steps: [fetched(), kept(1), fetched({ method, status: 201 }), fetched({ at: 1 }), kept(3)],
  })),
  {
    section: '4.4',
    level: 'MUST',
    rule: 'take 2xx and 3xx for success',
    origin: [FRESH, { status: 204 }, FRESH, { status: 303, headers: { location: '/other' } }, FRESH],
    steps: [
      fetched(),
      fetched({ method: 'POST', status: 204 }),
      fetched({ at: 1 }),
      fetched({ method: 'POST', status: 303 }),
      fetched(),
    ],
  },
  {
    section: '4.4',
    level: 'MUST',
    rule: 'forget all answers for the address that differ by Vary',
    origin: [control('max-age=600', { vary: 'x-n' }), control('max-age=600', { vary: 'x-n' }), { status: 200 }, FRESH],
    steps: [
      fetched({ headers: { 'x-n': '1' } }),
      fetched({ headers: { 'x-n': '2' } }),
      fetched({ method: 'POST' }),
      fetched({ headers: { 'x-n': '1' } }),
    ],
  },
  ...[400, 404, 500].map((status): Row => ({
    section: '4.4',
    level: 'ought',
    rule: `forget nothing when the answer is ${status}`,
    origin: [FRESH, { status }],
    steps: [fetched(), fetched({ method: 'POST', status }), kept(1)],
  })),
  ...['OPTIONS', 'HEAD'].map((method): Row => ({
    section: '4.4',
    level: 'ought',
    rule: `forget nothing for ${method}, which is safe`,
    origin: [FRESH],
    steps: [fetched(), { asked: method === 'HEAD' ? 0 : 1, method }, kept(1)],
  })),
  ...['/b?c', 'b?c', 'http://a.test/b?c'].flatMap((reference) =>
    (['location', 'content-location'] as const).map((field): Row => ({
      section: '4.4',
      level: 'MAY',
      rule: `forget what ${field}: ${reference} names on the same origin`,
      origin: [FRESH, { status: 201, headers: { [field]: reference } }, FRESH],
      steps: [
        fetched({ path: '/b?c' }),
        fetched({ path: '/a', method: 'POST', status: 201 }),
        fetched({ path: '/b?c' }),
      ],
    })),
  ),
  ...['http://other.test/b', 'https://a.test/b', 'http://a.test:81/b', '//other.test/b', 'http://['].map(
    (reference): Row => ({
      section: '4.4',
      level: 'MUST NOT',
      rule: `forget what Location: ${reference} names, of another origin or none`,
      origin: [FRESH, { status: 201, headers: { location: reference } }],
      steps: [fetched({ path: '/b' }), fetched({ path: '/a', method: 'POST', status: 201 }), kept(1, { path: '/b' })],
    }),
  ),
];
