import { writeFileSync } from 'node:fs';
import { generatedFiles, PROJECT } from './files.ts';

for (const [path, text] of generatedFiles()) writeFileSync(PROJECT + path, text);
