import { readFileSync } from 'node:fs';

/**
 * Bytes of resident memory that a process shares with no file: heap, buffers and stacks. The pages of the program itself
 * are the same in every process of a pod and there once, while each process counts them; all are counted where the
 * system (other than Linux) does not tell them apart.
 */
export function ownMemory(): number {
  const status = readStatus();
  const [anonymous, shared] = ['RssAnon', 'RssShmem'].map((field) => kibibytesOf(field, status));
  return anonymous === undefined ? process.memoryUsage.rss() : (anonymous + (shared ?? 0)) * 1024;
}

function readStatus(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return '';
  }
}

function kibibytesOf(field: string, status: string): number | undefined {
  const value = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return value === undefined ? undefined : Number(value);
}
