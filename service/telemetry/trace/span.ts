import { newSpanId } from './ids.ts';

/** Whose time a span is: a request that came, one that was sent, or work of the gateway's own. */
export type SpanKind = 'server' | 'client' | 'internal';

/** What an attribute may be. */
export type AttributeValue = string | number | boolean;

/** One step of a request. Times are of the monotonic clock, in milliseconds. */
export class Span {
  readonly name: string;
  readonly kind: SpanKind;
  readonly startedAt: number;
  /** NaN until it has ended. */
  endedAt = Number.NaN;
  /** Why the step failed, in a word; undefined where it did not. */
  failure: string | undefined = undefined;
  /** Flat: name, value, name, value. */
  readonly attributes: AttributeValue[] = [];
  #id: string | undefined;

  constructor(name: string, kind: SpanKind, startedAt: number) {
    this.name = name;
    this.kind = kind;
    this.startedAt = startedAt;
  }

  /** Made on first use: most spans are never seen by anybody. */
  get id(): string {
    return (this.#id ??= newSpanId());
  }

  /** Says something of the step. */
  set(name: string, value: AttributeValue): this {
    this.attributes.push(name, value);
    return this;
  }

  /** The step is over, well or with a failure; later calls do nothing. */
  end(failure?: string): void {
    if (!Number.isNaN(this.endedAt)) return;
    this.endedAt = performance.now();
    this.failure = failure;
  }
}
