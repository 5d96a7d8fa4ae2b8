import type { Service } from '../service/definition/index.ts';
import { pendingOf, type Alert } from './alert.ts';
import { isCommand } from './first-look.ts';
import { INHIBITIONS, type LabelMatcher } from './inhibition.ts';
import { ALERTS } from './table.ts';

const HEADER = `<!-- Generated from the alerts by \`npm run generate\`; a test fails when it is stale. -->

# Runbook

What each alert means and what to do. A **page** wakes somebody now, a **ticket** waits for working hours, a **release**
goes to the guard alone, and **none** is a heartbeat. An alert that an environment leaves out is here too.
`;

/** The runbook of an environment as Markdown: a section for each alert there is, whose anchor is the alert's name. */
export function runbook(service: Service): string {
  const scope = `Queries and commands are those of \`${service.environment}\`; elsewhere replace \`${service.namespace}\`.\n`;
  return [HEADER + scope, ...(ALERTS as readonly Alert[]).map((alert) => section(alert, service))].join('\n');
}

function section(alert: Alert, service: Service): string {
  const { id, severity, team, summary, runbook, panel, dashboard, experiment, ruleTestOnly } = alert;
  const looks = Object.entries(runbook.firstLook(service)).map(
    ([question, answer]) => `${question}:\n\n${fenced(answer)}\n`,
  );
  const proof = experiment
    ? `The experiment \`${experiment}\` trips it.`
    : `Only a rule test trips it, since ${String(ruleTestOnly)}.`;
  const pending = pendingOf(alert, service);
  return [
    `## ${id}\n`,
    `${summary}. A **${severity}** for the team \`${team}\`, ${pending === '0s' ? 'at the first sight' : `after ${pending}`} of:\n`,
    `${fenced(alert.expression(service))}\n`,
    ...conditions(alert).map((condition) => `Only where ${condition}.\n`),
    ...silencers(id).map((causes) => `Nobody is told of it while ${causes} fires.\n`),
    `**Meaning.** ${runbook.meaning}\n`,
    `**Impact.** ${runbook.impact}\n`,
    '### First look\n',
    ...looks,
    '### Fix\n',
    `${runbook.fix.map((step) => `- ${step}`).join('\n')}\n`,
    `Panel \`${panel}\` of the dashboard \`${dashboard}\`. ${proof}\n`,
  ].join('\n');
}

/** What an environment must have for the alert to be there. */
function conditions({ exporters, only }: Alert): readonly string[] {
  return [...(exporters ? [`${exporters.join(' or ')} is scraped`] : []), ...(only ? [only.where] : [])];
}

/** What silences an alert, as one phrase; nothing where nothing does. */
function silencers(id: string): readonly string[] {
  const causes = INHIBITIONS.filter(({ target }) => namesIn(target).includes(id)).flatMap(({ source }) =>
    namesIn(source),
  );
  return causes.length > 0 ? [[...new Set(causes)].join(' or ')] : [];
}

function namesIn(matchers: readonly LabelMatcher[]): readonly string[] {
  return matchers.find(({ label }) => label === 'alertname')?.value.split('|') ?? [];
}

function fenced(text: string): string {
  return `\`\`\`${isCommand(text) ? 'sh' : 'promql'}\n${text}\n\`\`\``;
}
