export { createModelMeter } from './model-meter.ts';
export type { ModelCall, ModelMeter, ModelMeterOptions } from './model-meter.ts';
