import type { MeansId } from '../../experiment.ts';
import type { Run } from '../run.ts';
import { html, type Markup } from './markup.ts';
import { dateTime, seconds } from './words.ts';

const MEANS: Readonly<Record<MeansId, string>> = {
  local: 'programs of this machine',
  kubernetes: 'what Kubernetes has',
  chaosMesh: 'Chaos Mesh',
};

/** Under what conditions the run took place: the fault, where, with what, and what it found. */
export function conditions(run: Run): Markup {
  const { fault } = run;
  const facts: Readonly<Record<string, string | undefined>> = {
    Fault: fault?.title ?? 'never injected',
    ...(fault && {
      'Injected, UTC': dateTime(fault.injectedAt),
      'Taken back, UTC': `${dateTime(fault.revertedAt)}, after ${seconds((fault.revertedAt - fault.injectedAt) / 1000)}`,
    }),
    'Blast radius': run.blastRadius,
    'Done by': MEANS[run.means],
    Target: run.target === 'local' ? 'local, the programs of one machine' : 'a cluster',
    Environment: run.environment,
    Namespace: run.namespace,
    Pace: run.pace === 'full' ? 'full: rules and deadlines as in use' : 'quick: windows and deadlines shortened',
    'Switched off': run.without ?? 'nothing',
    'Began, UTC': dateTime(run.startedAt),
    'Ended, UTC': `${dateTime(run.endedAt)}, after ${seconds((run.endedAt - run.startedAt) / 1000)}`,
    Seed: String(run.seed),
  };
  return html`<dl class="facts">
    ${Object.entries(facts).map(
      ([name, value]) =>
        html` <div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
    <div>
      <dt>Faults found before the start</dt>
      <dd>
        ${
          run.leftovers.length === 0
            ? 'none'
            : html`<ul>
                ${run.leftovers.map((each) => html`<li>${each}</li>`)}
              </ul>`
        }
      </dd>
    </div>
  </dl>`;
}

/** What ran, by name and version. */
export function versions({ versions: all }: Run): Markup {
  const rows = Object.entries(all);
  if (rows.length === 0) return html`<p class="none">No version is known.</p>`;
  return html`<table>
    <thead>
      <tr>
        <th scope="col">Program</th>
        <th scope="col">Version</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ([name, version]) =>
          html` <tr>
            <th scope="row">${name}</th>
            <td><code>${version}</code></td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
