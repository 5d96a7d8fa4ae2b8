import { parentPort } from 'node:worker_threads';
import { countTokens } from 'gpt-tokenizer/encoding/cl100k_base';

parentPort?.on('message', ({ id, text }: { readonly id: number; readonly text: string }) => {
  parentPort?.postMessage({ id, tokens: countTokens(text) });
});
