/** The invariants and the seeded bugs that each must catch, as the README shows them. Pure. */
import { type Bug, scenarioNameOf } from '../../sim/systems/registry/bugs/bug.ts';

interface Invariant {
  readonly name: string;
  readonly guarantee: string;
}

const marks = { begin: '<!-- bugs -->\n', end: '<!-- /bugs -->\n' } as const;

/** Lines of Markdown, in the order of the guarantees. */
export function bugsTable(invariants: readonly Invariant[], bugs: readonly Bug[]): string {
  const ordinal = ({ guarantee }: Invariant) => Number(guarantee.slice(1));
  const rows = [...invariants]
    .sort((one, other) => ordinal(one) - ordinal(other))
    .map(({ guarantee, name }) => {
      const caught = bugs.filter(({ caughtBy }) => caughtBy === name).map(nameOf);
      return `| ${guarantee} | ${name} | ${caught.join(', ')} |\n`;
    });
  return `| | what must hold | is broken by |\n|---|---|---|\n${rows.join('')}`;
}

function nameOf(bug: Bug): string {
  const { scenario } = bug;
  return scenario === undefined
    ? `\`${bug.name}\``
    : `\`${bug.name}\` (in \`${scenarioNameOf(bug)}\`)`;
}

/** What stands between the marks of a text, if it has them. */
export function tableIn(text: string): string | undefined {
  const begin = text.indexOf(marks.begin);
  const end = text.indexOf(marks.end);
  return begin < 0 || end < begin ? undefined : text.slice(begin + marks.begin.length, end);
}
