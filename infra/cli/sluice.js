#!/usr/bin/env node
// Plain JavaScript: a Node that cannot read TypeScript gets this far, and its user a sentence instead of a stack.
const REQUIRED = 24;

if (Number.parseInt(process.versions.node, 10) < REQUIRED) {
  console.error(
    `error: Sluice needs Node ${REQUIRED} or newer, and this is Node ${process.versions.node}. ` +
      "Run 'npm ci' and start it as 'npx sluice': that finds the Node this project brings along, where there is one " +
      'for your system. Elsewhere install it from https://nodejs.org.',
  );
  process.exitCode = 69;
} else {
  const { main } = await import('./main.ts');
  await main(process.argv.slice(2));
}
