import type { Service } from '../service/definition/index.ts';
import { checkService, formatFindings, type Finding } from './invariants/index.ts';
import { synthesize, type Synthesis } from './synth/index.ts';

/** Environments in which an invariant does not hold; the message has a block for each finding. */
export class CheckError extends Error {
  override readonly name = 'CheckError';
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    const count = findings.length === 1 ? 'a check' : `${findings.length} checks`;
    const blocks = formatFindings(findings).map((block) => `\n\n${block}`);
    super(`${count} failed, so nothing was synthesized${blocks.join('')}`);
    this.findings = findings;
  }
}

/** Checks one environment, then synthesizes it. Throws a CheckError with every finding when a check fails. */
export function checkedSynthesis(service: Service, commit?: string): Synthesis {
  requireSound([service]);
  return synthesize(service, commit);
}

/** Checks all environments before it synthesizes any. Throws one CheckError with the findings of all. */
export function checkedSyntheses(services: readonly Service[], commit?: string): readonly Synthesis[] {
  requireSound(services);
  return services.map((service) => synthesize(service, commit));
}

function requireSound(services: readonly Service[]): void {
  const findings = services.flatMap((service) => checkService(service));
  if (findings.length > 0) throw new CheckError(findings);
}
