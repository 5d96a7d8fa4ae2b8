import { parser } from '@prometheus-io/lezer-promql';

/** The parts of a text that are not PromQL; none when it can be evaluated. */
export function promqlErrors(text: string): string[] {
  const errors: string[] = [];
  parser.parse(text).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) errors.push(text.slice(from, to + 20));
    },
  });
  return errors;
}
