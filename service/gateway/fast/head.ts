/** The head of a request that this listener wholly understands. */
export type Head = {
  readonly target: string;
  /** As given; undefined when none was. */
  readonly requestId: string | undefined;
  /** X-Forwarded-For as given. */
  readonly forwardedFor: string | undefined;
  /** As given: by these the request is part of a trace (W3C Trace Context). */
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
  /** The header lines, each with its end. */
  readonly fields: string;
  /** Where the head ends in the text that it was read from. */
  readonly end: number;
};

/** Settings of the reader. */
export type HeadReaderOptions = {
  /** Whether a cookie may be a credential. */
  readonly cookies: boolean;
};

/** Longer ones are node:http's: its bound is above this, and it alone says what becomes of what is too long. */
const MAX_LENGTH = 8_192;

/**
 * A whole head in one form only: GET, a path of the characters that RFC 3986 has for one, HTTP/1.1, header lines of a
 * token, a colon and visible characters, CRLF after each. Nothing is tolerated that two readers could understand
 * differently: bare line feeds, folded lines, blanks before colons, absolute targets.
 */
const HEAD = /GET (\/[\w\-.~!$&'()*+,;=:@%/?]*) HTTP\/1\.1\r\n((?:[\w\-!#$%&'*+.^`|~]+:[\t -~]*\r\n)+)\r\n/y;
const HOST = /^[\w.-]+(:\d{1,5})?$/;
const READ = ['host', 'connection', 'x-request-id', 'x-forwarded-for', 'traceparent', 'tracestate'];
/** By these a request frames a body, shows who sends it, asks for another answer or speaks of the connection. */
const UNUSUAL = [
  ...['content-[\\w-]*', 'transfer-[\\w-]*', 'trailer', 'te', 'expect', 'upgrade', 'http2-settings', 'keep-alive'],
  ...['proxy-[\\w-]*', 'authorization', 'x-api-key', 'range', 'if-[\\w-]*', 'cache-control', 'pragma'],
];

/**
 * Reads heads: what it returns is understood as node:http does, byte for byte. Undefined for a head that is not whole
 * or not in the one form, and for one that has a header which would make its answer another than anybody's.
 */
export function createHeadReader({ cookies }: HeadReaderOptions): (text: string, from: number) => Head | undefined {
  const names = [...READ, ...UNUSUAL, ...(cookies ? ['cookie'] : [])].join('|');
  const named = new RegExp(`^(${names}):[\\t ]*([^\\r]*)`, 'gim');
  return (text, from) => {
    HEAD.lastIndex = from;
    const match = HEAD.exec(text);
    if (match === null) return undefined;
    const end = HEAD.lastIndex;
    if (end - from > MAX_LENGTH) return undefined;
    const [, target = '', fields = ''] = match;
    let host: string | undefined;
    let requestId: string | undefined;
    let forwardedFor: string | undefined;
    let traceparent: string | undefined;
    let tracestate: string | undefined;
    named.lastIndex = 0;
    for (let field = named.exec(fields); field !== null; field = named.exec(fields)) {
      const [, name = '', padded = ''] = field;
      const value = padded.trimEnd();
      switch (name.toLowerCase()) {
        case 'host':
          if (host !== undefined || !HOST.test(value)) return undefined;
          host = value;
          break;
        case 'connection':
          if (value.toLowerCase() !== 'keep-alive') return undefined;
          break;
        case 'x-request-id':
          if (requestId !== undefined) return undefined;
          requestId = value;
          break;
        case 'x-forwarded-for':
          if (forwardedFor !== undefined) return undefined;
          forwardedFor = value;
          break;
        case 'traceparent':
          if (traceparent !== undefined) return undefined;
          traceparent = value;
          break;
        case 'tracestate':
          if (tracestate !== undefined) return undefined;
          tracestate = value;
          break;
        default:
          return undefined;
      }
    }
    return host === undefined ? undefined : { target, requestId, forwardedFor, traceparent, tracestate, fields, end };
  };
}

/** The header lines of a head as node:http tells them; of a name given twice, the values in one list. */
export function readFields(fields: string): { readonly headers: Record<string, string>; readonly raw: string[] } {
  const headers: Record<string, string> = {};
  const raw: string[] = [];
  for (const line of fields.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    const key = name.toLowerCase();
    const before = headers[key];
    headers[key] = before === undefined ? value : `${before}, ${value}`;
    raw.push(name, value);
  }
  return { headers, raw };
}
