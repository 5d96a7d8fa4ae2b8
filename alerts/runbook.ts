import type { Service } from '../service/definition/index.ts';
import type { Alert } from './alert.ts';
import { alertsOf } from './table.ts';

const HEADER = `<!-- Generated from the alerts by \`npm run generate\`; a test fails when it is stale. -->

# Runbook

What each alert means and what to do. A **page** wakes somebody now, a **ticket** waits for working hours.
`;

/** The runbook of an environment as Markdown: a section for each alert, whose anchor is the alert's name. */
export function runbook(service: Service): string {
  const scope = `Queries and commands are those of \`${service.environment}\`; elsewhere replace \`${service.namespace}\`.\n`;
  return [HEADER + scope, ...alertsOf(service).map((alert) => section(alert, service))].join('\n');
}

function section({ id, severity, for: pending, summary, runbook, ...alert }: Alert, service: Service): string {
  const looks = Object.entries(runbook.firstLook(service)).map(
    ([question, answer]) => `${question}:\n\n${fenced(answer)}\n`,
  );
  const proof = alert.experiment
    ? `The experiment \`${alert.experiment}\` trips it.`
    : `Only a rule test trips it, since ${String(alert.ruleTestOnly)}.`;
  return [
    `## ${id}\n`,
    `${summary}. A **${severity}**, after ${pending} of:\n`,
    `${fenced(alert.expression(service))}\n`,
    `**Meaning.** ${runbook.meaning}\n`,
    `**Impact.** ${runbook.impact}\n`,
    '### First look\n',
    ...looks,
    '### Fix\n',
    `${runbook.fix.map((step) => `- ${step}`).join('\n')}\n`,
    `Panel \`${alert.panel}\`. ${proof}\n`,
  ].join('\n');
}

function fenced(text: string): string {
  return `\`\`\`${text.startsWith('kubectl ') ? 'sh' : 'promql'}\n${text}\n\`\`\``;
}
