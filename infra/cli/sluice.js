#!/usr/bin/env node
import module from 'node:module';
import { tooOld } from '../node-version.js';

const reason = tooOld();
if (reason === undefined) {
  // In the folder for temporary files: the second start need not read TypeScript again.
  module.enableCompileCache();
  const { main } = await import('./main.ts');
  await main(process.argv.slice(2));
} else {
  console.error(`error: ${reason}`);
  process.exitCode = 69;
}
