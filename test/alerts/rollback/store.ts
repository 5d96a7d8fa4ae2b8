import {
  EMPTY_STATE,
  formatInbox,
  formatState,
  parseInbox,
  parseState,
  type Inbox,
  type State,
} from '../../../alerts/rollback/index.ts';

/** The ConfigMap of the guard: JSON under keys, and a version that a change must name. */
export class Store {
  version = 1;
  private data: Record<string, string | undefined> = {};

  get state(): State {
    return this.data.state === undefined ? EMPTY_STATE : parseState(this.data.state);
  }

  get inbox(): Inbox {
    return parseInbox(this.data.events, this.data.freeze);
  }

  /** As the webhook and the command line change it: whatever is there now. */
  set inbox(inbox: Inbox) {
    this.data = { state: this.data.state, ...formatInbox(inbox) };
    this.version++;
  }

  /** Compare and swap; false: somebody was faster. */
  swap(version: number, state: State, inbox: Inbox): boolean {
    if (version !== this.version) return false;
    this.data = { state: formatState(state), ...formatInbox(inbox) };
    this.version++;
    return true;
  }
}
