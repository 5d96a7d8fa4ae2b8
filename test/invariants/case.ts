import { describe, expect, test } from '@jest/globals';
import { checkService, type Finding } from '../../infra/invariants/index.ts';
import { definition, withValues, type EnvironmentName } from '../../service/definition/index.ts';

/** One way in which an invariant breaks. */
export type Case = {
  readonly rule: string;
  readonly path: string;
  /** Where it is tried; default prod. */
  readonly environment?: EnvironmentName;
  /** Values that break the rule, and the nearest that do not. */
  readonly broken: readonly string[];
  readonly sound: readonly string[];
  readonly problem: string;
  /** The first change proposed. */
  readonly fix: string;
};

/** Each case is found alone and told with both numbers, every change that is proposed mends it, and its bound is exact. */
export function describeCases(cases: readonly Case[]): void {
  describe.each(cases)('$rule at $path', ({ rule, path, environment = 'prod', broken, sound, problem, fix }) => {
    const tried = withValues(definition[environment], broken);
    const findings = checkService(tried);

    test(`is broken by ${broken.join(' ')} and told with both numbers`, () => {
      expect(findings).toEqual([expect.objectContaining({ rule, path, problem, environment })]);
      expect(settingsOf(findings)[0]).toEqual(fix.split(' '));
    });

    test('is mended by every change that is proposed, and nothing else breaks by it', () => {
      const proposals = settingsOf(findings);
      expect(proposals).not.toEqual([]);
      for (const settings of proposals) expect(checkService(withValues(tried, settings))).toEqual([]);
    });

    test(`holds with ${sound.join(' ')}`, () => {
      expect(checkService(withValues(definition[environment], sound))).toEqual([]);
    });
  });
}

/** The values that findings propose. */
export function settingsOf(findings: readonly Finding[]): (readonly string[])[] {
  return findings.flatMap(({ fixes }) => fixes.flatMap((fix) => ('settings' in fix ? [fix.settings] : [])));
}
