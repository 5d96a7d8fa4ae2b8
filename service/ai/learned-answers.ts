import { BoundedMap } from '../store/bounded-map.ts';

/** Tokens of answers of one caller and model: their mean, and the mean of how far they were from it. */
type Learned = { mean: number; deviation: number };

/** What is thought of an answer before one was seen. */
const FIRST_GUESS = 512;
/** Weight of the newest answer. */
const NEWEST = 0.2;
/** So many deviations above the mean, few answers are longer. */
const DEVIATIONS = 2;
const LEAST = 16;

/** Learns how long answers are, of each caller and model apart. */
export type LearnedAnswers = {
  /** Tokens that an answer will hardly exceed. */
  expected(caller: string, model: string): number;
  /** An answer had so many tokens. */
  learn(caller: string, model: string, tokens: number): void;
};

/** Moving averages of mean and deviation, as TCP estimates its round trips (RFC 6298); `tracked` of them at once. */
export function createLearnedAnswers(tracked: number): LearnedAnswers {
  const known = new BoundedMap<Learned>(tracked);
  const keyOf = (caller: string, model: string): string => `${caller}\n${model}`;
  return {
    expected(caller, model) {
      const learned = known.get(keyOf(caller, model));
      return learned ? Math.max(LEAST, Math.ceil(learned.mean + DEVIATIONS * learned.deviation)) : FIRST_GUESS;
    },
    learn(caller, model, tokens) {
      const key = keyOf(caller, model);
      const learned = known.get(key);
      if (!learned) {
        known.set(key, { mean: tokens, deviation: tokens / 2 }, 1);
        return;
      }
      learned.deviation += NEWEST * (Math.abs(tokens - learned.mean) - learned.deviation);
      learned.mean += NEWEST * (tokens - learned.mean);
    },
  };
}
