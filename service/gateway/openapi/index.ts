import { createHash } from 'node:crypto';
import type { Service } from '../../definition/index.ts';
import type { Handler } from '../exchange.ts';
import { openapiOf } from './document.ts';
import { docsPage } from './page.ts';

export { openapiOf } from './document.ts';
export type { OpenapiDocument, OpenapiOperation, OpenapiParameter } from './document.ts';

/** Nothing of the page is loaded, run or shown elsewhere. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

/** The handlers that describe a service: for programs (OpenAPI 3.1) and for people. */
export function describeService(
  service: Pick<Service, 'name' | 'routes' | 'version'>,
): Readonly<Record<'docs' | 'openapi', Handler>> {
  const document = openapiOf(service);
  return {
    openapi: whole('application/json', JSON.stringify(document)),
    docs: whole('text/html; charset=utf-8', docsPage(document), ['content-security-policy', POLICY]),
  };
}

/** Answers always the same; whoever has it is told so. */
function whole(type: string, body: string, more: readonly string[] = []): Handler {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  const headers = [
    'content-type',
    type,
    'cache-control',
    'no-cache',
    'etag',
    etag,
    'x-content-type-options',
    'nosniff',
  ];
  return ({ request }) =>
    request.headers['if-none-match'] === etag
      ? { status: 304, headers: ['etag', etag], body: null }
      : { status: 200, headers: [...headers, ...more], body };
}
