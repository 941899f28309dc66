/**
 * The program `npm run bugs`: plants every seeded bug, looks for it in the default scenario, and shrinks what it finds.
 * Ends with 1 when a bug is not caught by its own invariant, or its shrunk scenario fails on the code as it ships.
 */

import { parseArgs } from 'node:util';
import { bugs } from '../sim/registry/index.ts';
import { type Catch, hunt } from './bugs/hunt.ts';
import { bugsText, totalsOf } from './bugs/report.ts';

const usage = `npm run bugs -- [options]
  --only <name>        this bug only; may be given several times
  --seeds <n>          seeds to look in, from 1 on (default: 50)
  --shrink-runs <n>    most runs to shrink what was found (default: 500)
  --json               prints one JSON object and nothing else`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    seeds: { type: 'string', default: '50' },
    'shrink-runs': { type: 'string', default: '500' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const wrong = wrongUsage();
if (values.help) console.log(usage);
else if (wrong !== undefined) {
  console.error(`error: ${wrong}\n${usage}`);
  process.exitCode = 2;
} else {
  const catches: Catch[] = [];
  const wanted = bugs.filter(({ name }) => values.only.length === 0 || values.only.includes(name));
  for (const bug of wanted) {
    if (!values.json) console.error(`${bug.name} ...`);
    catches.push(await hunt(bug, Number(values.seeds), Number(values['shrink-runs'])));
  }
  const totals = totalsOf(catches);
  console.log(values.json ? JSON.stringify(totals) : bugsText(totals).join('\n'));
  process.exitCode = totals.caught === totals.bugs ? 0 : 1;
}

function wrongUsage(): string | undefined {
  const stranger = values.only.find((only) => !bugs.some(({ name }) => name === only));
  if (stranger !== undefined) return `--only '${stranger}' is no seeded bug`;
  for (const name of ['seeds', 'shrink-runs'] as const) {
    if (!/^[1-9]\d{0,8}$/.test(values[name]))
      return `--${name} must be a positive integer, got '${values[name]}'`;
  }
  return undefined;
}
