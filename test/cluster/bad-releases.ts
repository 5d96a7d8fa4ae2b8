import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Edits what an image is built from. Throws when it does not find its place there. */
export type Change = (context: string) => void;

/** The header in which the answers of these releases tell the commit of the release that gave them. */
export const RELEASE_HEADER = 'x-release';

/** The share of requests that a failing release fails, and that a slow one keeps waiting. */
export const SHARES = { failing: 0.05, slow: 0.1 } as const;

/** How long a slow release, or a slow upstream, keeps a request waiting, in milliseconds. */
export const SLOW_MS = 450;

const WORKER = 'service/gateway/processes/worker.ts';
const FRONT = 'const front = createFront({ config, stores, upstream, protection, cells, log });';
const READY = "send({ type: 'listening' });";
const UPSTREAM = 'service/upstream/server.ts';
const ANSWER = 'await route.handle(url.searchParams, request, response);';

/** A release that works, and says which it is. */
export const good: Change = inFront('');

/** A release that answers 500 to 5 % of its requests. */
export const failing: Change = inFront(
  `if (turn < ${SHARES.failing}) throw new Error('this release is made to fail');`,
);

/** A release whose 95th percentile is 450 ms: it keeps 10 % of its requests waiting for as long. */
export const slow: Change = inFront(
  `if (turn < ${SHARES.slow}) return new Promise((go) => setTimeout(go, ${SLOW_MS})).then(() => own.answer(exchange));`,
);

/** A release that starts, lives and is never Ready. */
export const neverReady: Change = (context) => {
  good(context);
  replaceIn(context, WORKER, READY, '');
};

/** A release that works, of which a pod gets Ready only while this host name is known; who is Ready stays it. */
export function readyWhileKnown(host: string): Change {
  const wait = `
    const { lookup } = await import('node:dns/promises');
    const look = () => lookup('${host}').then(() => ${READY.slice(0, -1)}, () => setTimeout(look, 500));
    void look();`;
  return (context) => {
    good(context);
    replaceIn(context, WORKER, READY, `void (async () => {${wait}\n    })();`);
  };
}

/** A release that works beside a sample upstream that answers every search 450 ms late. */
export const slowUpstream: Change = (context) => {
  good(context);
  const late = `if (url.pathname !== '/readyz') await new Promise((go) => setTimeout(go, ${SLOW_MS}));`;
  replaceIn(context, UPSTREAM, ANSWER, `${late}\n    ${ANSWER}`);
};

/** Every change, by a name. */
export const CHANGES: Readonly<Record<string, Change>> = {
  good,
  failing,
  slow,
  neverReady,
  readyWhileKnown: readyWhileKnown('unknown.invalid'),
  slowUpstream,
};

/**
 * Something done with each request before anything else is. `turn` is from 0 up to 1, and any share of turns below a
 * bound is met by that share of requests, evenly spread however they alternate: steps of the golden ratio (Weyl, 1916).
 */
function inFront(statement: string): Change {
  const golden = (Math.sqrt(5) - 1) / 2;
  return (context) =>
    replaceIn(
      context,
      WORKER,
      FRONT,
      `
  const own = ${FRONT.slice(FRONT.indexOf('createFront'), -1)};
  let asked = 0;
  const front = {
    ...own,
    hits: undefined,
    answer(exchange) {
      const turn = (++asked * ${golden}) % 1;
      exchange.replyHeaders.push('${RELEASE_HEADER}', config.commit);
      ${statement}
      return own.answer(exchange);
    },
  };`,
    );
}

function replaceIn(context: string, path: string, place: string, by: string): void {
  const file = join(context, path);
  const text = readFileSync(file, 'utf8');
  const found = text.split(place).length - 1;
  if (found !== 1)
    throw new Error(
      `${path} has ${found} times, not once: ${place}\nA release for tests is made by changing it there.`,
    );
  writeFileSync(
    file,
    text.replace(place, () => by),
  );
}
