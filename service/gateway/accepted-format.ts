import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ExpositionFormat } from '../telemetry/exposition.ts';

const compress = promisify(gzip);

const OPENMETRICS = 'application/openmetrics-text';
/** Ours is version 1.0; whoever asks for one before it reads it too. */
const VERSIONS: ReadonlySet<string | undefined> = new Set([undefined, '0.0.1', '1.0.0']);

/**
 * The format that a scraper prefers (RFC 9110, section 12.5.1). OpenMetrics only for one that names it, and not less
 * than plain text; whatever else is asked for, or cannot be read, is answered with plain text.
 */
export function acceptedFormat(accept: string | undefined): ExpositionFormat {
  let openMetrics = 0;
  let text = 0;
  for (const range of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const quality = qualityOf(parameters);
    if (type === OPENMETRICS && VERSIONS.has(valueOf(parameters, 'version')))
      openMetrics = Math.max(openMetrics, quality);
    else if (type === 'text/plain') text = Math.max(text, quality);
  }
  return openMetrics > 0 && openMetrics >= text ? 'openmetrics' : 'text';
}

/** Whether a client takes gzip; only for one that names it. */
export function acceptsGzip(encodings: string | undefined): boolean {
  return (encodings ?? '').split(',').some((coding) => {
    const [name, ...parameters] = coding.split(';').map((part) => part.trim().toLowerCase());
    return name === 'gzip' && qualityOf(parameters) > 0;
  });
}

/** Bytes in gzip. Of a text that repeats itself as much as metrics do, the fastest level leaves a tenth or less. */
export function zip(bytes: Buffer): Promise<Buffer> {
  return compress(bytes, { level: 1 });
}

function qualityOf(parameters: readonly string[]): number {
  const value = valueOf(parameters, 'q');
  if (value === undefined) return 1;
  return /^[01](\.\d{0,3})?$/.test(value) ? Math.min(1, Number(value)) : 0;
}

function valueOf(parameters: readonly string[], name: string): string | undefined {
  return parameters.find((parameter) => parameter.startsWith(`${name}=`))?.slice(name.length + 1);
}
