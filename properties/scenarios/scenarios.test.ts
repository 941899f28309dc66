/** Properties of the registry over random interleavings of connections, messages, crashes, faults and restarts. */
import { describe, test } from 'vitest';
import { assertProperty, shortened, timeoutMsFor } from '../runner/property.ts';
import { emergencyEnds, keysMatch, noLeak } from './registry-properties.ts';

describe('the registry, whatever clients and crashes do', () => {
  test('no manager leaks and every invariant holds', { timeout: timeoutMsFor() }, () =>
    assertProperty(shortened(noLeak)),
  );

  test('isolation keys match from creation to cleanup', { timeout: timeoutMsFor() }, () =>
    assertProperty(shortened(keysMatch)),
  );

  test('emergency cleanup completes within 10 simulated seconds', { timeout: timeoutMsFor() }, () =>
    assertProperty(shortened(emergencyEnds)),
  );
});
