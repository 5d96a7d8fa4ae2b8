import { element, setText } from './dom.js';
import { clock } from './units.js';

/** @import { LiveCondition } from '../wire.ts' */

/** What a grade is called, beside its colour. */
const GRADES = { bad: 'bad', warning: 'warning' };

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
    const kept = new Map([...root.querySelectorAll('tr[data-id]')].map((row) => [row.getAttribute('data-id'), row]));
    const rows = conditions.map((condition) => {
      const known = kept.get(condition.id);
      const cell = known?.querySelector('.words');
      if (known && cell) setText(cell, condition.words);
      return known ?? rowOf(condition, titles.get(condition.panel) ?? condition.panel);
    });
    const body = element('tbody');
    body.append(...rows);
    const head = element('tr');
    for (const title of ['Grade', 'What', 'Since', 'Panel']) head.append(element('th', { scope: 'col' }, title));
    root.replaceChildren(element('table', {}, element('thead', { class: 'unseen' }, head), body));
  };
}

/**
 * @param {LiveCondition} condition
 * @param {string} title
 */
function rowOf({ id, grade, words, panel, since }, title) {
  return element(
    'tr',
    { 'data-id': id, 'data-grade': grade },
    element('td', { class: 'grade' }, GRADES[grade]),
    element('td', { class: 'words' }, words),
    element('td', { class: 'since' }, `since ${clock(since)}`),
    element('td', { class: 'where' }, element('a', { href: `#panel-${panel}` }, title)),
  );
}
