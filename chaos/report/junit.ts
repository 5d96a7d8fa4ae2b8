import { xml, type Markup } from './page/markup.ts';
import type { Assertion, Run } from './run.ts';

/**
 * Runs as JUnit XML, as the readers of Jenkins, GitLab and GitHub take it: one suite per run, one case per assertion. A
 * run that was broken off has one more case, an error: no assertion need have broken, and it must not look green.
 */
export function junit(runs: readonly Run[]): string {
  const totals = COUNTED.map(
    (field) => [field, String(runs.reduce((sum, run) => sum + countsOf(run)[field], 0))] as const,
  );
  const time = runs.reduce((sum, { startedAt, endedAt }) => sum + endedAt - startedAt, 0);
  const { markup } = xml`<testsuites${attributes([['name', 'drills'], ...totals, ['time', inSeconds(time)]])}>
${runs.map(suite)}</testsuites>
`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${markup}`;
}

const COUNTED = ['tests', 'failures', 'errors', 'skipped'] as const;

function countsOf({ assertions, verdict }: Run): Readonly<Record<(typeof COUNTED)[number], number>> {
  const having = (outcome: Assertion['outcome']) => assertions.filter((each) => each.outcome === outcome).length;
  const errors = verdict === 'aborted' ? 1 : 0;
  return { tests: assertions.length + errors, failures: having('broke'), errors, skipped: having('skipped') };
}

function suite(run: Run): Markup {
  const { experiment, environment, startedAt, endedAt, verdict, assertions, reason } = run;
  const head = attributes([
    ['name', experiment],
    ['hostname', environment],
    // The schema of Jenkins knows no zone and no fraction; it is UTC.
    ['timestamp', new Date(startedAt).toISOString().slice(0, 19)],
    ...COUNTED.map((field) => [field, String(countsOf(run)[field])] as const),
    ['time', inSeconds(endedAt - startedAt)],
  ]);
  return xml`  <testsuite${head}>
    <properties>
${properties(run)}    </properties>
${assertions.map((assertion) => assertionCase(run, assertion))}${verdict === 'aborted' && abortedCase(run)}    <system-out>${reason}</system-out>
  </testsuite>
`;
}

function properties(run: Run): readonly Markup[] {
  const { id, verdict, target, namespace, pace, means, seed, without, repeat } = run;
  const values = { run: id, verdict, target, namespace, pace, means, seed: String(seed), without, repeat };
  return Object.entries(values).map(([name, value]) =>
    value === undefined
      ? xml``
      : xml`      <property${attributes([
          ['name', name],
          ['value', value],
        ])}/>
`,
  );
}

function assertionCase(run: Run, { id, title, kind, outcome, measured, allowed, reason }: Assertion): Markup {
  const words = `measured ${measured}, allowed ${allowed}`;
  const { at = 0, from = 0 } = run.timeline.find((entry) => entry.id === id && entry.at !== undefined) ?? {};
  const children = {
    held: undefined,
    skipped: xml`<skipped${attributes([['message', reason ?? 'no reason was given']])}/>`,
    broke: xml`<failure${attributes([
      ['message', words],
      ['type', kind],
    ])}>${`${title}: ${words}`}</failure>`,
  }[outcome];
  return testCase(run, `${id}: ${title}`, at - from, children);
}

function abortedCase(run: Run): Markup {
  const { reason } = run;
  const head = attributes([
    ['message', reason],
    ['type', 'aborted'],
  ]);
  return testCase(run, 'the drill ran to its end', 0, xml`<error${head}>${reason}</error>`);
}

/** Readers make a tree of the dots in the name of the class. */
function testCase({ experiment, without }: Run, name: string, milliseconds: number, child?: Markup): Markup {
  const head = attributes([
    ['name', name],
    ['classname', `drill.${experiment}${without === undefined ? '' : ` without ${without}`}`],
    ['time', inSeconds(milliseconds)],
  ]);
  return child === undefined
    ? xml`    <testcase${head}/>\n`
    : xml`    <testcase${head}>
      ${child}
    </testcase>
`;
}

/** A reader may turn the end of a line in an attribute into a space; so that nothing depends on it, it is one here. */
function attributes(pairs: readonly (readonly [string, string])[]): readonly Markup[] {
  return pairs.map(([name, value]) => xml` ${name}="${value.replaceAll(/\s+/g, ' ')}"`);
}

function inSeconds(milliseconds: number): string {
  return (Math.max(0, milliseconds) / 1000).toFixed(3);
}
