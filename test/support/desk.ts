import type { Desk } from '../../infra/cli/deploy/desk.ts';

/** A desk that keeps what is told at it. */
export type RecordingDesk = Desk & { readonly told: { out: string; err: string }; readonly breakOff: () => void };

type Options = Pick<Desk, 'deployer'> & {
  /** What a person answers; absent: nobody is there. */
  readonly answer?: string | undefined;
  /** Called with each question, before it is answered. */
  readonly onAsk?: () => void;
  /** Called with each line of progress. */
  readonly onErr?: (text: string) => void;
};

/** Makes one; a person who breaks off does so by `breakOff`. */
export function recordingDesk({ deployer, answer, onAsk, onErr }: Options): RecordingDesk {
  const told = { out: '', err: '' };
  const broken = new AbortController();
  return {
    told,
    breakOff: () => broken.abort(),
    deployer,
    out: (text) => void (told.out += text),
    err(text) {
      told.err += text;
      onErr?.(text);
    },
    broken: broken.signal,
    stop: broken.signal,
    ...(answer !== undefined && {
      ask() {
        onAsk?.();
        return Promise.resolve(answer);
      },
    }),
  };
}
