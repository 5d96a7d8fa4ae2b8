import { element, setText } from './dom.js';
import { clock } from './units.js';

/** @import { LiveCondition } from '../wire.ts' */

/**
 * The table of what is not as it should be.
 * @param {HTMLElement} root
 * @returns {(conditions: readonly LiveCondition[], titles: ReadonlyMap<string, string>) => void} shows these
 */
export function createConditions(root) {
  let told = '';
  return (conditions, titles) => {
    // What is the same stays as it is: whoever is about to follow a link keeps it.
    const words = JSON.stringify(conditions);
    if (words === told) return;
    told = words;
    root.dataset.firing = String(conditions.length > 0);
    if (conditions.length === 0) {
      root.replaceChildren(
        element(
          'p',
          { class: 'calm' },
          'Nothing is wrong: no line is crossed, every breaker is closed, no lane is full.',
        ),
      );
      return;
    }
    const known = [...root.querySelectorAll('tr[data-id]')];
    const isSame = conditions.map(({ id }) => id).join() === known.map((row) => row.getAttribute('data-id')).join();
    const rows = isSame ? known : conditions.map((each) => rowOf(each, titles.get(each.panel) ?? each.panel));
    conditions.forEach(({ words: what, since }, index) => {
      for (const [part, text] of Object.entries({ words: what, since: `since ${clock(since)}` })) {
        const cell = rows[index]?.querySelector(`.${part}`);
        if (cell) setText(cell, text);
      }
    });
    if (isSame) return;
    const body = element('tbody');
    body.append(...rows);
    const head = element('tr');
    for (const title of ['Grade', 'What', 'Since', 'Panel']) head.append(element('th', { scope: 'col' }, title));
    root.replaceChildren(element('table', {}, element('thead', { class: 'unseen' }, head), body));
  };
}

/**
 * A row without what may change in it.
 * @param {LiveCondition} condition
 * @param {string} title
 */
function rowOf({ id, grade, panel }, title) {
  return element(
    'tr',
    { 'data-id': id, 'data-grade': grade },
    element('td', { class: 'grade' }, grade),
    element('td', { class: 'words' }),
    element('td', { class: 'since' }),
    element('td', { class: 'where' }, element('a', { href: `#panel-${panel}` }, title)),
  );
}
