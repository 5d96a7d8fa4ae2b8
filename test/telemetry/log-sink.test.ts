import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createLogSink } from '../../service/telemetry/log-sink.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-log-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('where the lines of a log go', () => {
  test('may be a file, which has all of them once they are flushed', async () => {
    const path = join(folder, 'log');
    const file = openSync(path, 'w');
    let dropped = 0;
    const sink = createLogSink({ file, maxBytes: 1 << 20, onDrop: () => dropped++ });
    const lines = Array.from({ length: 1_000 }, (_, index) => `{"line":${index},"text":"ä"}\n`);
    for (const line of lines) sink.write(line);
    await new Promise<void>((resolve) => sink.flush(resolve));
    closeSync(file);
    expect(readFileSync(path, 'utf8')).toBe(lines.join(''));
    expect(dropped).toBe(0);
  });

  test('may be nothing that is open: every line is counted, and nobody waits', async () => {
    let dropped = 0;
    // As many files are never open.
    const sink = createLogSink({ file: 1_000_000, maxBytes: 1 << 20, onDrop: () => dropped++ });
    for (let line = 0; line < 10; line++) sink.write('{}\n');
    const startedAt = performance.now();
    await new Promise<void>((resolve) => sink.flush(resolve));
    expect(dropped).toBe(10);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});
