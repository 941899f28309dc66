/** The table: for each class of fault, a small story that a naive chat server does not survive. */

import type { Row } from './row.ts';
import { wallClockRows } from './rows-clock.ts';
import { connectionRows } from './rows-connection.ts';
import { peerRows } from './rows-peer.ts';
import { processRows } from './rows-process.ts';

export const rows: readonly Row[] = [
  ...processRows,
  ...connectionRows,
  ...wallClockRows,
  ...peerRows,
];
