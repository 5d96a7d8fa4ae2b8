import type { IncomingMessage, ServerResponse } from 'node:http';
import { CONTENT_TYPES, type Exposition, type ExpositionFormat } from '../telemetry/exposition.ts';
import { acceptedFormat, acceptsGzip, zip } from './accepted-format.ts';
import { bounded } from './bounded.ts';

/** Settings of the page. */
export type MetricsPageOptions = {
  readonly exposition: Exposition;
  /** Answers that may be on their way at once; more are refused with 503. Default 16. */
  readonly maxOpen?: number;
  /** After which an answer is cut that its scraper has not taken; default 30,000. */
  readonly patienceMs?: number;
};

type Page = { readonly plain: Promise<Buffer>; zipped?: Promise<Buffer> };

/**
 * `/metrics`, in the format and coding that the scraper asks for. Scrapers that come while a page is being written are
 * all given that one, the same bytes, so that many of them cost as much as one; a scraper that does not read holds a
 * page for as long as the patience lasts, and nothing more.
 */
export function createMetricsPage({ exposition, maxOpen = 16, patienceMs = 30_000 }: MetricsPageOptions) {
  const writing = new Map<ExpositionFormat, Page>();
  const admit = bounded({ what: 'scrapes', maxOpen, patienceMs });
  const pageIn = (format: ExpositionFormat): Page => {
    const shared = writing.get(format);
    if (shared) return shared;
    const plain = exposition.read(format).then((text) => Buffer.from(text));
    const page: Page = { plain };
    const forget = (): void => void writing.delete(format);
    plain.then(forget, forget);
    writing.set(format, page);
    return page;
  };
  const bytesOf = (page: Page, zipped: boolean): Promise<Buffer> =>
    zipped ? (page.zipped ??= page.plain.then(zip)) : page.plain;

  return async function metricsPage({ headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!admit(response)) return;
    const format = acceptedFormat(headers.accept);
    const zipped = acceptsGzip(headers['accept-encoding']?.toString());
    const bytes = await bytesOf(pageIn(format), zipped);
    response.writeHead(200, {
      'content-type': CONTENT_TYPES[format],
      'content-length': bytes.length,
      ...(zipped && { 'content-encoding': 'gzip' }),
      vary: 'accept, accept-encoding',
    });
    response.end(bytes);
  };
}
