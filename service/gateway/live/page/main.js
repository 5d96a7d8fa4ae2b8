import { readColours } from './colours.js';
import { createConditions } from './conditions.js';
import { createCursor } from './cursor.js';
import { element, requireElement, setText } from './dom.js';
import { createCard } from './panel.js';
import { poll } from './poll.js';
import { createHistory } from './series.js';
import { showStage, showState } from './state.js';
import { switchTheme } from './theme-switch.js';
import { clock, span } from './units.js';

/** @import { LiveAbout, LiveReply } from '../wire.ts' */
/** @import { Card } from './panel.js' */

/** @type {{ readonly about: LiveAbout, readonly start: number, readonly cards: readonly Card[], readonly titles: ReadonlyMap<string, string>, readonly history: import('./series.js').History } | undefined} */
let page;
let colours = readColours();
const cursor = createCursor();
const showConditions = createConditions(requireElement('conditions'));
const gone = requireElement('gone');
const spoken = requireElement('spoken');

const { resume } = poll({
  since: () => page?.history.times.at(-1),
  isHidden: () => document.hidden,
  onReply: show,
  onGone(since) {
    setText(
      gone,
      `The gateway does not answer since ${since.toLocaleTimeString('en-GB')}. What stands here is from then; this page goes on asking.`,
    );
    gone.hidden = false;
    showStage('gone');
  },
});
document.addEventListener('visibilitychange', resume);
switchTheme(requireElement('theme'), () => {
  colours = readColours();
  for (const card of page?.cards ?? []) card.restyle();
});
cursor.onChange(showTime);

/** @param {LiveReply} reply */
function show(reply) {
  gone.hidden = true;
  if (reply.about) {
    // Another release may have other panels and other files: the page begins anew.
    if (page && JSON.stringify(page.about) !== JSON.stringify(reply.about)) return location.reload();
    page = { ...(page ?? build(reply.about, reply.interval)), start: reply.start };
  } else if (reply.start !== page?.start) {
    if (page) page.history.forget();
    return resume();
  }
  page.history.add(reply);
  showHeader(page.about, reply);
  showState(reply.state);
  showConditions(reply.conditions, page.titles);
  for (const card of page.cards) card.update();
  showTime();
}

/**
 * @param {LiveAbout} about
 * @param {number} interval
 */
function build(about, interval) {
  const history = createHistory(about.kept / interval);
  const shared = {
    history,
    cursor,
    colours: () => colours,
    span: about.kept,
    speak: (/** @type {string} */ words) => setText(spoken, words),
  };
  /** @type {Card[]} */
  const cards = [];
  const sections = about.rows.map(({ title, panels }, index) => {
    const made = panels.map((panel) => createCard(panel, shared));
    cards.push(...made);
    const grid = element('div', { class: 'grid' }, ...made.map(({ root }) => root));
    return element(
      'section',
      { class: 'row', 'aria-labelledby': `row-${index}` },
      element('h2', { id: `row-${index}` }, title),
      grid,
    );
  });
  requireElement('charts').replaceChildren(...sections);
  requireElement('rows').replaceChildren(
    ...about.rows.map(({ title }, index) => element('a', { href: `#row-${index}` }, title)),
  );
  setText(requireElement('service'), `${about.service} ${about.environment}`);
  setText(
    requireElement('about'),
    `Drawn from the numbers of this pod alone, one point every ${interval} s, kept for ${about.kept / 60} min; rates look ${about.window} s back.`,
  );
  const titles = new Map(about.rows.flatMap(({ panels }) => panels.map(({ id, title }) => [id, title])));
  return { about, start: 0, cards, titles, history };
}

/**
 * @param {LiveAbout} about
 * @param {LiveReply} reply
 */
function showHeader(about, { state, conditions }) {
  showStage(state.stage);
  const { alive, wanted, restarts } = state.workers;
  const facts = [
    ['version', `${about.version} (${about.commit.slice(0, 7)})`],
    ['pod', about.pod],
    ['up', span(state.uptime)],
    ['workers', `${alive} of ${wanted}${restarts > 0 ? `, ${restarts} ended` : ''}`],
    ['log', state.logLevel],
  ];
  const list = requireElement('facts');
  if (list.childElementCount === 0)
    for (const [name = ''] of facts)
      list.append(element('div', {}, element('dt', {}, name), element('dd', { 'data-fact': name })));
  list.querySelectorAll('dd').forEach((value, index) => setText(value, facts[index]?.[1] ?? ''));
  const count = conditions.length > 0 ? `(${conditions.length}) ` : '';
  document.title = `${count}${about.service} ${about.environment}`;
}

function showTime() {
  const at = cursor.time ?? page?.history.times.at(-1);
  setText(requireElement('when'), cursor.time === undefined ? 'last point' : 'cursor at');
  setText(requireElement('at'), at === undefined ? '--:--:--' : clock(at));
}
