/** The program `npm run check:architecture`: import directions, and what may read real time or chance. */

import { checkArchitecture } from './architecture/check.ts';

const problems = checkArchitecture(process.argv[2] ?? process.cwd());
for (const { file, line, message } of problems) console.error(`${file}:${line} ${message}`);
if (problems.length > 0) process.exitCode = 1;
else console.log('Import directions hold; nothing in the simulator reads real time or chance.');
