/** A longer line is skipped: the last event of a response repeats all of it, and is still shorter. */
const MAX_LINE = 2 ** 20;

const FIELD = 'data:';

/**
 * Reads a stream of server-sent events as its bytes come, however they are cut, and tells the text of each line of
 * data. Characters beyond ASCII are told byte by byte: names and numbers are what is looked for. Holds one line.
 */
export function createEventData(onData: (text: string) => void): (chunk: Buffer) => void {
  let line = '';
  let isSkipped = false;
  const add = (part: string): void => {
    if (isSkipped) return;
    isSkipped = line.length + part.length > MAX_LINE;
    line = isSkipped ? '' : line + part;
  };
  const finish = (): void => {
    if (!isSkipped && line.startsWith(FIELD)) onData(line.slice(FIELD.length));
    line = '';
    isSkipped = false;
  };
  return (chunk) => {
    const text = chunk.toString('latin1');
    // Lines end with CR, LF or both; what is empty between the two is no data.
    const ends = /[\r\n]/g;
    let from = 0;
    for (let end = ends.exec(text); end; end = ends.exec(text)) {
      add(text.slice(from, end.index));
      finish();
      from = ends.lastIndex;
    }
    add(text.slice(from));
  };
}
