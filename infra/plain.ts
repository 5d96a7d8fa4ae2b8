/** Control characters, those that turn the direction of text, and halves of surrogate pairs. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** A text as it can be written to any terminal: what would move its cursor or turn its lines is told by its number. */
export function plain(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => {
    const number = (character.codePointAt(0) ?? 0).toString(16).padStart(4, '0');
    return `\\u${number}`;
  });
}

/** Parses JSON that somebody else wrote; every text in it is plain. Throws a SyntaxError. */
export function parsePlain(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => (typeof value === 'string' ? plain(value) : value));
}
