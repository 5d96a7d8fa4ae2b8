import { element, requireElement, setText } from './dom.js';

/** @import { LiveBreaker, LiveLane, LiveState } from '../wire.ts' */

/** How a state of a breaker is called and marked. */
const BREAKER_STATES = {
  open: { mark: '○', words: 'open' },
  'half-open': { mark: '◐', words: 'half-open' },
  closed: { mark: '●', words: 'closed' },
};

/**
 * Shows lanes, breakers and limits.
 * @param {LiveState} state
 */
export function showState({ lanes, breakers, limits }) {
  replace('lanes', lanes.map(laneOf));
  replace('breakers', breakers.map(breakerOf));
  const head = element('tr');
  for (const title of ['Limit', 'Whom it counts', 'Rule', 'Refused in the last minute'])
    head.append(element('th', { scope: 'col' }, title));
  const body = element('tbody');
  body.append(
    ...limits.map(({ limit, of, rule, shadow, denied }) =>
      element(
        'tr',
        { 'data-denied': String(denied > 0) },
        element('th', { scope: 'row' }, limit),
        element('td', {}, of),
        element('td', {}, shadow ? `${rule}, in shadow: refuses nothing` : rule),
        element('td', { class: 'number' }, String(Math.round(denied))),
      ),
    ),
  );
  replace('limits', [element('table', {}, element('thead', {}, head), body)]);
}

/** @param {LiveLane} lane */
function laneOf({ lane, working, limit, waiting }) {
  const share = limit > 0 ? Math.min(1, working / limit) : 0;
  const bar = element('span', { class: 'bar', 'aria-hidden': 'true' }, element('span'));
  /** @type {HTMLElement} */ (bar.firstElementChild).style.width = `${(share * 100).toFixed(1)}%`;
  return element(
    'div',
    { class: 'chip lane', 'data-state': share >= 0.999 ? 'open' : share > 0.8 ? 'half-open' : 'closed' },
    element('b', {}, `lane ${lane}`),
    bar,
    element('span', { class: 'number' }, `${working} of ${limit}${waiting > 0 ? `, ${waiting} wait` : ''}`),
  );
}

/** @param {LiveBreaker} breaker */
function breakerOf({ name, closed, halfOpen, open, calls, failures }) {
  const state = open > 0 ? 'open' : halfOpen > 0 ? 'half-open' : 'closed';
  const workers = closed + halfOpen + open;
  const many = state === 'closed' ? '' : ` in ${open + halfOpen} of ${workers}`;
  const { mark, words } = BREAKER_STATES[state];
  return element(
    'div',
    {
      class: 'chip',
      'data-state': state,
      title: `Workers where it is not closed: ${open + halfOpen} of ${workers}; of the last ${calls} calls ${failures} failed`,
    },
    element('span', { class: 'mark', 'aria-hidden': 'true' }, mark),
    element('b', {}, name),
    element('span', {}, `${words}${many}`),
  );
}

/** @type {Map<string, string>} */
const told = new Map();

/**
 * Puts children in place of others, unless they say the same.
 * @param {string} id
 * @param {readonly HTMLElement[]} children
 */
function replace(id, children) {
  const text = children.map(({ outerHTML }) => outerHTML).join('');
  if (told.get(id) === text) return;
  told.set(id, text);
  requireElement(id).replaceChildren(...children);
}

/**
 * Shows the stage; `gone` while the gateway does not answer.
 * @param {LiveState['stage'] | 'gone'} stage
 */
export function showStage(stage) {
  const pill = requireElement('stage');
  pill.dataset.stage = stage;
  setText(pill, stage === 'gone' ? 'no answer' : stage);
}
