/** Text that is markup already. Only `html` and `raw` make it, so that nothing of a run gets into a page as it is. */
export type Markup = { readonly markup: string };

/** What may stand in a template: text is escaped, markup is not, lists are joined, and what is absent is nothing. */
export type Part = Markup | string | number | false | undefined | readonly Part[];

/** A piece of HTML, SVG or XML in which every value is escaped, in text and between quotes alike. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Markup {
  return {
    markup: strings.map((string, index) => string + (index < values.length ? written(values[index]) : '')).join(''),
  };
}

/** The same for XML: Prettier lays out templates that are called html, and this one stays as it is typed. */
export const xml = html;

/** Text of our own that is markup, such as a style sheet. */
export function raw(markup: string): Markup {
  return { markup };
}

/** Text as it may stand in HTML and XML, in an attribute too. */
export function escaped(text: string): string {
  return printable(text).replaceAll(/[&<>"']/g, (found) => ENTITIES[found] ?? found);
}

/** Text without what a terminal would obey, what XML cannot hold and what turns the direction of the text around it. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, '\uFFFD');
}

const UNPRINTABLE =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function written(part: Part): string {
  if (part === undefined || part === false) return '';
  if (typeof part === 'string') return escaped(part);
  if (typeof part === 'number') return String(part);
  return 'markup' in part ? part.markup : part.map(written).join('');
}
