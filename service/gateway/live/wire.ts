/** Where a value turns bad, and on which side. */
export type LiveThreshold = { readonly value: number; readonly bad: 'above' | 'below' };

/** A line of a panel. */
export type LiveLine = {
  readonly name: string;
  /** What it stands for, by which it has its colour; absent: no more than its name. */
  readonly meaning?: string;
};

/** A panel as the page draws it: what of it never changes while the program runs. */
export type LivePanel = {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** By Grafana's names. */
  readonly unit: string;
  readonly threshold?: LiveThreshold;
  readonly series: readonly LiveLine[];
};

/** Who tells, and what there is to draw. */
export type LiveAbout = {
  readonly service: string;
  readonly environment: string;
  readonly version: string;
  readonly commit: string;
  readonly pod: string;
  readonly rows: readonly { readonly title: string; readonly panels: readonly LivePanel[] }[];
  /** Seconds that rates look back. */
  readonly window: number;
  /** Seconds that points are kept. */
  readonly kept: number;
};

/** Something that is not as it should be. */
export type LiveCondition = {
  /** The same as long as it is the same condition. */
  readonly id: string;
  /** `bad`: users notice, or will at once; `warning`: somebody should look. */
  readonly grade: 'bad' | 'warning';
  /** What it is, in a sentence. */
  readonly words: string;
  /** The panel that shows it. */
  readonly panel: string;
  /** Since when, in seconds since 1970. */
  readonly since: number;
};

/** A breaker in all workers: in how many it is in which state. */
export type LiveBreaker = {
  readonly name: string;
  readonly closed: number;
  readonly halfOpen: number;
  readonly open: number;
  /** Calls of its window that ended, and those of them that failed. */
  readonly calls: number;
  readonly failures: number;
};

/** A limit, and what it refused in the last minute. */
export type LiveLimit = {
  readonly limit: string;
  readonly of: string;
  readonly rule: string;
  readonly shadow: boolean;
  readonly denied: number;
};

/** A lane now. */
export type LiveLane = {
  readonly lane: string;
  readonly working: number;
  readonly limit: number;
  readonly waiting: number;
};

/** How the gateway is at this moment. */
export type LiveState = {
  readonly stage: 'starting' | 'ready' | 'draining';
  /** Seconds. */
  readonly uptime: number;
  readonly logLevel: string;
  readonly workers: { readonly alive: number; readonly wanted: number; readonly restarts: number };
  readonly lanes: readonly LiveLane[];
  readonly breakers: readonly LiveBreaker[];
  readonly limits: readonly LiveLimit[];
};

/** What `/live.json` answers. */
export type LiveReply = {
  /** When the program started; another one means that everything else is to be asked for anew. */
  readonly start: number;
  /** Seconds between two points. */
  readonly interval: number;
  /** In the answer to who has nothing yet. */
  readonly about?: LiveAbout;
  readonly state: LiveState;
  readonly conditions: readonly LiveCondition[];
  /** The times of the points since the one that was asked for, in seconds since 1970, oldest first. */
  readonly times: readonly number[];
  /** By panel, of each of its lines, the values at these times. */
  readonly points: Readonly<Record<string, readonly (readonly (number | null)[])[]>>;
};
