import type { SampleLabels } from '../../telemetry/expression/index.ts';
import { LABEL_MEANINGS, labelsIn, LEGEND_MEANINGS } from '../../telemetry/panels/index.ts';
import type { LiveLine } from './wire.ts';

/** The name of a line, from its legend and the labels that this names, and what they say that it stands for. */
export function lineOf(legend: string, labels: SampleLabels): LiveLine {
  const name = legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '');
  const telling = labelsIn(legend).find((label) => LABEL_MEANINGS[label] !== undefined);
  const meaning =
    LEGEND_MEANINGS[legend] ?? (telling === undefined ? undefined : LABEL_MEANINGS[telling]?.[labels[telling] ?? '']);
  return { name, ...(meaning && { meaning }) };
}
