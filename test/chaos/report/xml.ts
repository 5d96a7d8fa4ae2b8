/** An element of XML, its texts joined. */
export type Element = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
};

const NAME = '[A-Za-z_][\\w.-]*';
const TOKEN = new RegExp(`<(${NAME})((?: ${NAME}="[^"<]*")*)(/?)>|</(${NAME})>|([^<]+)`, 'y');
const ENTITY = /&(?:lt|gt|amp|quot|#39);/g;
const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
  '&quot;': '"',
  '&#39;': "'",
};

/** Reads XML as strictly as a reader may; throws at whatever is not well-formed. */
export function parseXml(xml: string): Element {
  const start = /^<\?xml version="1\.0" encoding="UTF-8"\?>\n/.exec(xml);
  if (!start) throw new Error('it does not begin with a declaration');
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/.test(xml)) throw new Error('a character that XML has not');
  type Open = { name: string; attributes: Record<string, string>; children: Element[]; text: string };
  const root: Open = { name: '', attributes: {}, children: [], text: '' };
  const stack: Open[] = [root];
  TOKEN.lastIndex = start[0].length;
  while (TOKEN.lastIndex < xml.length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(xml);
    if (!found) throw new Error(`not well-formed at '${xml.slice(at, at + 60)}'`);
    const [, opened, written = '', empty, closed, text] = found;
    const top = stack.at(-1) ?? root;
    if (text !== undefined) top.text += decoded(text);
    if (opened !== undefined) {
      const element: Open = { name: opened, attributes: attributesOf(written), children: [], text: '' };
      top.children.push(element);
      if (empty === '') stack.push(element);
    }
    if (closed !== undefined && stack.pop()?.name !== closed) throw new Error(`</${closed}> closes nothing`);
  }
  const [element, ...more] = root.children;
  if (stack.length !== 1 || !element || more.length > 0 || root.text.trim() !== '') throw new Error('not one element');
  return element;
}

function attributesOf(written: string): Record<string, string> {
  const pairs = [...written.matchAll(new RegExp(` (${NAME})="([^"]*)"`, 'g'))];
  const names = pairs.map(([, name]) => name);
  if (new Set(names).size !== names.length) throw new Error(`an attribute twice in '${written}'`);
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, decoded(value)]));
}

function decoded(text: string): string {
  if (text.replaceAll(ENTITY, '').includes('&')) throw new Error(`an ampersand that is none in '${text}'`);
  return text.replaceAll(ENTITY, (entity) => ENTITIES[entity] ?? entity);
}
