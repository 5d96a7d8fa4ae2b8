import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { contextOf, parentOf } from '../../../service/telemetry/trace/context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const KNOWN = `00-${TRACE}-${SPAN}-01`;
const LATER = `01-${TRACE}-${SPAN}-01-more`;

describe("a caller's context", () => {
  test.each<[what: string, headers: IncomingHttpHeaders, state: string | undefined]>([
    ['alone', { traceparent: KNOWN }, undefined],
    ['with the state of other systems', { traceparent: KNOWN, tracestate: 'a=1' }, 'a=1'],
    ['with that state in a list', { traceparent: LATER, tracestate: ['a=1', 'b=2'] }, 'a=1,b=2'],
  ])('is read: %s', (_what, headers, state) => {
    const context = { traceId: TRACE, spanId: SPAN, sampled: true, state };
    expect(parentOf(headers)).toEqual(context);
    expect(contextOf(headers)).toEqual(context);
  });

  test.each<[what: string, headers: IncomingHttpHeaders]>([
    ['absent', { tracestate: 'a=1' }],
    ['of another form', { traceparent: 'nonsense', tracestate: 'a=1' }],
    ['a list', { traceparent: [KNOWN, KNOWN] }],
    ['a list of a version whose end is free', { traceparent: [LATER, LATER], tracestate: 'a=1' }],
  ])('is none: %s; then a new trace begins', (_what, headers) => {
    expect(parentOf(headers)).toBeUndefined();
    const context = contextOf(headers);
    expect(context).toMatchObject({ sampled: false, state: undefined });
    expect(context.traceId).toMatch(/^(?!0af7)[\da-f]{32}$/);
  });
});
