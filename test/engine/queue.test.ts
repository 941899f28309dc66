import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventQueue, type PlannedEvent, type QueuedEvent } from '../../sim/engine/event-queue.ts';

/** Few times on purpose: equal ones are where the order matters. */
const step = fc.oneof(
  fc.record({
    push: fc.record({ atMs: fc.nat(5), side: fc.constantFrom(0 as const, 1 as const) }),
  }),
  fc.record({ pop: fc.constant(true) }),
  fc.record({ cancel: fc.nat(20) }),
);

function planned(atMs: number, side: 0 | 1, id: number): PlannedEvent {
  return { kind: 'action', atMs, side, owner: undefined, id, fire() {} };
}

test('events come by time, then side, then insertion, and cancelled ones never', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new EventQueue();
      const model: QueuedEvent[] = [];
      let nextId = 0;
      const popFromModel = () => {
        const live = model.filter(({ cancelled }) => !cancelled);
        live.sort((a, b) => a.atMs - b.atMs || a.side - b.side || a.id - b.id);
        const [first] = live;
        if (first !== undefined) model.splice(model.indexOf(first), 1);
        return first;
      };

      for (const what of steps) {
        if ('push' in what) {
          const { atMs, side } = what.push;
          model.push(queue.push(planned(atMs, side, nextId++), 0));
        } else if ('pop' in what) {
          const peeked = queue.peek();
          const popped = queue.pop();
          expect(popped).toBe(peeked);
          expect(popped).toBe(popFromModel());
        } else {
          const chosen = model[what.cancel];
          if (chosen !== undefined) chosen.cancelled = true;
        }
      }

      for (let left = popFromModel(); left !== undefined; left = popFromModel()) {
        expect(queue.pop()).toBe(left);
      }
      expect(queue.pop()).toBeUndefined();
      expect(queue.size).toBe(0);
    }),
    { numRuns: 300 },
  );
});
