// Plain JavaScript: a Node that cannot read TypeScript gets this far, and its user a sentence instead of a stack.
const REQUIRED = 24;

/** What is wrong with the Node that runs this, and what to do; undefined when it is new enough. */
export function tooOld() {
  if (Number.parseInt(process.versions.node, 10) >= REQUIRED) return undefined;
  return (
    `Sluice needs Node ${REQUIRED} or newer, and this is Node ${process.versions.node}. ` +
    "Run 'npm ci' and put node_modules/.bin first on PATH, as npm scripts and npx do: the Node that this project " +
    'brings along is found there, where there is one for your system. Elsewhere install it from https://nodejs.org.'
  );
}
