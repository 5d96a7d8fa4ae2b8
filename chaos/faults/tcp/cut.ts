/** Counts the bytes of each answer, and tells what of a chunk is still before the cut. */
export type Cut = {
  /** Something was asked: what comes after it is another answer. */
  onRequest(): void;
  /** How many of so many bytes of answer pass; fewer than asked for: the connection ends after them. */
  take(size: number): number;
};

/** A cut after so many bytes of each answer; an answer is all that comes after the client has sent something. */
export function createCut(after: number): Cut {
  let answered = 0;
  return {
    onRequest() {
      answered = 0;
    },
    take(size) {
      const passes = Math.min(size, after - answered);
      answered += passes;
      return passes;
    },
  };
}
