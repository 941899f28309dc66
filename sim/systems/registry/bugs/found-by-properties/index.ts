/** The seeded bugs that properties catch. To add one: a constant in the file of its kind. */
import type { PropertyBug } from '../bug.ts';
import { identityBugs } from './identity.ts';
import { outboxBugs } from './outbox.ts';
import { shutdownBugs } from './shutdown.ts';
import { upgradeBugs } from './upgrade.ts';

export const propertyBugs: readonly PropertyBug[] = [
  ...identityBugs,
  ...outboxBugs,
  ...upgradeBugs,
  ...shutdownBugs,
];
