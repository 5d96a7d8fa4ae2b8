import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { html, raw, type Markup } from './markup.ts';

const STYLE = readFileSync(new URL('./style.css', import.meta.url), 'utf8');

/** Nothing is loaded and nothing runs; the one style sheet is the one that was written. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** A page that needs no network: its title, what stands in its banner, and its sections. */
export function documentHtml(title: string, banner: Markup, main: Markup, foot: Markup): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="content-security-policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${raw(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <header class="top">${banner}</header>
        <main>${main}</main>
        <footer class="foot">${foot}</footer>
      </body>
    </html> `.markup;
}
