/** The program `npm run check:architecture`: import directions, import cycles, and what may read real time or chance. */

import { checkArchitecture, checkCycles } from './architecture/check.ts';

const root = process.argv[2] ?? process.cwd();
const problems = [...checkArchitecture(root), ...checkCycles(root)];
for (const { file, line, message } of problems) console.error(`${file}:${line} ${message}`);
if (problems.length > 0) process.exitCode = 1;
else {
  console.log(
    'Imports follow the arrows and make no cycle; no file of the simulator reads real time or chance.',
  );
}
