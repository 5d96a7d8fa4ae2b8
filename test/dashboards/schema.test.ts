import { describe, expect, test } from '@jest/globals';
import { definition, ENVIRONMENTS } from '../../service/definition/index.ts';
import { builtDashboards, requireDashboard } from './built.ts';
import { wrongTypes } from './sdk-types.ts';

type Mistake = { readonly from: RegExp; readonly to: string; readonly found: string };

/** Mistakes in the overview's JSON, by what they are. */
const MISTAKES: Readonly<Record<string, Mistake>> = {
  'a unit that is no text': { from: /"unit":"reqps"/, to: '"unit":5', found: '"unit": 5' },
  'a field that there is not': { from: /"legendFormat":/, to: '"legend":', found: '"legend":' },
  'a colour mode that there is not': { from: /"palette-classic-by-name"/, to: '"rainbow"', found: '"mode": "rainbow"' },
  'what no stat draws': { from: /"graphMode":"none"/, to: '"graphMode":"loud"', found: '"graphMode": "loud"' },
  'what no graph draws': { from: /"showPoints":"never"/, to: '"showPoints":"rarely"', found: '"showPoints": "rarely"' },
  'a threshold without a value': { from: /"value":2,"color"/, to: '"color"', found: "{: Property 'value' is missing" },
  'a variable of no type': { from: /"type":"query","name":"route"/, to: '"name":"route"', found: '{: Property' },
  'a link to no kind of thing': { from: /"type":"dashboards"/, to: '"type":"dash"', found: '"type": "dash"' },
};

test('every dashboard is what the types of the SDK say, field by field', () => {
  const all = ENVIRONMENTS.flatMap((name) =>
    [...builtDashboards(definition[name])].map(([id, built]) => [`${name}-${id}`, built] as const),
  );
  expect(wrongTypes(Object.fromEntries(all))).toEqual([]);
});

describe('the types of the SDK refuse', () => {
  const text = JSON.stringify(requireDashboard(definition.prod, 'overview'));
  const broken = Object.entries(MISTAKES).map(([what, { from, to }]) => [
    what,
    JSON.parse(text.replace(from, to)) as object,
  ]);
  const findings = wrongTypes(Object.fromEntries(broken) as Readonly<Record<string, object>>);

  test.each(Object.entries(MISTAKES))('%s', (what, { found }) => {
    const own = findings.filter((finding) => finding.startsWith(`${what}.virtual.ts`));
    expect(own).toEqual([expect.stringContaining(`${what}.virtual.ts: ${found}`)]);
  });
});
