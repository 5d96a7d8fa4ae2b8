import { setText } from './dom.js';

/** What the switch offers, in turn. */
const THEMES = ['system', 'light', 'dark'];

/**
 * Makes a button change the theme and remember it in this browser.
 * @param {HTMLElement} button
 * @param {() => void} onChange told after each change, also of the system's
 */
export function switchTheme(button, onChange) {
  const root = document.documentElement;
  const current = () => root.dataset.theme ?? 'system';
  const show = () => setText(button, `Theme: ${current()}`);
  button.addEventListener('click', () => {
    const next = THEMES[(THEMES.indexOf(current()) + 1) % THEMES.length] ?? 'system';
    if (next === 'system') delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      localStorage.setItem('theme', next);
    } catch {
      // A browser that keeps nothing for this page forgets the choice when the page is closed.
    }
    show();
    onChange();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', onChange);
  show();
}
