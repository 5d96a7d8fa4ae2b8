/** How the body of a message ends, as its head tells. */
export type Body =
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  /** The body goes on as long as the connection. */
  | { readonly kind: 'rest' };

/** A part of what arrived that belongs to one message. */
export type Piece = {
  readonly bytes: Buffer;
  readonly part: 'head' | 'body';
  /** Of a head: it is the first of its message. */
  readonly begins: boolean;
  /** The whole head, with the piece that completes it. */
  readonly head?: string;
  /** With it the message is complete. */
  readonly ends: boolean;
};

/** Tells where the messages of HTTP/1.1 on one connection begin and end (RFC 9112, sections 2 and 6). */
export type Framing = { read(chunk: Buffer): readonly Piece[] };

type State = 'head' | 'length' | 'size' | 'chunk' | 'chunk-end' | 'trailer' | 'rest';

// A head that is longer is none; what comes is passed as it is.
const LONGEST_HEAD = 64 * 1024;
const LONGEST_SIZE = 1024;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * Reads the messages that come one after the other. `bodyOf` tells of each head how its body ends, and undefined of one
 * that is not HTTP: then everything that follows is the rest.
 */
export function createFraming(bodyOf: (head: string) => Body | undefined): Framing {
  let state: State = 'head';
  let text: Buffer[] = [];
  let length = 0;
  /** Bytes of the current line, without its end. */
  let line = 0;
  let left = 0;
  let size = '';

  const afterHead = (head: string): boolean => {
    const body = bodyOf(head) ?? { kind: 'rest' };
    if (body.kind === 'rest') state = 'rest';
    else if (body.kind === 'chunked') state = 'size';
    else if (body.length === 0) return true;
    else [state, left] = ['length', body.length];
    return false;
  };
  const readHead = (chunk: Buffer, from: number): { readonly piece: Piece; readonly to: number } => {
    let to = from;
    let isWhole = false;
    while (to < chunk.length && !isWhole) {
      const byte = chunk[to++];
      if (byte === LINE_FEED) [isWhole, line] = [line === 0 && length + to - from > 2, 0];
      else if (byte !== CARRIAGE_RETURN) line++;
    }
    const bytes = chunk.subarray(from, to);
    const begins = length === 0;
    length += bytes.length;
    if (!isWhole) {
      text.push(bytes);
      if (length > LONGEST_HEAD) state = 'rest';
      return { piece: { bytes, part: 'head', begins, ends: false }, to };
    }
    const head = text.length === 0 ? bytes.toString('latin1') : Buffer.concat([...text, bytes]).toString('latin1');
    [text, length] = [[], 0];
    return { piece: { bytes, part: 'head', begins, head, ends: afterHead(head) }, to };
  };
  /** The end of a stretch of a chunked body; the state tells where it has come to. */
  const readChunked = (chunk: Buffer, from: number): { readonly ends: boolean; readonly to: number } => {
    let to = from;
    while (to < chunk.length) {
      if (state === 'chunk') {
        const taken = Math.min(left, chunk.length - to);
        [to, left] = [to + taken, left - taken];
        if (left === 0) state = 'chunk-end';
        continue;
      }
      const byte = chunk[to++] ?? 0;
      if (byte !== LINE_FEED) {
        if (byte !== CARRIAGE_RETURN) line++;
        if (state === 'size' && size.length < LONGEST_SIZE) size += String.fromCharCode(byte);
        continue;
      }
      const isEmpty = line === 0;
      line = 0;
      if (state === 'trailer' && isEmpty) {
        state = 'head';
        return { ends: true, to };
      }
      if (state === 'chunk-end') state = 'size';
      else if (state === 'size') {
        const digits = /^[0-9a-f]+/i.exec(size)?.[0];
        size = '';
        if (digits === undefined) state = 'rest';
        else {
          left = Number.parseInt(digits, 16);
          state = left === 0 ? 'trailer' : 'chunk';
        }
        if (digits === undefined) return { ends: false, to: chunk.length };
      }
    }
    return { ends: false, to };
  };
  const readBody = (chunk: Buffer, from: number): { readonly piece: Piece; readonly to: number } => {
    let to = chunk.length;
    let ends = false;
    if (state === 'length') {
      to = Math.min(chunk.length, from + left);
      left -= to - from;
      ends = left === 0;
      if (ends) state = 'head';
    } else if (state !== 'rest') {
      ({ ends, to } = readChunked(chunk, from));
    }
    return { piece: { bytes: chunk.subarray(from, to), part: 'body', begins: false, ends }, to };
  };

  return {
    read(chunk) {
      const pieces: Piece[] = [];
      for (let at = 0; at < chunk.length;) {
        const { piece, to } = state === 'head' ? readHead(chunk, at) : readBody(chunk, at);
        pieces.push(piece);
        at = to;
      }
      return pieces;
    },
  };
}
