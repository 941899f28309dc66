/**
 * The program `npm run bugs`: plants every seeded bug, looks for it in the scenario that it names or in the default one,
 * and shrinks what it finds. Ends with 1 when a bug is not caught within so many seeds, when an invariant breaks first
 * that neither is its own nor may break before it, or when its shrunk scenario fails on the code as it ships.
 */

import { propertyBugs } from '../sim/systems/registry/bugs/found-by-properties/index.ts';
import { bugs, invariants } from '../sim/systems/registry/index.ts';
import { type HuntResult, hunt } from './bugs/hunt.ts';
import { bugsText, exitCodeOf, totalsOf } from './bugs/report.ts';
import { bugsTable } from './bugs/table.ts';
import { parseWords, refuseUsage } from './parse-arguments.ts';

const usage = `npm run bugs -- [options]
  --only <name>        this bug only; may be given several times
  --seeds <n>          seeds to look in, from 1 on (default: 50)
  --shrink-runs <n>    most runs to shrink what was found (default: 500)
  --json               prints one JSON object and nothing else
  --table              prints the table of the README and hunts for nothing`;

const { values } = parseWords(usage, {
  options: {
    only: { type: 'string', multiple: true, default: [] },
    seeds: { type: 'string', default: '50' },
    'shrink-runs': { type: 'string', default: '500' },
    json: { type: 'boolean', default: false },
    table: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const wrong = wrongUsage();
if (values.help) console.log(usage);
else if (values.table) process.stdout.write(bugsTable(invariants, bugs));
else if (wrong !== undefined) refuseUsage(wrong, usage);
else {
  const huntResults: HuntResult[] = [];
  const wanted = bugs.filter(({ name }) => values.only.length === 0 || values.only.includes(name));
  for (const bug of wanted) {
    if (!values.json) console.error(`${bug.name} ...`);
    huntResults.push(await hunt(bug, Number(values.seeds), Number(values['shrink-runs'])));
  }
  const totals = totalsOf(huntResults);
  console.log(values.json ? JSON.stringify(totals) : bugsText(totals).join('\n'));
  process.exitCode = exitCodeOf(totals);
}

function wrongUsage(): string | undefined {
  const ofProperty = propertyBugs.find(({ name }) => values.only.includes(name));
  if (ofProperty !== undefined) {
    const { name, caughtBy } = ofProperty;
    return `--only '${name}' is caught by a property: npm run properties -- -t '${caughtBy.property}'`;
  }
  const stranger = values.only.find((only) => !bugs.some(({ name }) => name === only));
  if (stranger !== undefined) return `--only '${stranger}' is no seeded bug`;
  for (const name of ['seeds', 'shrink-runs'] as const) {
    if (!/^[1-9]\d{0,8}$/.test(values[name]))
      return `--${name} must be a positive integer, got '${values[name]}'`;
  }
  return undefined;
}
