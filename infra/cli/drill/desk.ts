import { EXIT } from '../errors.ts';
import { keepOnUnread } from '../output.ts';

/** A terminal that is drawn on. */
export type Screen = {
  readonly columns: () => number;
  readonly rows: () => number;
  readonly hasColour: boolean;
};

/** What a drill works with on this side. */
export type DrillDesk = {
  /** Results. */
  readonly out: (text: string) => void;
  /** Progress and warnings. */
  readonly err: (text: string) => void;
  /** Where `err` goes to; absent: no terminal. */
  readonly screen?: Screen;
  /** Aborts when somebody breaks off. */
  readonly broken: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** Ctrl-C, the end of the process, and the end of its terminal. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Where nothing tells how large a terminal is. */
const USUAL = { columns: 80, rows: 24 } as const;

/** The desk of this process. The first signal takes the fault back, and the second one ends the process at once. */
export function processDesk(): DrillDesk {
  keepOnUnread();
  const { stdout, stderr } = process;
  const err = (text: string): void => void stderr.write(text);
  const broken = new AbortController();
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (broken.signal.aborted) process.exit(EXIT.aborted);
      broken.abort();
    });
  }
  return {
    out: (text) => void stdout.write(text),
    err,
    // What cannot move its cursor, as in CI, gets lines.
    ...(stderr.isTTY &&
      process.env.TERM !== 'dumb' && {
        screen: {
          columns: () => stderr.columns || USUAL.columns,
          rows: () => stderr.rows || USUAL.rows,
          hasColour: stderr.hasColors(),
        },
      }),
    broken: broken.signal,
    now: Date.now,
  };
}
