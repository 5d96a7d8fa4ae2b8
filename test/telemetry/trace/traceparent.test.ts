import { describe, expect, test } from '@jest/globals';
import { newSpanId, newTraceId } from '../../../service/telemetry/trace/ids.ts';
import { formatTraceparent, parseTraceparent, parseTracestate } from '../../../service/telemetry/trace/traceparent.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const context = (sampled: boolean) => ({ traceId: TRACE, spanId: SPAN, sampled });

describe('a traceparent', () => {
  test.each<[what: string, value: string, sampled: boolean]>([
    ['sampled', `00-${TRACE}-${SPAN}-01`, true],
    ['not sampled', `00-${TRACE}-${SPAN}-00`, false],
    ['with flags that are not known yet', `00-${TRACE}-${SPAN}-fe`, false],
    ['with all flags', `00-${TRACE}-${SPAN}-ff`, true],
    ['of a future version', `01-${TRACE}-${SPAN}-01`, true],
    ['of a future version with more fields', `cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`, true],
    ['of a future version with an empty field', `cc-${TRACE}-${SPAN}-01-`, true],
  ])('is read: %s', (_what, value, sampled) => {
    expect(parseTraceparent(value)).toEqual(context(sampled));
  });

  test.each<[what: string, value: string | undefined]>([
    ['absent', undefined],
    ['empty', ''],
    ['of the version that is forbidden', `ff-${TRACE}-${SPAN}-01`],
    ['of a version of one digit', `0-${TRACE}-${SPAN}-01`],
    ['of a version that is no number', `0x-${TRACE}-${SPAN}-01`],
    ['of a trace that is none', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['of a span that is none', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['with capitals in the trace', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['with capitals in the span', `00-${TRACE}-${SPAN.toUpperCase()}-01`],
    ['with capitals in the version', `CC-${TRACE}-${SPAN}-01`],
    ['with a trace that is too short', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['with a trace that is too long', `00-${TRACE}a-${SPAN}-01`],
    ['with a span that is too short', `00-${TRACE}-${SPAN.slice(1)}-01`],
    ['with a letter that is no digit', `00-${TRACE.replace('0', 'g')}-${SPAN}-01`],
    ['with flags of one digit', `00-${TRACE}-${SPAN}-1`],
    ['without flags', `00-${TRACE}-${SPAN}`],
    ['of version 00 with more fields', `00-${TRACE}-${SPAN}-01-more`],
    ['of version 00 with a dash at its end', `00-${TRACE}-${SPAN}-01-`],
    ['of a future version without a dash before what follows', `cc-${TRACE}-${SPAN}-01.more`],
    ['with other separators', `00_${TRACE}_${SPAN}_01`],
    ['with a blank before', ` 00-${TRACE}-${SPAN}-01`],
    ['given twice, as a list', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
    ['of a future version, given twice', `01-${TRACE}-${SPAN}-01, 01-${TRACE}-${SPAN}-01`],
    ['very long', `00-${'a'.repeat(10_000)}-${SPAN}-01`],
  ])('is none: %s', (_what, value) => {
    expect(parseTraceparent(value)).toBeUndefined();
  });

  test('is written as it was read, in the version that is known', () => {
    for (const sampled of [true, false])
      expect(parseTraceparent(formatTraceparent(context(sampled)))).toEqual(context(sampled));
    expect(formatTraceparent(context(true))).toBe(`00-${TRACE}-${SPAN}-01`);
  });
});

describe('a tracestate', () => {
  test.each(['congo=t61rcWkgMzE', 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE', 'a=1,\tb=2'])(
    'is passed on: %s',
    (value) => {
      expect(parseTracestate(value)).toBe(value);
    },
  );

  test.each([undefined, '', 'x'.repeat(513), 'a=1\r\nx-injected: 1', 'a=ü'])('is left out: %j', (value) => {
    expect(parseTracestate(value)).toBeUndefined();
  });
});

describe('new ids', () => {
  test('have the form that the standard asks for, and differ', () => {
    const traces = Array.from({ length: 2_000 }, newTraceId);
    const spans = Array.from({ length: 2_000 }, newSpanId);
    expect(new Set(traces).size).toBe(2_000);
    expect(new Set(spans).size).toBe(2_000);
    for (const [index, traceId] of traces.entries())
      expect(parseTraceparent(`00-${traceId}-${spans[index]}-01`)).toBeDefined();
  });
});
