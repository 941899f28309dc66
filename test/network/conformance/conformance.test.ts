/** Every script, on the simulated network and on real loopback sockets: both must show the same. */
import { expect, test } from 'vitest';
import { onBothNetworks } from './both-networks.ts';
import { scripts } from './scripts.ts';

for (const [title, script] of Object.entries(scripts)) {
  test(`${title}, simulated as on loopback`, async () => {
    const { real, simulated } = await onBothNetworks(script);

    expect(simulated).toEqual(real);
  });
}
