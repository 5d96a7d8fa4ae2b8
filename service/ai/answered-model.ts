import type { ModelUse } from '../gateway/exchange.ts';
import type { RelayTap } from '../gateway/relay.ts';

/** Names are of clients and providers: no longer part of one is written anywhere. */
const MAX_NAME = 100;
/** Where an answer, or the first event of one, names its model. */
const MAX_BEGINNING = 4_096;
const MODEL = /"model"\s*:\s*"((?:[^"\\]|\\.)*)"/;

/** The model that a request asks for; undefined where it names none. */
export function askedModel(name: unknown): ModelUse | undefined {
  return typeof name === 'string' ? { asked: name.slice(0, MAX_NAME) } : undefined;
}

/** Notes which model answered, as the beginning of a whole answer says. */
export function noteAnswered(use: ModelUse, body: Buffer): void {
  note(use, body.toString('latin1', 0, MAX_BEGINNING));
}

/** Notes which model answers, as the beginning of a stream says: who is to look on. */
export function watchAnswered(use: ModelUse): RelayTap {
  let beginning = '';
  return {
    write(chunk) {
      if (use.answered !== undefined || beginning.length >= MAX_BEGINNING) return;
      beginning += chunk.toString('latin1', 0, MAX_BEGINNING);
      note(use, beginning);
    },
    end: () => undefined,
    fail: () => undefined,
  };
}

function note(use: ModelUse, text: string): void {
  const name = MODEL.exec(text)?.[1];
  if (name !== undefined) use.answered = name.slice(0, MAX_NAME);
}
