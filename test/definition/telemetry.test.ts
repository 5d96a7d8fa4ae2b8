import { describe, expect, test } from '@jest/globals';
import { definition, DefinitionError, withValues } from '../../service/definition/index.ts';

describe('what a definition says of logs and traces', () => {
  test('has defaults for all of it, and no collector anywhere', () => {
    for (const { telemetry } of Object.values(definition))
      expect(telemetry).toEqual({
        logs: { linesPerSecond: 50, buffer: '1Mi' },
        traces: { sample: '1%', slow: '1s', asked: '10/s', kept: '200/s' },
      });
  });

  test.each<[setting: string, right: RegExp]>([
    ['telemetry.logs.linesPerSecond=-1', /a whole number of at least 0/],
    ['telemetry.logs.buffer=1MB', /binary unit/],
    ['telemetry.traces.sample=0.01', /a percentage of at most 100%/],
    ['telemetry.traces.sample=101%', /a percentage of at most 100%/],
    ['telemetry.traces.slow=1', /a duration with its unit/],
    ['telemetry.traces.asked=10', /a whole count per second, such as '10\/s'/],
    ['telemetry.traces.asked=30/min', /is "30\/min", must be a whole count per second/],
    ['telemetry.traces.kept=0/s', /a whole count per second/],
    ['telemetry.traces.kept=1/h', /a whole count per second/],
    ['telemetry.traces.kept=90/min', /a whole count per second/],
    ['telemetry.traces.collector=collector:4318', /an origin without path or credentials/],
    ['telemetry.traces.collector=http://user:secret@collector:4318', /an origin without path or credentials/],
    ['telemetry.traces.headers=authorization', /where a Secret keeps it/],
    ['telemetry.traces.colector=http://collector:4318', /did you mean 'collector'/],
  ])('is refused with its path and what is right: %s', (setting, right) => {
    const problem = (() => {
      try {
        withValues(definition.dev, [setting]);
      } catch (error) {
        return error as Error;
      }
      throw new Error('nothing was thrown');
    })();
    expect(problem).toBeInstanceOf(DefinitionError);
    expect(problem.message).toMatch(right);
    expect(problem.message).toContain(setting.split('=')[0]);
    expect(problem.message).not.toContain('user:secret');
  });

  test('takes traces by the minute where that is a whole number of them in a second', () => {
    const { telemetry } = withValues(definition.dev, [
      'telemetry.traces.asked=120/min',
      'telemetry.traces.kept=3600/h',
    ]);
    expect(telemetry.traces).toMatchObject({ asked: '120/min', kept: '3600/h' });
  });

  test('refuses headers for a collector that nobody named', () => {
    const headers = ['telemetry.traces.headers.secret=collector', 'telemetry.traces.headers.key=headers'];
    expect(() => withValues(definition.dev, headers)).toThrow(
      /telemetry\.traces\.headers .*must be absent, or telemetry\.traces\.collector beside it/,
    );
    expect(() =>
      withValues(definition.dev, [...headers, 'telemetry.traces.collector=http://collector:4318']),
    ).not.toThrow();
  });
});
