import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readRun, reportHtml, writeReport } from '../../../chaos/report/index.ts';
import { abortedRun, failedRun, neverInjectedRun, passedRun } from './runs.ts';

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'sluice-report-'));
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

describe('the folder of a run', () => {
  test('is named after the run and holds the page, the run, JUnit XML and the raw series', () => {
    const run = passedRun();
    const folder = writeReport(run, join(out, 'drills'));
    expect(folder).toBe(join(out, 'drills', 'upstream-slow-20260102T030405Z'));
    expect(readdirSync(folder).sort()).toEqual(['junit.xml', 'report.html', 'report.json', 'series.csv']);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toBe(reportHtml(run));
    expect(readdirSync(join(out, 'drills'))).toHaveLength(1);
  });

  test.each([
    ['passed', passedRun()],
    ['failed', failedRun()],
    ['broken off', abortedRun()],
    ['broken off before the fault', neverInjectedRun()],
  ])('gives back a run that was %s as it was written', (_, run) => {
    expect(readRun(writeReport(run, out))).toEqual(run);
  });

  test('is never overwritten', () => {
    const folder = writeReport(passedRun(), out);
    expect(() => writeReport(passedRun({ reason: 'Another.' }), out)).toThrow(
      `${folder} exists, and evidence is never overwritten; give another folder by --out, or move it away`,
    );
    expect(readRun(folder).reason).toBe(passedRun().reason);
  });

  test('is not there at all where the run is wrong', () => {
    const wrong = { ...passedRun(), seed: Number.NaN };
    expect(() => writeReport(wrong, out)).toThrow(/is not written, for it is wrong.*\n {2}seed: .*NaN/);
    expect(readdirSync(out)).toEqual([]);
  });

  test.each(['../escape', 'a/b', '.hidden', ''])('lies in its folder whatever the id is: refuses %j', (id) => {
    expect(() => writeReport(passedRun({ id }), join(out, 'inner'))).toThrow(/\n {2}id: /);
    expect(readdirSync(out)).toEqual([]);
  });
});

describe('a report that is read', () => {
  const write = (text: string): string => {
    mkdirSync(join(out, 'run'));
    writeFileSync(join(out, 'run', 'report.json'), text);
    return join(out, 'run');
  };
  const file = () => join(out, 'run', 'report.json');

  test('is refused with its file when it is missing', () => {
    expect(() => readRun(join(out, 'run'))).toThrow(
      `${file()} is missing; name the folder of a run, or one that holds such folders`,
    );
  });

  test('is refused with its file when it is cut', () => {
    const folder = write(JSON.stringify(passedRun()).slice(0, 900));
    expect(() => readRun(folder)).toThrow(`${file()} is not JSON (`);
  });

  test('is refused when its format is newer, whatever else it holds', () => {
    const folder = write('{"format":2,"verdict":"splendid"}');
    expect(() => readRun(folder)).toThrow(
      `${file()} has format 2, and this program reads format 1; read it with the version of sluice that wrote it, or with a newer one`,
    );
  });

  test('is refused with every finding, at most ten of them', () => {
    const { verdict: _verdict, ...rest } = passedRun();
    const folder = write(JSON.stringify({ ...rest, pace: 'slow', extra: 1 }));
    expect(() => readRun(folder)).toThrow(/is not the report of a drill(.|\n)*pace: (.|\n)*verdict: (.|\n)*extra/);
    writeFileSync(file(), '{"format":1}');
    expect(() => readRun(folder)).toThrow(/\n {2}and \d+ more$/);
  });

  test.each(['null', '[]', '"text"', '3'])('is refused when it is %s', (text) => {
    const folder = write(text);
    expect(() => readRun(folder)).toThrow('is not the report of a drill');
  });
});
