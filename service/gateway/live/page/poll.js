/** @import { LiveReply } from '../wire.ts' */

/**
 * @typedef {object} PollOptions
 * @property {() => number | undefined} since the time of the newest point that is there
 * @property {(reply: LiveReply) => void} onReply
 * @property {(since: Date) => void} onGone told after each failure, with the time of the last answer
 * @property {() => boolean} isHidden
 */

/** Milliseconds between two questions. */
const INTERVAL_MS = 5000;
/** Milliseconds after which a question is given up. */
const PATIENCE_MS = 4000;

/**
 * Asks for what is new, every few seconds, as long as somebody looks.
 * @param {PollOptions} options
 * @returns {{ readonly resume: () => void }} `resume` asks at once, when somebody looks again
 */
export function poll({ since, onReply, onGone, isHidden }) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let asking = false;
  let answered = new Date();

  async function ask() {
    if (asking || isHidden()) return;
    asking = true;
    clearTimeout(timer);
    const reply = await read(since()).catch(() => undefined);
    asking = false;
    timer = setTimeout(() => void ask(), INTERVAL_MS);
    // Why it failed does not matter to who looks: there is no picture newer than the one that stands there.
    if (!reply) return onGone(answered);
    answered = new Date();
    onReply(reply);
  }

  void ask();
  return { resume: () => void ask() };
}

/**
 * @param {number | undefined} since
 * @returns {Promise<LiveReply>}
 */
async function read(since) {
  const query = since === undefined ? '' : `?since=${since}`;
  const response = await fetch(`/live.json${query}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!response.ok) throw new Error(`The gateway answered ${response.status}`);
  return await response.json();
}
