import { isNotable, type ComparedGroup, type ComparedRow, type Comparison } from './comparison.ts';
import { printable } from './page/markup.ts';
import { count, dateTime, many, percent, seconds } from './page/words.ts';

/** As many runs as stand side by side in a terminal; the newest ones. */
const MOST_RUNS = 5;

/**
 * A comparison as text for a terminal: one table per experiment, what changed at the end of its line. What held in every
 * run and has no value is left out.
 */
export function formatComparison({ groups, bad }: Comparison): string {
  const blocks = groups.map(groupText);
  if (groups.length === 0) blocks.push('There is no run to compare.\n');
  if (bad.length > 0) {
    const lines = bad.map(({ problem }) => `  ${plain(problem.replaceAll('\n', ' '))}\n`);
    blocks.push(`${many(bad.length, 'folder')} could not be compared:\n${lines.join('')}`);
  }
  return blocks.join('\n');
}

/** What changed of an assertion, in words; the empty text where nothing did. */
export function changeWords({ change, expected }: ComparedRow): string {
  if (change === 'newly-fails') return 'newly fails';
  if (change !== 'slower' || !expected) return '';
  return `slower: usually ${seconds(expected.usual)}, give or take ${seconds(expected.noise)}`;
}

function groupText(group: ComparedGroup): string {
  const { runs, rows, newlyFails } = group;
  const shown = runs.slice(-MOST_RUNS);
  const lines: (readonly string[])[] = [
    ['', ...shown.map(({ startedAt }) => dateTime(startedAt).slice(0, 16)), ''],
    ['verdict', ...shown.map(({ verdict }) => verdict), newlyFails ? '▲ newly fails' : ''],
    ...rows.filter(isNotable).map((row) => [
      row.title,
      ...row.cells.slice(-MOST_RUNS).map((cell) => {
        if (!cell) return '';
        const words = cell.seconds === undefined ? cell.words : seconds(cell.seconds);
        return { held: words, broke: `✕ ${words}`, skipped: 'skipped' }[cell.outcome];
      }),
      row.change ? `▲ ${changeWords(row)}` : '',
    ]),
    ['requests lost', ...shown.map(({ lost, sent }) => `${count(lost)} of ${count(sent)}`), ''],
    ['error budget used', ...shown.map(({ used }) => percent(used)), ''],
  ];
  const earlier = runs.length - shown.length;
  const more = earlier > 0 ? `, ${many(earlier, 'earlier run')} not shown` : '';
  return `${plain(`${group.experiment}: ${group.how}`)}${more}\n${aligned(lines.map((line) => line.map(plain)))}`;
}

function aligned(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) => `  ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd() + '\n')
    .join('');
}

/** On one line, and without what a terminal would obey. */
function plain(text: string): string {
  return printable(text.replaceAll(/\s+/g, ' '));
}
