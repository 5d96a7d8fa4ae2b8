export { generatedFiles } from './files.ts';
export { composeFile } from './compose.ts';
