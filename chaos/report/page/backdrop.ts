import type { Run } from '../run.ts';
import { html, type Markup } from './markup.ts';
import { rounded, type TimeScale } from './scale.ts';

/** What lies behind every drawing of a run: the band of the fault and the lines of the time axis. */
export function backdrop({ fault }: Run, time: TimeScale): Markup {
  const band = fault && span(time, fault.injectedAt, fault.revertedAt);
  return html`${band && html`<rect class="band" x="${band.x}%" width="${band.width}%" height="100%" />`}${time.ticks.map(
    ({ value }) => html`<line class="grid" x1="${time.at(value)}%" x2="${time.at(value)}%" y2="100%" />`,
  )}${
    band &&
    [band.x, rounded(band.x + band.width)].map((x) => html`<line class="band-edge" x1="${x}%" x2="${x}%" y2="100%" />`)
  }`;
}

/** Where a span of time lies, in percent of the width. */
export function span(time: TimeScale, from: number, to: number): { readonly x: number; readonly width: number } {
  const x = time.at(from);
  return { x, width: rounded(Math.max(0, time.at(to) - x)) };
}
