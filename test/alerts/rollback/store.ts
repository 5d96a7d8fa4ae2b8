import {
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
  private read: { readonly version: number; readonly state: State; readonly inbox: Inbox } | undefined;

  get state(): State {
    return this.parsed().state;
  }

  get inbox(): Inbox {
    return this.parsed().inbox;
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

  /** As whoever reads it anew has it, once for each version. */
  private parsed() {
    const { state, events, freeze } = this.data;
    if (this.read?.version !== this.version) {
      this.read = { version: this.version, state: parseState(state), inbox: parseInbox(events, freeze) };
    }
    return this.read;
  }
}
