import { alert, notification, NOW, TOKEN } from './taker.ts';

/** A notification that is refused: with what status and why. */
export type Refused = readonly [
  what: string,
  status: number,
  reason: RegExp,
  body: unknown,
  headers?: Readonly<Record<string, string>>,
];

/** A time by the guard's clock. */
export const at = (milliseconds: number): string => new Date(NOW + milliseconds).toISOString();

/** Every way in which a notification can be wrong. */
export const REFUSED: readonly Refused[] = [
  ['no token', 401, /Bearer is missing/, notification(), { authorization: '' }],
  ['another token', 401, /another token/, notification(), { authorization: `Bearer ${TOKEN.replace('0', '1')}` }],
  ['a token that is cut', 401, /another token/, notification(), { authorization: `Bearer ${TOKEN.slice(1)}` }],
  ['a token with more behind it', 401, /another token/, notification(), { authorization: `Bearer ${TOKEN}0` }],
  ['the token in another scheme', 401, /another token/, notification(), { authorization: `Basic ${TOKEN}` }],
  ['text', 415, /application\/json/, notification(), { 'content-type': 'text/plain' }],
  [
    'a type that only begins like JSON',
    415,
    /application\/json/,
    notification(),
    { 'content-type': 'application/json5' },
  ],
  ['a compressed body', 415, /Content-Encoding/, notification(), { 'content-encoding': 'gzip' }],
  ['a body beyond the bound', 413, /262144 bytes/, notification([alert({ annotations: { a: 'x'.repeat(262_144) } })])],
  ['a body far beyond it', 413, /262144 bytes/, 'x'.repeat(3_000_000)],
  ['nothing', 400, /not JSON/, ''],
  ['no JSON', 400, /not JSON/, '{"version":"4",'],
  ['a list', 400, /the body must be/, []],
  ['null', 400, /the body must be/, 'null'],
  ['another version', 400, /version must be '4'/, notification(undefined, { version: '5' })],
  ['a version that is a number', 400, /version must be '4'/, notification(undefined, { version: 4 })],
  ['no version', 400, /version must be '4'/, notification(undefined, { version: undefined })],
  ['no alerts', 400, /alerts must be at least one alert/, notification([])],
  ['alerts that are none', 400, /alerts must be array/, notification(undefined, { alerts: 'all' })],
  ['an alert without labels', 400, /alerts\.0\.labels must be/, notification([alert({ labels: undefined })])],
  [
    'a label that is a number',
    400,
    /labels\.pod_template_hash must be text/,
    notification([alert({}, { pod_template_hash: 12_345 })]),
  ],
  [
    'a label that is an object',
    400,
    /labels\.namespace must be text/,
    notification([alert({}, { namespace: { a: 1 } })]),
  ],
  ['another status', 400, /status must be 'firing' or 'resolved'/, notification([alert({ status: 'pending' })])],
  [
    'a fingerprint that is none',
    400,
    /16 hexadecimal digits/,
    notification([alert({ fingerprint: 'c1a2b3d4e5f6071g' })]),
  ],
  ['a start that is no time', 400, /startsAt must be a time/, notification([alert({ startsAt: 'yesterday' })])],
  [
    'a start without a zone',
    400,
    /startsAt must be a time/,
    notification([alert({ startsAt: '2026-03-01T11:59:40' })]),
  ],
  ['a start that is a number', 400, /startsAt must be/, notification([alert({ startsAt: NOW })])],
  ['a count of truncated alerts below zero', 400, /truncatedAlerts/, notification(undefined, { truncatedAlerts: -1 })],
  ['an alert of others', 422, /"NodeDown" is none of ours/, notification([alert({}, { alertname: 'NodeDown' })])],
  ['an alert of ours that is for people', 422, /none of ours/, notification([alert({}, { alertname: 'DrillMissed' })])],
  ['an alert without a name', 422, /none of ours/, notification([alert({}, { alertname: '' })])],
  ['a label that nobody knows', 422, /label "pod" is neither/, notification([alert({}, { pod: 'gateway-1' })])],
  ['another namespace', 422, /namespace "other" is not shop/, notification([alert({}, { namespace: 'other' })])],
  ['no namespace', 422, /namespace "" is not shop/, notification([alert({}, { namespace: '' })])],
  ['no hash', 422, /is no hash/, notification([alert({}, { pod_template_hash: '' })])],
  ['a hash that is a path', 422, /is no hash/, notification([alert({}, { pod_template_hash: '../../etc' })])],
  ['a hash with a pattern', 422, /is no hash/, notification([alert({}, { pod_template_hash: 'abcde|.*' })])],
  ['a hash with a line break', 422, /is no hash/, notification([alert({}, { pod_template_hash: '7d9f8b6c5d\n' })])],
  ['a hash that is too long', 422, /is no hash/, notification([alert({}, { pod_template_hash: 'a'.repeat(17) })])],
  ['an alert that is old', 422, /and 600 s is old/, notification([alert({ startsAt: at(-661_000) })])],
  ['an alert of 1970', 422, /is old/, notification([alert({ startsAt: '1970-01-01T00:00:00Z' })])],
  [
    'one that ended long ago',
    422,
    /resolved since 661 s/,
    notification([alert({ status: 'resolved', endsAt: at(-661_000) })]),
  ],
  ['one of the future', 422, /62 s in the future/, notification([alert({ startsAt: at(62_000) })])],
  [
    'a Watchdog of elsewhere',
    422,
    /namespace/,
    notification([alert({}, { alertname: 'Watchdog', namespace: 'other', pod_template_hash: undefined })]),
  ],
  ['a Watchdog with a hash', 422, /label "pod_template_hash"/, notification([alert({}, { alertname: 'Watchdog' })])],
];
