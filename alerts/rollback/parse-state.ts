import type { Inbox, Signs, State } from './state.ts';

/** What is stored cannot be used; the message says where, what stands there, and what would be right. */
export class StoredError extends Error {
  override readonly name = 'StoredError';
}

/** The state from its JSON; undefined text: nothing was stored yet. Throws a StoredError. */
export function parseState(_text: string | undefined): State {
  throw new Error('not built yet');
}

/** The JSON of a state. Throws a StoredError when it is larger than a ConfigMap can hold. */
export function formatState(_state: State): string {
  throw new Error('not built yet');
}

/** What is asked of the guard, from the JSON of both of its keys. Throws a StoredError. */
export function parseInbox(_events: string | undefined, _freeze: string | undefined): Inbox {
  throw new Error('not built yet');
}

/** The JSON of both keys of an inbox; `freeze` is absent where nothing is frozen. */
export function formatInbox(_inbox: Inbox): { readonly events: string; readonly freeze?: string } {
  throw new Error('not built yet');
}

/** Signs of life from their JSON. Throws a StoredError. */
export function parseSigns(_text: string | undefined): Signs {
  throw new Error('not built yet');
}

/** The JSON of signs of life. */
export function formatSigns(_signs: Signs): string {
  throw new Error('not built yet');
}
