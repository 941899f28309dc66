/** Run as a program: prints the digest of the mixed world for a seed. */
import { mixedHosts, mixedOptions } from './mixed.ts';
import { runClean } from './support.ts';

const { digest } = await runClean(mixedHosts(), mixedOptions(Number(process.argv[2])));
console.log(digest);
