import { Problem } from './problem.ts';

/** Path and query of a request. */
export type Target = { readonly path: string; readonly search: string };

/** Octets that a path must not hide: NUL, slash and backslash, which the next hop may read as a path's own. */
const HIDDEN = /%(00|2f|5c)/i;
/** Segments that lead elsewhere once they are resolved, plain or encoded. */
const DOTS = /\/(\.|%2e){1,2}(?=\/|$)/i;
const MALFORMED_ESCAPE = /%(?![0-9a-f]{2})/i;

/**
 * Splits a request target of the form `/path?query`. Throws the Problem `malformed-request` for any other form, and
 * for a path that two readers could understand differently: such a one is never passed on.
 */
export function parseTarget(target: string): Target {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  if (path.charCodeAt(0) !== SLASH) throw malformed('The request target is not a path.');
  if (path.includes('%') || path.includes('/.') || path.includes('\\')) refuseAmbiguous(path);
  return { path, search: mark < 0 ? '' : target.slice(mark + 1) };
}

const SLASH = 47;

function refuseAmbiguous(path: string): void {
  if (MALFORMED_ESCAPE.test(path)) throw malformed('The path has a percent sign that starts no valid escape.');
  if (HIDDEN.test(path) || path.includes('\\')) throw malformed('The path has an encoded slash, a backslash or a NUL.');
  if (DOTS.test(path)) throw malformed('The path has a segment of dots: send the path that it resolves to.');
}

function malformed(detail: string): Problem {
  return new Problem('malformed-request', { detail });
}
