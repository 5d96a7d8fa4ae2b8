import type { DrillDesk, Screen } from '../../../infra/cli/drill/desk.ts';

/** A desk that keeps what is told at it. */
export type RecordingDesk = DrillDesk & {
  readonly told: { out: string; err: string };
  /** As Ctrl-C does. */
  readonly breakOff: () => void;
};

/** Makes one, at a terminal or not, whose clock is the caller's. */
export function recordingDesk({
  screen,
  now = () => 0,
}: { readonly screen?: Screen; readonly now?: () => number } = {}): RecordingDesk {
  const told = { out: '', err: '' };
  const broken = new AbortController();
  return {
    told,
    breakOff: () => broken.abort(),
    out: (text) => void (told.out += text),
    err: (text) => void (told.err += text),
    ...(screen && { screen }),
    broken: broken.signal,
    now,
  };
}
