/** The program `npm run sim`: the command line around the list of systems. Its worker threads load this file again. */
import { program } from './cli/program.ts';
import { systems } from './systems/index.ts';

await program(systems, import.meta.url);
