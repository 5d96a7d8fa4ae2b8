import { styleText } from 'node:util';
import type { Screen } from '../desk.ts';
import type { Line } from './lines.ts';

const UP = (lines: number): string => (lines === 0 ? '' : `\u001b[${lines}A`);
const CLEAR_BELOW = '\r\u001b[J';

/** A few lines at the end of a terminal that are drawn again in their place. */
export type Canvas = {
  /** Draws lines over those of the last time. */
  draw(lines: readonly Line[]): void;
  /** Writes text that stays above them. */
  above(text: string): void;
};

/** Draws on a terminal. No line is longer than it is wide, and there are no more than it has rows: neither may wrap or scroll. */
export function createCanvas(screen: Screen, write: (text: string) => void): Canvas {
  let drawn: readonly Line[] = [];
  /** Rows that they take now: a terminal that has become narrower has wrapped them. */
  const height = (): number =>
    drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / Math.max(1, screen.columns()))), 0);
  const shown = (lines: readonly Line[]): string => {
    // One row is for the cursor, which stands below.
    drawn = lines.slice(0, Math.max(1, screen.rows() - 1)).map((line) => cut(line, screen.columns() - 1));
    return drawn.map((line) => `${coloured(line, screen.hasColour)}\n`).join('');
  };
  return {
    draw(lines) {
      const back = UP(height());
      write(back + CLEAR_BELOW + shown(lines));
    },
    above(text) {
      const back = UP(height());
      write(back + CLEAR_BELOW + text + shown(drawn));
    },
  };
}

function widthOf(line: Line): number {
  return line.reduce((sum, { text }) => sum + Array.from(text).length, 0);
}

/** A line of at most so many characters. */
export function cut(line: Line, width: number): Line {
  let left = Math.max(0, width);
  return line.flatMap((piece) => {
    const characters = Array.from(piece.text);
    const text = characters.slice(0, left).join('');
    left = Math.max(0, left - characters.length);
    return text === '' ? [] : [{ ...piece, text }];
  });
}

function coloured(line: Line, hasColour: boolean): string {
  return line
    .map(({ text, style }) => (style && hasColour ? styleText(style, text, { validateStream: false }) : text))
    .join('');
}
