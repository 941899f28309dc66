/** 20,000 sequences of frames and 20,000 upgrades that are hostile. */
import { test } from 'vitest';
import { assertBatches } from '../runner/batch.ts';
import { timeoutMsFor } from '../runner/property.ts';
import { framesProperty } from './frames-property.ts';
import { upgradesProperty } from './upgrades-property.ts';

test(framesProperty.title, { timeout: timeoutMsFor() }, () => assertBatches(framesProperty));

test(upgradesProperty.title, { timeout: timeoutMsFor() }, () => assertBatches(upgradesProperty));
