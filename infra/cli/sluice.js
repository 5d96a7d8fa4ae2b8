#!/usr/bin/env node
import { tooOld } from '../node-version.js';

const reason = tooOld();
if (reason === undefined) {
  const { main } = await import('./main.ts');
  await main(process.argv.slice(2));
} else {
  console.error(`error: ${reason}`);
  process.exitCode = 69;
}
