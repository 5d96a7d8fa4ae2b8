import { expect, test } from '@jest/globals';
import { acceptedFormat, acceptsGzip } from '../../service/gateway/accepted-format.ts';

const PROMETHEUS =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

test.each<[accept: string | undefined, format: string]>([
  [PROMETHEUS, 'openmetrics'],
  [
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=1.0.0;q=0.5,*/*;q=0.1',
    'openmetrics',
  ],
  ['application/openmetrics-text', 'openmetrics'],
  ['APPLICATION/OpenMetrics-Text; Version=1.0.0', 'openmetrics'],
  ['application/openmetrics-text;q=0.4,text/plain;q=0.5', 'text'],
  ['application/openmetrics-text;q=0', 'text'],
  ['application/openmetrics-text;version=2.0.0', 'text'],
  ['text/plain', 'text'],
  ['text/html,*/*', 'text'],
  ['image/png', 'text'],
  ['', 'text'],
  [undefined, 'text'],
  ['application/openmetrics-text;q=7', 'text'],
  ['application/openmetrics-text;q=-1,;;,,=', 'text'],
  [`${',;='.repeat(5_000)}text/plain`, 'text'],
])('%p is given %s', (accept, format) => {
  expect(acceptedFormat(accept)).toBe(format);
});

test.each<[encodings: string | undefined, zipped: boolean]>([
  ['gzip', true],
  ['br, GZIP;q=0.5', true],
  ['gzip;q=0', false],
  ['gzip;q=x', false],
  ['*', false],
  ['x-gzipped', false],
  ['', false],
  [undefined, false],
])('%p takes gzip: %p', (encodings, zipped) => {
  expect(acceptsGzip(encodings)).toBe(zipped);
});
