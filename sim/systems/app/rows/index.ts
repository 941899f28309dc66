/** The table: for each class of fault, a small scenario in which a naive chat server fails. */

import { wallClockRows } from './clock.ts';
import { connectionRows } from './connection.ts';
import { peerRows } from './peer.ts';
import { processRows } from './process.ts';
import type { Row } from './row.ts';

export const rows: readonly Row[] = [
  ...processRows,
  ...connectionRows,
  ...wallClockRows,
  ...peerRows,
];
