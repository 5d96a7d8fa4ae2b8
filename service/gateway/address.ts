import { isIPv4, isIPv6 } from 'node:net';

const PORT = /^:\d{1,5}$/;

/**
 * The address in a text as a client or proxy writes it: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`,
 * `[2001:db8::1]:80`, each with blanks around it, an IPv6 address also with a zone (`%eth0`), which is left out. The
 * same address is always the same text: IPv6 in the form of RFC 5952, an IPv4-mapped IPv6 address as IPv4.
 * Undefined for everything else, such as a name, `unknown` or a number with leading zeros.
 */
export function parseAddress(written: string): string | undefined {
  const text = written.trim();
  if (isIPv4(text)) return text;
  if (text.startsWith('[')) return parseBracketed(text);
  const colon = text.indexOf(':');
  if (colon === -1) return undefined;
  const host = text.slice(0, colon);
  if (isIPv4(host)) return PORT.test(text.slice(colon)) ? host : undefined;
  return isIPv6(text) ? canonical(text) : undefined;
}

/**
 * Whose requests are counted together: an IPv4 address alone, an IPv6 address with its /56, which is what one
 * subscriber is given (RIPE-690); an IPv4-mapped IPv6 address is its IPv4 address. Other text is a group of its own.
 */
export function addressGroup(address: string): string {
  if (!address.includes(':') || !isIPv6(address)) return address;
  const words = wordsOf(address);
  if (isMapped(words)) return dotted(words);
  const [, , , fourth = 0] = words;
  return `${format([...words.slice(0, 3), fourth & 0xff00, 0, 0, 0, 0])}/56`;
}

function parseBracketed(text: string): string | undefined {
  const end = text.indexOf(']');
  const host = text.slice(1, end);
  const rest = text.slice(end + 1);
  return end !== -1 && isIPv6(host) && (rest === '' || PORT.test(rest)) ? canonical(host) : undefined;
}

function canonical(valid: string): string {
  const words = wordsOf(valid);
  return isMapped(words) ? dotted(words) : format(words);
}

/** Whether it is an IPv4 address in IPv6's clothes, `::ffff:0:0/96`. */
function isMapped(words: readonly number[]): boolean {
  return words[5] === 0xffff && words.slice(0, 5).every((word) => word === 0);
}

/** The eight words of a valid IPv6 address. */
function wordsOf(valid: string): readonly number[] {
  const [text = ''] = valid.split('%');
  const [head = '', tail] = text.split('::');
  const first = parseWords(head);
  if (tail === undefined) return first;
  const last = parseWords(tail);
  return [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
}

function parseWords(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((word) => {
    if (!word.includes('.')) return [Number.parseInt(word, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = word.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

function dotted(words: readonly number[]): string {
  return words
    .slice(6)
    .flatMap((word) => [word >> 8, word & 0xff])
    .join('.');
}

/** RFC 5952: lower case, no leading zeros, the first of the longest runs of two or more zero words as `::`. */
function format(words: readonly number[]): string {
  let start = -1;
  let length = 1;
  for (let at = 0; at < 8; at++) {
    let end = at;
    while (end < 8 && words[end] === 0) end++;
    if (end - at > length) [start, length] = [at, end - at];
  }
  const text = (part: readonly number[]): string => part.map((word) => word.toString(16)).join(':');
  return start === -1 ? text(words) : `${text(words.slice(0, start))}::${text(words.slice(start + length))}`;
}
