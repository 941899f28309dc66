/** The command line around a system of another repository. */
import { program } from '../../sim/cli/program.ts';
import { toy } from './toy.ts';

const { name, description } = toy;
await program(
  [{ name, command: name, description, defaultScenario: 'ticks', options: [], open: () => toy }],
  import.meta.url,
);
