export { createAi } from './create-ai.ts';
export type { Ai, AiOptions, ModelRouteId } from './create-ai.ts';
export type { Provider } from './inference.ts';
