import type { DrillEvent } from '../../../../chaos/drill/events.ts';
import type { DrillDesk } from '../desk.ts';
import { createCanvas } from './draw.ts';
import { linesOf } from './lines.ts';
import { plainLines } from './plain.ts';
import { firstState, nextState } from './state.ts';
import { plain, sinceStart } from './words.ts';

/** What somebody who looks on sees of one run. */
export type View = {
  readonly onEvent: (event: DrillEvent) => void;
  /** A line of progress beside the events. */
  readonly say: (line: string) => void;
  /** No more is drawn; what was stays. */
  readonly close: () => void;
};

/** How often a live view is drawn, in milliseconds: deadlines count down also while nothing happens. */
const DRAW_EVERY = 250;

/** A view of a run: drawn in place on a terminal, else line by line. */
export function openView(experiment: string, { screen, err, now }: DrillDesk): View {
  const startedAt = now();
  if (!screen) {
    const linesOfEvent = plainLines(startedAt);
    return {
      onEvent: (event) => linesOfEvent(event).forEach((line) => err(line)),
      say: (line) => err(`${sinceStart(now() - startedAt)}  ${plain(line)}\n`),
      close: () => undefined,
    };
  }
  let state = firstState(experiment, startedAt);
  const canvas = createCanvas(screen, err);
  const draw = (): void => canvas.draw(linesOf(state, now()));
  const timer = setInterval(draw, DRAW_EVERY);
  draw();
  return {
    onEvent(event) {
      state = nextState(state, event);
      if (event.kind === 'leftover')
        canvas.above(`left of an earlier drill, and taken back: ${plain(event.leftover)}\n`);
    },
    say: (line) => canvas.above(`${plain(line)}\n`),
    close() {
      clearInterval(timer);
      draw();
    },
  };
}
