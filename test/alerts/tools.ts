import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testUnless } from '../support/test-unless.ts';

/** The packages of Debian that hold the tools. */
const PACKAGES = { promtool: 'prometheus', amtool: 'prometheus-alertmanager' } as const;

/** A tool of Prometheus or Alertmanager. */
export type Tool = keyof typeof PACKAGES;

/** How a tool ended: exit code and everything that it printed. */
export type ToolResult = { readonly status: number | null; readonly output: string };

/** A test that needs a tool. Without the tool it is skipped and says so; with CI=true it fails. */
export function testWith(tool: Tool, title: string, body: () => void | Promise<void>): void {
  const isThere = spawnSync(tool, ['--version']).error === undefined;
  const missing = isThere ? undefined : `${tool} is not on PATH; install the package ${PACKAGES[tool]}`;
  testUnless(missing, title, body);
}

/** Runs a tool in a folder of its own that holds the given values as files; JSON is YAML too. */
export function runTool(tool: Tool, args: readonly string[], files: Readonly<Record<string, object>>): ToolResult {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-tool-'));
  try {
    for (const [name, value] of Object.entries(files)) writeFileSync(join(directory, name), JSON.stringify(value));
    const { status, stdout, stderr } = spawnSync(tool, args, { cwd: directory, encoding: 'utf8' });
    return { status, output: stdout + stderr };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
