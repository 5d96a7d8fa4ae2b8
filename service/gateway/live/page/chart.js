import { DASHES } from './colours.js';
import { inUnit } from './units.js';

/** @import { LiveThreshold } from '../wire.ts' */
/** @import { Stroke } from './colours.js' */

// Loaded by a script of its own: the smallest form of the library is no module.
const { uPlot: Plot } = /** @type {{ uPlot: typeof import('uplot') }} */ (/** @type {unknown} */ (globalThis));

/**
 * @typedef {object} ChartOptions
 * @property {HTMLElement} host what the chart fills
 * @property {string} unit
 * @property {LiveThreshold | undefined} threshold
 * @property {readonly Stroke[]} strokes one for each line
 * @property {number} span seconds that the chart shows
 * @property {Readonly<Record<string, string>>} colours
 * @property {(time: number | undefined) => void} onPoint told where the pointer is; undefined when it has gone
 */

/**
 * @typedef {object} Chart
 * @property {(times: readonly number[], lines: readonly (readonly (number | null)[])[]) => void} draw
 * @property {(time: number | undefined) => void} point draws the cursor at a time
 * @property {() => void} fit takes the size of what it fills
 * @property {() => void} destroy
 */

const FONT = '11px system-ui, sans-serif';
const AXIS_WIDTH = 58;
const AXIS_HEIGHT = 22;
const MINUTES = [60, 120, 300, 600];
const POWERS_OF_TWO = Array.from({ length: 50 }, (_, power) => 2 ** power);
/** What an axis ends at when there is nothing but zero. @type {Readonly<Record<string, number>>} */
const EMPTY_TOP = { percentunit: 0.1, s: 0.1, bytes: 1024 };
const NOWHERE = -10;
/** Share of the time axis at each end where there is no room for half a label. */
const EDGE_SHARE = 0.06;
/** Seconds that a chart shows at least. */
const LEAST_SPAN = 120;

/**
 * Draws the lines of one panel.
 * @param {ChartOptions} options
 * @returns {Chart}
 */
export function createChart({ host, unit, threshold, strokes, span, colours, onPoint }) {
  const ignored = () => null;
  const axis = {
    font: FONT,
    stroke: colours.muted ?? 'currentColor',
    grid: { stroke: colours.grid ?? 'currentColor', width: 1 },
    ticks: { show: false },
  };
  const plot = new Plot(
    {
      width: Math.max(1, host.clientWidth),
      height: Math.max(1, host.clientHeight),
      padding: [8, 6, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: false, y: false },
        points: { size: 7 },
        // The pointer is followed below, for all charts at once.
        bind: {
          mousedown: ignored,
          mouseup: ignored,
          mousemove: ignored,
          mouseenter: ignored,
          mouseleave: ignored,
          dblclick: ignored,
        },
      },
      scales: {
        x: { time: true, range: (_plot, from, to) => timesFrom(from, to, span) },
        y: { range: (_plot, _low, high) => [0, topOf(high, unit, threshold)] },
      },
      axes: [
        {
          ...axis,
          size: AXIS_HEIGHT,
          gap: 3,
          space: 56,
          incrs: MINUTES,
          values: (drawn, splits) => splits.map((at) => (isAtEdge(drawn, at) ? '' : minute(at))),
        },
        {
          ...axis,
          size: AXIS_WIDTH,
          gap: 4,
          space: 26,
          ...(unit === 'bytes' && { incrs: POWERS_OF_TWO }),
          values: (_plot, splits) => splits.map((value) => inUnit(value, unit)),
        },
      ],
      series: [
        {},
        ...strokes.map(({ colour, dash }) => ({
          stroke: colours[colour] ?? 'currentColor',
          width: 1.75,
          dash: [...(DASHES[dash] ?? [])],
          spanGaps: false,
          points: { size: 4 },
          // One line alone may be filled; several would hide each other.
          ...(strokes.length === 1 && { fill: faint(colours[colour]) }),
        })),
      ],
      hooks: { draw: [(drawn) => drawThreshold(drawn, threshold, colours.bad)] },
    },
    [[], ...strokes.map(() => [])],
    host,
  );
  const { over } = plot;
  over.addEventListener('pointermove', ({ clientX }) => {
    const left = clientX - over.getBoundingClientRect().left;
    onPoint(plot.data[0][plot.posToIdx(left)]);
  });
  over.addEventListener('pointerleave', () => onPoint(undefined));
  return {
    draw: (times, lines) => plot.setData([[...times], ...lines.map((line) => [...line])]),
    point(time) {
      const left = time === undefined ? NOWHERE : plot.valToPos(time, 'x');
      plot.setCursor({ left, top: time === undefined ? NOWHERE : 0 }, false);
    },
    fit: () => plot.setSize({ width: Math.max(1, host.clientWidth), height: Math.max(1, host.clientHeight) }),
    destroy: () => plot.destroy(),
  };
}

/**
 * All that is kept once there is so much; before that what there is, and no less than two minutes.
 * @param {number | null} from
 * @param {number | null} to
 * @param {number} span
 * @returns {[number, number]}
 */
function timesFrom(from, to, span) {
  const end = to ?? 0;
  return [Math.max(end - span, Math.min(from ?? end, end - LEAST_SPAN)), end];
}

/**
 * Where the axis ends: above the highest value, and above the threshold where that is not far above.
 * @param {number | null} high
 * @param {string} unit
 * @param {LiveThreshold | undefined} threshold
 */
function topOf(high, unit, threshold) {
  const highest = high ?? 0;
  const line = threshold && threshold.value < highest * 4 ? threshold.value : 0;
  if (highest <= 0) return threshold ? threshold.value * 1.5 : (EMPTY_TOP[unit] ?? 1);
  return Math.max(highest, line) * 1.12;
}

/**
 * @param {import('uplot')} plot
 * @param {LiveThreshold | undefined} threshold
 * @param {string | undefined} colour
 */
function drawThreshold(plot, threshold, colour = 'currentColor') {
  if (!threshold) return;
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(threshold.value, 'y', true));
  if (y < bbox.top || y > bbox.top + bbox.height) return;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

/** @param {string | undefined} colour as `rgb(...)` */
function faint(colour) {
  return (colour ?? 'rgb(0, 0, 0)').replace(/^rgb\((.*)\)$/, 'rgba($1, 0.12)');
}

/**
 * Whether a label in the middle below a time would be cut off by the end of the axis, or stand in the other axis.
 * @param {import('uplot')} plot
 * @param {number} at
 */
function isAtEdge(plot, at) {
  const { min = 0, max = 0 } = plot.scales.x ?? {};
  return Math.min(at - min, max - at) < (max - min) * EDGE_SHARE;
}

/** @param {number} at seconds since 1970 */
function minute(at) {
  const time = new Date(at * 1000);
  return `${String(time.getHours()).padStart(2, '0')}:${String(time.getMinutes()).padStart(2, '0')}`;
}
