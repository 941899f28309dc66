/** Connections whose peers send any sequence of frames, a few at a time: the long test draws more. */
import { test } from 'vitest';
import { assertBatches } from '../runner/batch.ts';
import { shortened, timeoutMsFor } from '../runner/property.ts';
import { framesProperty } from './frames-property.ts';

test(framesProperty.title, { timeout: timeoutMsFor() }, () =>
  assertBatches(shortened(framesProperty)),
);
