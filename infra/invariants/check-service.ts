import { DefinitionError, withValues, type Service } from '../../service/definition/index.ts';
import type { Breach, Finding, Fix, Invariant } from './finding.ts';
import { INVARIANTS } from './table.ts';

type Candidate = { readonly fix: Fix; readonly clean: boolean };

type Broken = { readonly rule: Invariant; readonly breach: Breach; readonly key: string };

/**
 * Everything that does not hold in one environment, in the order of the table; empty when all is well.
 * Values that a finding proposes have been tried: with them it is gone and no other appears. Where no value does
 * that, the fix says so in words.
 */
export function checkService(service: Service, invariants: readonly Invariant[] = INVARIANTS): readonly Finding[] {
  const broken = findBroken(service, invariants);
  return broken.map((found) => ({
    ...found.breach,
    rule: found.rule.id,
    environment: service.environment,
    layers: found.rule.layers,
    reason: found.rule.reason,
    fixes: workingFixes(service, invariants, broken, found),
  }));
}

function findBroken(service: Service, invariants: readonly Invariant[]): Broken[] {
  return invariants.flatMap((rule) =>
    rule.check(service).map((breach) => ({ rule, breach, key: `${rule.id} ${breach.path}` })),
  );
}

function workingFixes(
  service: Service,
  invariants: readonly Invariant[],
  broken: readonly Broken[],
  { breach, key }: Broken,
): readonly Fix[] {
  const before = new Set(broken.map((other) => other.key));
  const ending = breach.fixes.flatMap((fix): Candidate[] => {
    if ('edit' in fix) return [{ fix, clean: true }];
    const after = brokenWith(service, fix.settings, invariants);
    if (!after || after.has(key)) return [];
    return [{ fix, clean: [...after].every((other) => before.has(other)) }];
  });
  const clean = ending.filter((candidate) => candidate.clean);
  if (clean.length > 0) return clean.map(({ fix }) => fix);
  const last = ending[0];
  const hint =
    last && 'settings' in last.fix ? `; ${last.fix.settings.join(' ')} ends it, and breaks another rule` : '';
  return [{ edit: `no single value does it, change both sides of the comparison${hint}` }];
}

/** What is broken with some values tried; undefined when the definition does not admit them. */
function brokenWith(
  service: Service,
  settings: readonly string[],
  invariants: readonly Invariant[],
): ReadonlySet<string> | undefined {
  try {
    return new Set(findBroken(withValues(service, settings), invariants).map(({ key }) => key));
  } catch (error) {
    if (error instanceof DefinitionError) return undefined;
    throw error;
  }
}
