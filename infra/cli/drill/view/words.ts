import { lengthInWords } from '../../release/times.ts';

/** A time since the start, as wide from the first second to the last hour: `+  12.3s`. */
export function sinceStart(milliseconds: number): string {
  return `+${(Math.max(0, milliseconds) / 1000).toFixed(1).padStart(7)}s`;
}

/** A length of time; below a minute to the tenth of a second. */
export { lengthInWords };

/** Whole seconds that are left, for what counts down. */
export function secondsLeft(milliseconds: number): string {
  return lengthInWords(Math.ceil(Math.max(0, milliseconds) / 1000) * 1000);
}

/** Text from elsewhere on one line, and without what a terminal would obey. */
export function plain(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are what a terminal obeys
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '');
}
