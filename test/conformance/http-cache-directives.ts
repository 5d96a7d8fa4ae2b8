import { control, fetched, kept, pair, type Row } from './http-cache-row.ts';

const ALL = { clientDirectives: 'all' } as const;
const asking = (directives: string) => ({ headers: { 'cache-control': directives } });

/** Sections 5.2.1 and 5.2.2: what each directive does. */
export const DIRECTIVE_ROWS: readonly Row[] = [
  ...(['no-cache', 'max-age=0', 'min-fresh=120'] as const).flatMap((directive): Row[] => [
    {
      section: '5.2.1',
      level: 'MAY',
      rule: `not honour a client's ${directive}, so that nobody can have the origin asked at will`,
      origin: [control('max-age=60')],
      steps: [fetched(), kept(1, { at: 1, ...asking(directive) })],
    },
    {
      section: '5.2.1',
      level: 'MAY',
      rule: `honour a client's ${directive}, when that is switched on`,
      cache: ALL,
      origin: [control('max-age=60', { etag: '"a"' }), { status: 304, headers: { etag: '"a"' } }],
      steps: [
        fetched(),
        fetched({
          at: 1,
          ...asking(directive),
          body: 'answer 1',
          sent: { 'if-none-match': '"a"' },
          expect: { 'cache-status': /fwd=request; fwd-status=304/ },
        }),
      ],
    },
  ]),
  {
    section: '5.2.1.1',
    level: 'MAY',
    rule: 'give what is not older than a client’s max-age, when that is switched on',
    cache: ALL,
    origin: [control('max-age=60')],
    steps: [fetched(), kept(1, { at: 10, ...asking('max-age=10') }), fetched({ at: 11, ...asking('max-age=10') })],
  },
  {
    section: '5.2.1.1',
    level: 'MAY',
    rule: 'give nothing stale to a client with a max-age, unless it has a max-stale too',
    cache: ALL,
    origin: [control('max-age=5, stale-while-revalidate=60', { etag: '"a"' })],
    steps: [
      fetched(),
      fetched({ at: 6, ...asking('max-age=60') }),
      kept(2, { at: 12, ...asking('max-age=60, max-stale=60'), expect: { 'x-cache': 'STALE' } }),
    ],
  },
  {
    section: '5.2.1.2',
    level: 'MAY',
    rule: 'give a client what is as stale as it allows, when that is switched on',
    cache: ALL,
    origin: [control('max-age=5', { etag: '"a"' })],
    steps: [
      fetched(),
      kept(1, { at: 10, ...asking('max-stale=5'), expect: { 'x-cache': 'STALE', age: '10' } }),
      kept(1, { at: 60, ...asking('max-stale'), expect: { 'cache-status': 'sluice; hit; ttl=-55' } }),
      fetched({ at: 66, ...asking('max-stale') }),
      fetched({ at: 77, ...asking('max-stale=5') }),
    ],
  },
  {
    section: '5.2.1.3',
    level: 'MAY',
    rule: 'give what stays fresh as long as a client wants, when that is switched on',
    cache: ALL,
    origin: [control('max-age=60')],
    steps: [fetched(), kept(1, { at: 20, ...asking('min-fresh=40') }), fetched({ at: 21, ...asking('min-fresh=40') })],
  },
  {
    section: '5.2.1.5',
    level: 'MUST NOT',
    rule: 'keep an answer to a request that says no-store, nor update by it what is kept',
    origin: [control('max-age=5', { etag: '"a"' })],
    steps: [
      fetched(asking('no-store')),
      fetched(),
      kept(2, asking('no-store')),
      fetched({ at: 6, ...asking('no-store') }),
      fetched({ sent: { 'if-none-match': '"a"' } }),
    ],
  },
  {
    section: '5.2.1.7',
    level: 'SHOULD',
    rule: 'answer only-if-cached by what is kept, else by 504',
    origin: [control('max-age=5')],
    steps: [
      { asked: 0, ...asking('only-if-cached'), status: 504, expect: { 'cache-status': undefined } },
      fetched(),
      kept(1, asking('only-if-cached')),
      { at: 6, asked: 0, ...asking('only-if-cached'), status: 504 },
    ],
  },
  {
    section: '5.2.1',
    level: 'MAY',
    rule: 'honour nothing that a client says, when that is switched off',
    cache: { clientDirectives: 'none' },
    origin: [control('max-age=60')],
    steps: [fetched(asking('only-if-cached, no-store')), kept(1, asking('no-cache'))],
  },
  {
    section: '5.2.2.1',
    level: 'MUST',
    rule: 'obey max-age',
    origin: [control('max-age=1'), control('max-age=0')],
    steps: [fetched(), kept(1), fetched({ at: 1 }), fetched()],
  },
  ...(['must-revalidate', 'proxy-revalidate'] as const).flatMap((directive): Row[] => [
    {
      section: directive === 'must-revalidate' ? '5.2.2.2' : '5.2.2.8',
      level: 'MUST NOT',
      rule: `give what is stale and says ${directive} until the origin has confirmed it`,
      origin: [
        control(`max-age=5, stale-while-revalidate=60, ${directive}`, { etag: '"a"' }),
        { status: 304, headers: { etag: '"a"' } },
      ],
      steps: [fetched(), kept(1, { at: 4 }), fetched({ at: 6, body: 'answer 1' }), kept(1, { at: 10 })],
    },
    {
      section: directive === 'must-revalidate' ? '5.2.2.2' : '5.2.2.8',
      level: 'MUST',
      rule: `answer by an error when the origin cannot be reached to confirm what says ${directive}`,
      origin: [control(`max-age=5, stale-if-error=60, ${directive}`, { etag: '"a"' }), { broken: 'head' }],
      steps: [fetched(), fetched({ at: 6, status: 502 })],
    },
  ]),
  {
    section: '5.2.2.3',
    level: 'SHOULD',
    rule: 'keep what says must-understand and no-store where the status is understood, and only there',
    origin: [
      control('max-age=60, must-understand, no-store'),
      { status: 299, headers: { 'cache-control': 'max-age=60, must-understand' } },
    ],
    steps: [fetched(), kept(1), fetched({ path: '/b', status: 299 }), fetched({ path: '/b', status: 299 })],
  },
  {
    section: '5.2.2.4',
    level: 'MUST NOT',
    rule: 'give what says no-cache without the origin’s word, each time',
    origin: [control('no-cache', { etag: '"a"' }), { status: 304, headers: { etag: '"a"' } }],
    steps: [fetched(), fetched({ body: 'answer 1' }), fetched({ body: 'answer 1' })],
  },
  {
    section: '5.2.2.4',
    level: 'MUST NOT',
    rule: 'give the fields that no-cache names without the origin’s word',
    origin: [control('max-age=60, no-cache="X-One, x-two"', { 'x-one': '1', 'x-two': '2', 'x-three': '3' })],
    steps: [
      fetched({ expect: { 'x-one': '1' } }),
      kept(1, { expect: { 'x-one': undefined, 'x-two': undefined, 'x-three': '3' } }),
    ],
  },
  {
    section: '5.2.2.4',
    level: 'ought',
    rule: 'take no-cache with names and without for the one without',
    ...pair('fetched', control('max-age=60, no-cache="x-one", no-cache')),
  },
  {
    section: '5.2.2.5',
    level: 'MUST NOT',
    rule: 'keep what says no-store, whatever else it says',
    ...pair('fetched', control('public, max-age=60, s-maxage=60, no-store=x, immutable')),
  },
  {
    section: '5.2.2.6',
    level: 'MUST NOT',
    rule: 'change the content of an answer',
    origin: [control('max-age=60, no-transform', { 'content-encoding': 'gzip', 'content-type': 'text/plain' })],
    steps: [fetched(), kept(1, { expect: { 'content-encoding': 'gzip', 'content-type': 'text/plain' } })],
  },
  {
    section: '5.2.2.7',
    level: 'MUST NOT',
    rule: 'keep what is private, be it public too',
    ...pair('fetched', control('max-age=60, private, public')),
  },
  {
    section: '5.2.2.7',
    level: 'MUST NOT',
    rule: 'keep the fields that private names',
    origin: [control('max-age=60, private="x-one", private=X-Two', { 'x-one': '1', 'x-two': '2', 'x-three': '3' })],
    steps: [
      fetched({ expect: { 'x-one': '1', 'x-two': '2' } }),
      kept(1, { expect: { 'x-one': undefined, 'x-two': undefined, 'x-three': '3' } }),
    ],
  },
  {
    section: '5.2.2.7',
    level: 'ought',
    rule: 'take private without a name in its quotes for one without names',
    ...pair('fetched', control('max-age=60, private=""')),
  },
  {
    section: '5.2.2.10',
    level: 'MUST NOT',
    rule: 'give what is stale by s-maxage until the origin has confirmed it',
    origin: [
      control('s-maxage=5, max-age=600, stale-while-revalidate=60, stale-if-error=60', { etag: '"a"' }),
      { status: 500 },
    ],
    steps: [fetched(), kept(1, { at: 4 }), fetched({ at: 6, status: 500 })],
  },
];
