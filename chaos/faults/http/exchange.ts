import { toFraction } from '../../../service/definition/index.ts';
import { createFraming } from './framing.ts';
import { answerBody, expectsContinue, methodOf, requestBody, statusOf } from './heads.ts';
import { ownAnswer, type StatusFault } from './own-answer.ts';

/** Where the messages of a connection go. */
export type ExchangeOptions = {
  /** The fault that holds when a request begins. */
  readonly status: () => StatusFault | undefined;
  /** Whether bodies of answers are slow now. */
  readonly isSlow: () => boolean;
  readonly toTarget: (bytes: Buffer) => void;
  readonly toClient: (bytes: Buffer, slow: boolean) => void;
  /** No more follows for the client. */
  readonly endClient: () => void;
  readonly onRequest: () => void;
  /** Numbers from 0 to 1. */
  readonly random: () => number;
};

/** The requests and answers of one connection of HTTP/1.1, answers in the order of their requests. */
export type Exchange = {
  request(chunk: Buffer): void;
  answer(chunk: Buffer): void;
  /** Nothing is awaited of the target. */
  isIdle(): boolean;
};

/** An answer that the client awaits: the target's, or bytes of our own that wait for their turn. */
type Awaited = { readonly method: string } | { readonly own: Buffer };

/**
 * Reads along, and passes what arrives as it is; under a `status` fault a share of the requests is held back and
 * answered here.
 */
export function createExchange(options: ExchangeOptions): Exchange {
  const awaited: Awaited[] = [];
  /** Bytes of a request of which is not known yet who answers it. */
  let held: Buffer[] | undefined;
  /** The answer to the request that arrives, and is ours to give. */
  let own: { readonly bytes: Buffer; readonly isLast: boolean } | undefined;
  let isEnded = false;

  const nextMethod = (): string | undefined => {
    const [next] = awaited;
    return next !== undefined && 'method' in next ? next.method : undefined;
  };
  const requests = createFraming(requestBody);
  let isFinal = false;
  const answers = createFraming((head) => {
    const status = statusOf(head);
    // After 100 and 103 the answer is yet to come.
    isFinal = status === undefined || status >= 200 || status === 101;
    return answerBody(head, nextMethod());
  });

  const giveOwn = (): void => {
    for (let [next] = awaited; next !== undefined && 'own' in next; [next] = awaited) {
      options.toClient(next.own, false);
      awaited.shift();
    }
    if (isEnded && awaited.length === 0) options.endClient();
  };
  /** Decides who answers a request whose head is whole, and gives the answer where it is ours. */
  const decide = (head: string, fault: StatusFault | undefined): typeof own => {
    const bytes = held ?? [];
    held = undefined;
    const method = methodOf(head);
    // Without one, the fault was over before the head was whole.
    if (fault !== undefined && method !== undefined && options.random() < toFraction(fault.share ?? '100%')) {
      // Whoever waits to be told to go on never sends the body that would have to be read.
      const isLast = expectsContinue(head);
      return { bytes: ownAnswer(fault, method, isLast), isLast };
    }
    for (const each of bytes) options.toTarget(each);
    awaited.push({ method: method ?? '' });
    return undefined;
  };

  return {
    isIdle: () => awaited.length === 0,
    request(chunk) {
      if (isEnded) return;
      const pieces = requests.read(chunk);
      const fault = options.status();
      const isPlain = fault === undefined && held === undefined && own === undefined;
      for (const { bytes, begins, head, ends } of pieces) {
        if (begins) {
          options.onRequest();
          if (fault !== undefined) held = [];
        }
        if (held !== undefined) held.push(bytes);
        else if (own === undefined && !isPlain) options.toTarget(bytes);
        if (head !== undefined) {
          if (held === undefined) awaited.push({ method: methodOf(head) ?? '' });
          else own = decide(head, fault);
        }
        if (own === undefined || !(ends || own.isLast)) continue;
        isEnded = own.isLast;
        awaited.push({ own: own.bytes });
        own = undefined;
        giveOwn();
        if (isEnded) return;
      }
      if (isPlain) options.toTarget(chunk);
    },
    answer(chunk) {
      const pieces = answers.read(chunk);
      const isSlow = options.isSlow();
      const isPlain = !isSlow && !awaited.some((each) => 'own' in each);
      if (isPlain) options.toClient(chunk, false);
      for (const { bytes, part, ends } of pieces) {
        if (!isPlain) options.toClient(bytes, isSlow && part === 'body');
        if (!ends || !isFinal) continue;
        awaited.shift();
        giveOwn();
      }
    },
  };
}
