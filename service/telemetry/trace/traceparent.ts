/** The caller's word of a trace (W3C Trace Context, `traceparent`). */
export type TraceParent = {
  readonly traceId: string;
  /** The caller's own span. */
  readonly spanId: string;
  /** Whether the caller says that it records the trace. */
  readonly sampled: boolean;
};

const FORM = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);
const SAMPLED = 1;
/** What has to be passed on at least (W3C Trace Context, section 3.3.1.5); longer ones are left out. */
const MAX_STATE = 512;
const STATE = /^[\t\x20-\x7e]+$/;

/**
 * Reads a traceparent; undefined for none, and for one of another form (section 3.2 of the recommendation): then a new
 * trace begins. Of a version that is not known yet, the fields that every version has are believed, and what follows
 * them is left out; version 00 has nothing behind them.
 */
export function parseTraceparent(value: string | undefined): TraceParent | undefined {
  const match = value === undefined ? null : FORM.exec(value);
  if (!match) return undefined;
  const [, version = '', traceId = '', spanId = '', flags = '', more] = match;
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (traceId === NO_TRACE || spanId === NO_SPAN) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED };
}

/** A traceparent of version 00. */
export function formatTraceparent({ traceId, spanId, sampled }: TraceParent): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

/** A tracestate that may be passed on; what it says is its writers' affair. Undefined for none, or one that is too long. */
export function parseTracestate(value: string | undefined): string | undefined {
  return value !== undefined && value.length <= MAX_STATE && STATE.test(value) ? value : undefined;
}
