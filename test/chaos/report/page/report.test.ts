import { describe, expect, test } from '@jest/globals';
import { reportHtml, type Run } from '../../../../chaos/report/index.ts';
import { abortedRun, BEGAN, failedRun, neverInjectedRun, passedRun } from '../runs.ts';

/** What a reader without eyes gets: the text of the page, its spaces folded. */
function wordsOf(run: Run): string {
  const body = reportHtml(run).replace(/^[^]*<body>/, '');
  return body
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&#39;', "'");
}

function headings(run: Run): readonly string[] {
  return [...reportHtml(run).matchAll(/<h([1-3])[^>]*>([^<]*)</g)].map(([, level = '', text = '']) => level + text);
}

describe('the page of a run', () => {
  test('says first what was believed and whether it held, then shows what happened, and ends with how to repeat it', () => {
    expect(headings(passedRun())).toEqual([
      '1upstream-slow',
      '2What happened, and by when it had to',
      '3Requests',
      '3Time to answer',
      '3Breakers',
      '3Alerts',
      '2What had to hold',
      '2Requests by lane',
      '2Error budget',
      '2Conditions',
      '2Do it again',
      '2Versions',
    ]);
    const words = wordsOf(passedRun());
    expect(words).toMatch(/Passed upstream-slow What was believed When the upstream .* It held All five links/);
    expect(words).toContain('Assertions held 12 of 12 1 skipped');
    expect(words).toContain('Requests lost 0 of 9,674');
    expect(words).toContain('All was well again 82.1 s after the fault');
    expect(words).toContain('npx sluice drill --experiment upstream-slow --seed 42 --out drills');
    expect(words).toContain('Seed 42');
    expect(words).toContain('Faults found before the start none');
  });

  test('names what broke, by how much, and what was switched off', () => {
    const words = wordsOf(failedRun());
    expect(words).toMatch(/Failed upstream-slow .* It did not hold The breaker upstream-critical did not open/);
    expect(words).toContain('What broke ▲ The breaker upstream-critical opens breaker-opens never; allowed: 30 s');
    expect(words).toContain(
      'Requests of the critical lane that were lost lost-critical 318 of 9,214; allowed: at most 0',
    );
    expect(words).toContain('A protection was switched off for this run: the breaker of the upstream.');
  });

  test('shows of each link whether it was in time, late, never or not asked for', () => {
    const courses = (run: Run) =>
      [...reportHtml(run).matchAll(/class="row" data-course="(\w+)"/g)].map(([, each]) => each);
    expect(courses(passedRun())).toEqual(['held', 'held', 'held', 'held', 'held']);
    expect(courses(failedRun())).toEqual(['never', 'late', 'skipped', 'held', 'held']);
    expect(courses(abortedRun())).toEqual(['held', 'skipped', 'held', 'skipped', 'skipped']);
    expect(wordsOf(failedRun())).toContain('▲ 104.5 s 14.5 s late');
  });

  test('says of a run that was broken off that the fault was taken back, and which faults it found', () => {
    const words = wordsOf(abortedRun());
    expect(words).toMatch(/Aborted .* It was broken off, and the fault taken back More than 20 % /);
    expect(words).toContain('1 fault of an earlier drill was found before the start and taken back: a fault proxy');
  });

  test('reads well of a run that injected nothing', () => {
    const words = wordsOf(neverInjectedRun());
    expect(words).toContain('It was broken off before anything was injected The steady state did not hold');
    expect(words).toContain('The run ended before there was anything to see.');
    expect(words).toContain('No request was sent.');
    expect(words).toContain('No request counted');
    expect(words).toContain('Fault never injected');
    expect(words).not.toMatch(/NaN|undefined|Infinity|null/);
  });

  test('draws lines where there were values, and nothing in a gap', () => {
    const points = [1, 2, null, 4].map((value, index) => [BEGAN + index * 1000, value] as const);
    const html = reportHtml(passedRun({ series: [{ id: 'p99', title: 'P99', unit: 'seconds', points }] }));
    const [, path = ''] = /class="line"[^>]*d="([^"]*)"/.exec(html) ?? [];
    expect(path.match(/M/g)).toHaveLength(2);
    expect(path.match(/L/g)).toHaveLength(1);
  });

  test('names breakers and alerts of which nothing happened instead of drawing them', () => {
    const words = wordsOf(passedRun());
    expect(words).toContain('Alerts that stayed silent: GatewayErrorsHigh and GatewayDown.');
    expect(words).toContain('open 102 s');
    expect(words).toContain('firing 108 s');
  });

  test('names series that stayed at 0 instead of drawing them', () => {
    const run = passedRun();
    const series = run.series.map((each) =>
      each.id === 'failed' ? { ...each, points: each.points.map(([at]) => [at, 0] as const) } : each,
    );
    expect(wordsOf({ ...run, series })).toContain('Stayed at 0: failed at first.');
  });

  test('marks an alert that fired although it had to stay silent', () => {
    const run = passedRun();
    const assertions = run.assertions.map((each) =>
      each.id === 'silent-GatewayDown' ? { ...each, outcome: 'broke' as const, measured: 'fired' } : each,
    );
    const series = run.series.map((each) =>
      each.id === 'alert-GatewayDown' ? { ...each, points: each.points.map(([at]) => [at, 1] as const) } : each,
    );
    expect(reportHtml({ ...run, verdict: 'failed', assertions, series })).toMatch(
      /<li class="row state" data-wrong="true">\s*<span class="name">GatewayDown</,
    );
  });
});

describe('whatever the run holds', () => {
  const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(1)>'&amp;\u202e</style></title>`;

  test('is text, never markup', () => {
    const hostile = (value: unknown): unknown =>
      typeof value === 'string'
        ? HOSTILE
        : Array.isArray(value)
          ? value.map(hostile)
          : typeof value === 'object' && value !== null
            ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hostile(inner)]))
            : value;
    const run = failedRun({ leftovers: ['x'] });
    const keep = { target: run.target, pace: run.pace, means: run.means, verdict: run.verdict };
    const html = reportHtml({
      ...(hostile(run) as Run),
      ...keep,
      versions: { [HOSTILE]: HOSTILE },
      phases: run.phases,
      assertions: run.assertions.map((each) => ({
        ...(hostile(each) as typeof each),
        kind: each.kind,
        outcome: each.outcome,
      })),
      lanes: run.lanes.map((each) => ({ ...each, lane: HOSTILE, reasons: { [HOSTILE]: 3 } })),
      series: run.series.map((each) => ({ ...each, title: HOSTILE, id: `${each.id}${HOSTILE}` })),
    });
    expect(html).not.toMatch(/<script|<img|onerror=alert\(1\)>/);
    expect(html).not.toContain('\u202e');
    expect(html.match(/<\/title>/g)).toHaveLength(html.match(/<title/g)?.length ?? 0);
    expect(html.match(/<\/style>/g)).toHaveLength(1);
  });

  test('needs nothing from elsewhere, and may run nothing', () => {
    const html = reportHtml(passedRun());
    expect(html).not.toMatch(/<script|<link|<img|@import|url\(|https?:|\son\w+=|style="/);
    expect(html).toMatch(
      /<meta\s+http-equiv="content-security-policy"\s+content="default-src &#39;none&#39;; style-src &#39;sha256-[\w+/=]{44}&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"/,
    );
  });

  test('of ten thousand points a series makes a page below two megabytes that keeps every peak', () => {
    const run = passedRun();
    const points = Array.from(
      { length: 10_000 },
      (_, index) => [BEGAN + index * 23, index === 4321 ? 90 : Math.sin(index) + 2] as const,
    );
    const series = run.series.map((each) => ({ ...each, points }));
    const html = reportHtml({ ...run, series });
    expect(Buffer.byteLength(html)).toBeLessThan(2_000_000);
    const paths = [...html.matchAll(/class="line"[^>]*d="([^"]*)"/g)].map(([, path = '']) => path);
    expect(paths.length).toBeGreaterThan(3);
    for (const path of paths) expect(path).toMatch(/ 3\d(?:\.\d+)?L/);
  });
});
